"""A system that has no more of something, at every place where a program asks for it.

refuse.c, preloaded, makes the n-th malloc (or epoll_ctl, ...) fail. Out of memory is exit code 1 and one line in
every program. Of anything else: it works anyway, or one line and an exit code of the table, or failed requests that
are counted. Never a signal, a hang, a wrong success, and nothing is left behind.

To try every n takes minutes: by default the first three are tried, where a program mostly begins something, and then
every 17th up to the 200th (in the harness, whose starts take longer, every 23rd or 41st), from a place that differs
between programs and between one refusal and all from there on, so that most numbers are tried by some program.
CONCBENCH_INJECT=all tries the first 200 of each in each."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from conftest import BIN, MODELS, WITHOUT_LIBCURL, wait_until_gone, why_not

SHIM = BIN.parent / "tests" / "librefuse.so"
pytestmark = pytest.mark.skipif(bool(os.environ.get("CONCBENCH_SANITIZE")),
                                reason="the sanitizers have a malloc of their own, which cannot be replaced")
MOST = 200
EVERY = os.environ.get("CONCBENCH_INJECT") == "all"
PROGRAM_CODES = (1, 2, 3, 4)
HANG_S = 120  # a program that takes so long, of milliseconds, hangs


class Trial:
    """What became of one execution."""

    def __init__(self, program, done, is_hit, left):
        self.program = program
        self.code, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
        self.is_hit, self.left = is_hit, left


def attempt(folder, command, call, at, only):
    """Runs the command with the at-th call refused; everything it may leave behind lies in folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    token = f"refused-{os.getpid()}-{folder.name}"
    mark = folder / "mark"
    program = pathlib.Path(command[0]).name
    environment = dict(os.environ, LD_PRELOAD=str(SHIM), REFUSE_CALL=call, REFUSE_AT=str(at), REFUSE_MARK=str(mark),
                       REFUSE_PROGRAM=program, TMPDIR=str(folder / "tmp"), TEST_TOKEN=token, CONCBENCH_LOCK_NAME=token)
    if only:
        environment["REFUSE_ONLY"] = "1"
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=HANG_S, cwd=folder,
                          stdin=subprocess.DEVNULL, env=environment)
    wait_until_gone(token)
    return Trial(program, done, mark.exists(), sorted(os.listdir(folder / "tmp")))


def check(trial, call, what, is_right):
    """Fails with what was tried unless the trial ended as it has to."""
    told = f"{what}: exit code {trial.code}, stderr {trial.stderr!r}, stdout {trial.stdout[-200:]!r}"
    assert trial.left == [], f"{told}: left in TMPDIR: {trial.left}"
    if trial.code == 0:
        assert is_right(trial), told
        return
    if call == "malloc" and trial.code == -6 and "OpenSSL internal error" in trial.stderr:
        return  # OpenSSL 3.5 aborts by itself where it gets no memory for a thread's data
    # pthread_create does not say whether it was memory that it did not get
    if call == "malloc" and not (trial.code == 3 and "cannot make thread" in trial.stderr):
        assert trial.code == 1, told
        assert "memory" in trial.stderr, told
    assert trial.code in PROGRAM_CODES, told
    said = [line for line in trial.stderr.splitlines() if line.startswith(trial.program + ": ")]
    assert len(said) == 1 and trial.stderr.endswith(said[0] + "\n"), told


def numbers(seed, step):
    if EVERY:
        return range(1, MOST + 1)
    return [*range(1, 4), *range(4 + seed % step, MOST + 1, step)]


def sweep(folder, command, call, seed, is_right, only, step):
    """Refuses one call after the other, until they are not made any more. Returns how many were refused."""
    hits = 0
    for at in numbers(seed, step):
        trial = attempt(folder, command, call, at, only)
        check(trial, call, f"{call} {at}{' only' if only else ' and on'}", is_right)
        if not trial.is_hit:
            break
        hits += 1
    return hits


def both(folder, command, call, seed, is_right, step=17):
    """One refusal, and all from one on, beside each other."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(sweep, folder / str(only), command, call, seed + 4 * only, is_right, only, step)
                for only in (True, False)]
        return sum(job.result() for job in jobs)


# --- runners

REQUESTS = 4
RUNNERS = ["null", *MODELS]


def all_are_counted(trial):
    """What a runner says of itself: no request is forgotten."""
    document = json.loads(trial.stdout)
    failed = sum(document["failed"].values())
    says_why = f" {failed} of {REQUESTS} requests failed: " in trial.stderr and trial.stderr.count("\n") == 1
    return document["ok"] + failed == REQUESTS and (says_why if failed else trial.stderr == "")


def all_are_made(trial):
    return all_are_counted(trial) and json.loads(trial.stdout)["ok"] == REQUESTS


def runner(model, url, *more):
    if reason := why_not(model):
        pytest.skip(reason)
    together = 1 if model in ("null", "sequential") else 2
    return [BIN / f"runner-{model}", "--json", "-n", REQUESTS, "-c", together, *more, url + "/bytes/10"]


@pytest.mark.parametrize("model", RUNNERS)
def test_a_runner_without_memory_ends_with_one_line(model, origin, tmp_path):
    assert both(tmp_path, runner(model, origin), "malloc", RUNNERS.index(model), all_are_made) > 0


LOOPS = ["coroutines", "callbacks", "stackless", "coroutine-threads", "process-loops", "executor", "epoll"]
MAKERS = {"pthread_create": ["threads", "thread-per-request", "executor", "coroutine-threads"],
          "fork": ["processes", "process-per-request", "process-loops"],
          "epoll_ctl": LOOPS,
          "socket": ["sequential", "threads", "processes", "coroutines", "stackless", "multi-poll", "epoll"],
          "mmap": [*LOOPS, "threads", "processes", "io-uring"],
          "write": ["executor", "processes"]}


@pytest.mark.parametrize("call,model", [(call, model) for call, models in MAKERS.items() for model in models])
def test_a_runner_that_is_refused(call, model, origin, tmp_path):
    hits = both(tmp_path, runner(model, origin), call, RUNNERS.index(model), all_are_counted)
    assert hits > 0 or call in ("write", "mmap")


@pytest.mark.parametrize("at", range(1, 4))
@pytest.mark.parametrize("model", [model for model in RUNNERS if model not in WITHOUT_LIBCURL and model != "null"])
def test_sub_requests_without_sockets_or_threads(model, at, origin, tmp_path):
    """Several transfers are one request there."""
    if model in ("processes", "process-per-request", "process-loops"):
        pytest.skip("it has no such task")
    command = runner(model, origin, "--task", "fan-out", "--fan-out", 3)
    for call in ("epoll_ctl", "pthread_create", "malloc"):
        trial = attempt(tmp_path / call, command, call, 40 * at if call == "malloc" else at, True)
        check(trial, call, f"{call} {at}", all_are_counted)


def test_a_refused_thread_is_no_crash_however_often(origin, tmp_path):
    """The threads there are must not be left alone with memory that is gone."""
    command = runner("coroutine-threads", origin)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        trials = list(pool.map(lambda i: attempt(tmp_path / str(i), command, "pthread_create", 1 + i % 2, True),
                               range(200 if EVERY else 24)))
    for trial in trials:
        assert trial.code == (3 if trial.is_hit else 0), trial.stderr
        assert not trial.is_hit or "thread" in trial.stderr and trial.stderr.count("\n") == 1


@pytest.mark.parametrize("model", RUNNERS)
def test_a_runner_in_a_storm_of_signals(model, origin, tmp_path):
    """Every call that waits is interrupted, over and over."""
    trial = attempt(tmp_path, runner(model, origin), "EINTR", 500, False)
    check(trial, "EINTR", "EINTR", all_are_counted)
