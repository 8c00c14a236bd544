/* Tests of runtime/reasons: one text for each class, from whichever process or
 * thread has the first, and no secrets in it. */
#include "runtime/reasons.h"

#include "runtime/shared.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKERS 8

static int set_up(void **state)
{
    *state = shared_new(1, 1, false);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    shared_free(*state);
    return 0;
}

static void test_the_first_text_of_a_class_stays(void **state)
{
    struct reasons *reasons = &((struct shared *)*state)->reasons;
    assert_null(reasons_text(reasons, OUTCOME_TLS));
    assert_true(reasons_lack(reasons, OUTCOME_TLS));
    reasons_note(reasons, OUTCOME_TLS, "certificate %d", 1);
    reasons_note(reasons, OUTCOME_TLS, "certificate %d", 2);
    reasons_note(reasons, OUTCOME_STATUS, "status %d", 404);
    reasons_note(reasons, OUTCOME_OK, "no failure");
    assert_false(reasons_lack(reasons, OUTCOME_TLS));
    assert_string_equal(reasons_text(reasons, OUTCOME_TLS), "certificate 1");
    assert_string_equal(reasons_text(reasons, OUTCOME_STATUS), "status 404");
    assert_null(reasons_text(reasons, OUTCOME_OK));
    assert_null(reasons_text(reasons, OUTCOME_RESET));
}

static void test_a_child_s_text_is_seen_by_its_parent(void **state)
{
    struct reasons *reasons = &((struct shared *)*state)->reasons;
    pid_t pid = fork();
    if (pid == 0) {
        reasons_note(reasons, OUTCOME_RESET, "of the child");
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    reasons_note(reasons, OUTCOME_RESET, "of the parent");
    assert_string_equal(reasons_text(reasons, OUTCOME_RESET), "of the child");
}

static void *note_long(void *arg)
{
    static _Atomic int next;
    char text[2 * REASON_BYTES];
    memset(text, 'a' + next++, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    reasons_note(arg, OUTCOME_OTHER, "%s", text);
    return NULL;
}

static void test_threads_do_not_mix_their_texts(void **state)
{
    struct reasons *reasons = &((struct shared *)*state)->reasons;
    pthread_t threads[WORKERS];
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, note_long, reasons), 0);
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    const char *text = reasons_text(reasons, OUTCOME_OTHER);
    const char same[] = {text[0], '\0'};
    assert_int_equal(strlen(text), REASON_BYTES - 1);
    assert_int_equal(strspn(text, same), REASON_BYTES - 1);
}

static void assert_noted(const char *in, const char *out)
{
    struct shared *shared = shared_new(1, 1, false);
    reasons_note(&shared->reasons, OUTCOME_OTHER, "%s", in);
    assert_string_equal(reasons_text(&shared->reasons, OUTCOME_OTHER), out);
    shared_free(shared);
}

static void test_no_secrets_and_no_control_characters(void **state)
{
    (void)state;
    assert_noted("no http://u:p@h:1/x?token=abc&b=2 here", "no http://h:1/x? here");
    assert_noted("http://u:p@q@h", "http://h");
    assert_noted("'https://h/x#secret' 'http://h?a=1'", "'https://h/x#' 'http://h?'");
    assert_noted("a ? b // c", "a ? b // c");
    assert_noted("http://", "http://");
    assert_noted("line\n\x1b[2J\xff", "line ?[2J?");
}

static void assert_redirect(const char *location, const char *out)
{
    struct shared *shared = shared_new(1, 1, false);
    reasons_note_redirect(&shared->reasons, 302, location);
    reasons_note_redirect(&shared->reasons, 301, "http://second/");
    assert_string_equal(reasons_text(&shared->reasons, OUTCOME_OK), out);
    shared_free(shared);
}

static void test_a_redirect_says_where(void **state)
{
    (void)state;
    assert_redirect("https://example.org/", "302 to https://example.org/");
    assert_redirect("/in?session=1#a", "302 to /in?");
    assert_redirect("https://u:p@example.org/?a=b", "302 to https://example.org/?");
    assert_redirect(NULL, "302 to nowhere: no Location");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_text_of_a_class_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_child_s_text_is_seen_by_its_parent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_threads_do_not_mix_their_texts, set_up,
                                        tear_down),
        cmocka_unit_test(test_no_secrets_and_no_control_characters),
        cmocka_unit_test(test_a_redirect_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
