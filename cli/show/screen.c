/* screen.c: see screen.h. */
#include "cli/show/screen.h"

#include "common/array.h"
#include "common/clock.h"
#include "common/format.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MS 40
#define AROUND   5 /* lines beside those of the models and the question */

enum { PAIR_ANSWERED = 1, PAIR_WORK, PAIR_WAIT, PAIR_BLOCKED };

struct screen {
    const struct replay *replay;
    const struct screen_options *options;
    double now_ns;
    uint64_t last_ns; /* the clock at the last frame */
    bool is_paused, is_over;
    int row, width;
};

bool screen_is_possible(void)
{
    const char *term = getenv("TERM"); /* NOLINT(concurrency-mt-unsafe): one thread */
    return isatty(0) && isatty(1) && term && *term && strcmp(term, "dumb") != 0;
}

static int look_of(char letter)
{
    static const struct {
        char letter;
        int pair;
    } pairs[] = {
        {'=', PAIR_ANSWERED}, {'#', PAIR_WORK}, {'-', PAIR_WAIT}, {'!', PAIR_BLOCKED}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (pairs[i].letter == letter)
            return COLOR_PAIR(pairs[i].pair);
    }
    return isupper((unsigned char)letter) ? A_BOLD : A_NORMAL;
}

static void put_line(void *arg, const struct replay_line *line)
{
    struct screen *s = arg;
    (void)mvaddnstr(s->row, 0, line->text, s->width);
    for (size_t i = 0; i < line->bar_width && (int)(line->bar + i) < s->width; i++) {
        const char letter = line->text[line->bar + i];
        (void)mvaddch(s->row, (int)(line->bar + i),
                      (chtype)(unsigned char)letter | (chtype)look_of(letter));
    }
    s->row++;
}

/* Text on as many lines as it takes, broken at blanks. */
static void put_text(struct screen *s, const char *text)
{
    while (*text) {
        size_t length = strlen(text);
        if (length > (size_t)s->width) {
            length = (size_t)s->width;
            while (length > 1 && text[length] != ' ')
                length--;
            length = length > 1 ? length : (size_t)s->width;
            while (length > 1 && (text[length] & 0xC0) == 0x80)
                length--; /* not within a character */
        }
        (void)mvaddnstr(s->row++, 0, text, (int)length);
        text += length + strspn(text + length, " ");
    }
}

static void draw(struct screen *s)
{
    const double slow = s->options->slow;
    const bool is_end = s->now_ns >= s->replay->end_ns;
    char text[256];
    int height = 0;
    getmaxyx(stdscr, height, s->width);
    (void)erase();
    s->row = 0;
    put_text(s, s->options->question);
    const struct text factor = format_number(slow >= 1 ? slow : 1 / slow);
    (void)snprintf(text, sizeof text, "t = %s   ", format_value(s->now_ns, UNIT_NS).s);
    const size_t used = strlen(text);
    if (is_end || s->is_paused)
        (void)snprintf(text + used, sizeof text - used, is_end ? "the end" : "paused");
    else
        (void)snprintf(text + used, sizeof text - used, "%s times %s than it was",
                       factor.s, slow >= 1 ? "slower" : "faster");
    (void)attron(A_BOLD);
    put_text(s, text);
    (void)attroff(A_BOLD);
    s->row++;
    const int room = height - s->row - AROUND + 2;
    replay_draw(s->replay, s->now_ns, (size_t)s->width, room > 0 ? (size_t)room : 1,
                put_line, s);
    s->row = s->row + 3 <= height ? s->row + 1 : s->row;
    (void)mvaddnstr(s->row++, 0,
                    (size_t)s->width < sizeof REPLAY_LEGEND ? REPLAY_LEGEND_NARROW
                                                            : REPLAY_LEGEND,
                    s->width);
    (void)mvaddnstr(s->row, 0,
                    s->width < 60 ? "space right r q"
                                  : "space: pause   right: step   r: again   q: leave",
                    s->width);
    (void)refresh();
}

static void on_key(struct screen *s, int key)
{
    const double column_ns = s->replay->end_ns / 100;
    switch (key) {
    case ' ':
        s->is_paused = !s->is_paused;
        break;
    case KEY_RIGHT:
        s->is_paused = true;
        s->now_ns = replay_next(s->replay, s->now_ns, column_ns);
        break;
    case 'r':
        s->now_ns = 0;
        s->is_paused = s->options->is_stepped;
        break;
    case 'q':
        s->is_over = true;
        break;
    default:
        break; /* among them KEY_RESIZE: the next frame is drawn for it */
    }
}

static void set_colours(void)
{
    if (!has_colors() || start_color() == ERR)
        return;
    (void)use_default_colors();
    (void)init_pair(PAIR_ANSWERED, COLOR_GREEN, -1);
    (void)init_pair(PAIR_WORK, COLOR_BLUE, -1);
    (void)init_pair(PAIR_WAIT, COLOR_YELLOW, -1);
    (void)init_pair(PAIR_BLOCKED, COLOR_RED, -1);
}

bool screen_show(const struct replay *replay, const struct screen_options *options)
{
    struct screen s = {
        .replay = replay, .options = options, .is_paused = options->is_stepped};
    (void)setlocale(LC_CTYPE, "");
    (void)unsetenv("COLUMNS"); /* an exported size may be that of another window */
    (void)unsetenv("LINES");
    SCREEN *terminal = newterm(NULL, stdout, stdin);
    if (!terminal)
        return false;
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    (void)curs_set(0);
    set_colours();
    s.last_ns = clock_ns();
    while (!s.is_over && !*options->interrupted) {
        draw(&s);
        timeout(s.is_paused || s.now_ns >= replay->end_ns ? 10 * FRAME_MS : FRAME_MS);
        on_key(&s, getch());
        const uint64_t clock = clock_ns();
        if (!s.is_paused)
            s.now_ns = fmin(replay->end_ns,
                            s.now_ns + (double)(clock - s.last_ns) / options->slow);
        s.last_ns = clock;
    }
    (void)endwin();
    delscreen(terminal);
    return true;
}
