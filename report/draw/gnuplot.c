/* gnuplot.c: the process side of drawing; see gnuplot.h. plot.c and the
 * templates decide what it draws; render.c checks that its files are whole. */
#include "report/draw/gnuplot.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 2

int gnuplot_find(char *out_path, size_t size, struct err *err)
{
    if (paths_find("gnuplot", out_path, size))
        return 0;
    return err_set(err, EXIT_CODE_UNFIT,
                   "gnuplot is missing: install the package gnuplot-nox");
}

/* In the child: never returns. Only async-signal-safe calls. */
static _Noreturn void become(const char *program, char *const *argv, const char *folder,
                             const char *log, pid_t parent)
{
    /* no HOME: fontconfig then uses only the system's cache, and ~ has no meaning */
    char *const environment[] = {(char *)(uintptr_t) "LC_ALL=C.UTF-8",
                                 (char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};
    process_before_exec();
    process_die_with(parent, SIGKILL);
    int null = open("/dev/null", O_RDONLY);
    int out = -1;
    if (chdir(folder) == 0)
        out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    (void)execve(program, argv, environment);
    _exit(127);
}

/* Waits for pid until the deadline or a signal that ends us, then kills it. *out_status
 * is wait's. The signals are blocked (render.c) and read from a descriptor. */
static int reap(pid_t pid, uint64_t deadline_ns, int *out_status)
{
    sigset_t ending;
    process_ending_signals(&ending);
    AUTO_FD int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    AUTO_FD int signal_fd = signalfd(-1, &ending, SFD_CLOEXEC);
    bool is_late = fd < 0;
    while (!is_late) {
        uint64_t now = clock_ns();
        struct pollfd wait_for[] = {{.fd = fd, .events = POLLIN},
                                    {.fd = signal_fd, .events = POLLIN}};
        int left_ms = now < deadline_ns ? (int)((deadline_ns - now) / NS_PER_MS) + 1 : 0;
        int ready = poll(wait_for, 2, left_ms);
        if (ready > 0 && wait_for[0].revents)
            break;
        is_late = ready >= 0 || errno != EINTR;
    }
    if (is_late)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, out_status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return is_late ? -1 : 0;
}

/* Sets err to the last line that gnuplot wrote. */
static int tell(const char *folder, const char *log, const char *what, struct err *err)
{
    char path[PATH_MAX];
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, log);
    if (file_read(path, 1 << 20, &text, &size, NULL) || size == 0)
        return err_set(err, EXIT_CODE_UNFIT, "gnuplot %s", what);
    while (size > 0 && strchr(" \n\t^", text[size - 1]))
        text[--size] = '\0';
    const char *line = strrchr(text, '\n');
    return err_set(err, EXIT_CODE_UNFIT, "gnuplot %s: %.300s", what,
                   line ? line + 1 : text);
}

/* "gnuplot", options, every PROCESSES-th script from the first on, NULL; new. */
static char **arguments(const char *const *names, size_t count, size_t first,
                        bool has_png)
{
    const char *const options[] = {"gnuplot", "-d", "-e",
                                   has_png ? "formats = 'svg png'" : "formats = 'svg'"};
    const size_t given = COUNT_OF(options);
    char **argv = memory_calloc(given + count + 1, sizeof *argv);
    size_t used = 0;
    while (used < given) {
        argv[used] = memory_strdup(options[used]);
        used++;
    }
    for (size_t i = first; i < count; i += PROCESSES) {
        const size_t size = strlen(names[i]) + sizeof ".gp";
        argv[used] = memory_malloc(size);
        (void)snprintf(argv[used++], size, "%s.gp", names[i]);
    }
    return argv;
}

static void free_arguments(char **argv)
{
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    free(argv);
}

static pid_t start(const char *program, char *const *argv, const char *folder,
                   const char *log, struct err *err)
{
    const pid_t self = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become(program, argv, folder, log, self);
    if (pid < 0)
        (void)err_set(err, EXIT_CODE_UNFIT, "cannot start gnuplot: %s", strerror(errno));
    return pid;
}

int gnuplot_run(const char *program, const char *folder, const char *const *names,
                size_t count, bool has_png, uint64_t limit_ms, struct err *err)
{
    static const char *const logs[PROCESSES] = {"0.log", "1.log"};
    pid_t pids[PROCESSES];
    size_t started = 0;
    int status = 0;
    for (size_t i = 0; i < PROCESSES && i < count && !status; i++) {
        char **argv = arguments(names, count, i, has_png);
        pids[i] = start(program, argv, folder, logs[i], err);
        free_arguments(argv);
        status = pids[i] < 0 ? -1 : 0;
        started += !status;
    }
    uint64_t deadline_ns = clock_ns() + limit_ms * NS_PER_MS;
    char late[48];
    (void)snprintf(late, sizeof late, "took longer than %g s", (double)limit_ms / 1000);
    for (size_t i = 0; i < started; i++) {
        int how = 0;
        if (reap(pids[i], deadline_ns, &how))
            status = tell(folder, logs[i], late, err);
        else if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
            status = tell(folder, logs[i], "failed", err);
    }
    return status;
}
