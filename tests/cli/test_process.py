"""What a program inherits from its parent does no harm: signals ignored or blocked, closed descriptors, limits."""

import os
import resource
import signal
import subprocess

import pytest
from cli_helpers import concbench, runs_in, start_run, write_scenario
from conftest import BIN, MODELS, SOURCE, processes_with_token, wait_until, wait_until_gone

VERBS = ["run", "rerun", "report", "compare", "merge", "check", "conform", "doctor", "list", "validate"]
PROGRAMS = ["concbench", "concbench-report", "concbench-origin", "concbench-launch", "runner-null",
            *(f"runner-{model}" for model in MODELS)]
ENDINGS = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]


def program(name):
    path = BIN / name
    if not path.exists():
        pytest.skip(f"{name} is not built")
    return path


def run_with(words, before, **options):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300,
                          preexec_fn=before, **options)


def run_small(folder, *args, before):
    return run_with([BIN / "concbench", "run", write_scenario(folder, models=["threads"]), "--out",
                     folder / "out", "--blocks", 1, "--progress", "plain", *args], before)


def said_to_full(*words):
    """The exit code and stderr of a program whose stdout is a full device."""
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([*map(str, words)], stdout=full, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_that_cannot_be_written_is_an_error(name, word):
    if word == "--version" and name in ("concbench-report", "concbench-launch"):
        pytest.skip("it has none")
    code, said = said_to_full(program(name), word)
    assert code == 3 and said == f"{name}: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize("words", [["help"], ["version"], ["list"], *([verb, "--help"] for verb in VERBS)], ids=" ".join)
def test_a_verb_that_cannot_write_says_so(words):
    code, said = said_to_full(BIN / "concbench", *words)
    assert code == 3 and said.endswith("cannot write to stdout: No space left on device\n")


@pytest.mark.parametrize("script", sorted(path.name for path in (SOURCE / "scripts").iterdir()
                                          if path.read_text(errors="replace").startswith("#!") and
                                          "argparse" in path.read_text(errors="replace")))
def test_the_help_of_a_script_that_cannot_be_written_is_an_error(script):
    code, said = said_to_full(SOURCE / "scripts" / script, "--help")
    assert code != 0 and said


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_closed_stdout_is_an_error_and_not_somebody_elses_file(name):
    done = run_with([program(name), "--help"], lambda: os.close(1))
    assert done.returncode == 3 and "cannot write to stdout: Bad file descriptor" in done.stderr


@pytest.mark.parametrize("fds", [[0], [1], [2], [0, 1, 2]], ids=str)
def test_closed_descriptors_do_no_harm(tmp_path, fds):
    done = run_small(tmp_path, before=lambda: [os.close(fd) for fd in fds])
    run, = runs_in(tmp_path / "out")
    assert done.returncode == (3 if 1 in fds else 0), done.stderr
    assert (run / "results.json").exists() and (run / "report.html").exists()


def ignore_children():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def block_everything():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


@pytest.mark.parametrize("before", [ignore_children, block_everything])
def test_inherited_signals_do_no_harm(tmp_path, before):
    done = run_small(tmp_path, before=before)
    run, = runs_in(tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (run / "report.html").exists()


def test_a_blocked_signal_still_ends_a_run(tmp_path):
    process = start_run(tmp_path / "out", write_scenario(tmp_path, models=["threads"]), "--blocks", 100, before=block_everything)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("number", ENDINGS)
def test_each_ending_signal_keeps_what_was_measured(tmp_path, number):
    token = f"ending-{os.getpid()}-{number}"
    process = start_run(tmp_path / "out", write_scenario(tmp_path, models=["threads"]), "--blocks", 100, token=token)
    process.send_signal(number)
    process.communicate(timeout=300)
    wait_until_gone(token)
    run, = runs_in(tmp_path / "out")
    assert process.returncode == -number and (run / "results.json").exists()


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_that_was_ignored_stays_so(tmp_path, number):
    process = start_run(tmp_path / "out", write_scenario(tmp_path, models=["threads"]), "--blocks", 2,
                        before=lambda: signal.signal(number, signal.SIG_IGN))
    process.send_signal(number)
    process.communicate(timeout=300)
    assert process.returncode == 0


def test_the_origin_ends_on_a_closed_terminal_unless_that_is_ignored():
    for before, ends in [(None, True), (lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN), False)]:
        with subprocess.Popen([BIN / "concbench-origin"], stdout=subprocess.PIPE, text=True, preexec_fn=before) as origin:
            assert origin.stdout.readline().startswith("http://")
            origin.send_signal(signal.SIGHUP)
            if not ends:
                origin.send_signal(signal.SIGTERM)
            assert origin.wait(timeout=300) == 0


def limit_files(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 512, 8192])
def test_a_limit_on_the_size_of_files_is_told(tmp_path, size):
    done = run_small(tmp_path, before=limit_files(size))
    assert done.returncode == 3
    assert "File too large" in done.stderr and str(tmp_path / "out") in done.stderr, done.stderr


def test_a_runner_has_the_defaults_and_nothing_blocked(tmp_path):
    """Whatever the harness ignores or its parent blocked."""
    told = tmp_path / "told"
    runner = tmp_path / "runner"
    runner.write_text(f"#!/bin/sh\ngrep -E 'Sig(Ign|Blk)' /proc/self/status > {told}\nexit 1\n")
    runner.chmod(0o755)

    def before():
        block_everything()
        ignore_children()
    run_small(tmp_path, "--no-report", "--runner", f"told={runner}", before=before)
    for line in told.read_text().splitlines():
        assert int(line.split()[1], 16) & 0x7fffffff == 0, line  # 32 and 33 are the C library's own


@pytest.mark.parametrize("kib", [32, 64, 255, 256])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_small_stack_is_survived_or_refused_in_words(name, kib, origin):
    words = [program(name), *(["-n", 2, f"{origin}/bytes/9"] if name.startswith("runner-") else ["--help"])]

    def before():
        resource.setrlimit(resource.RLIMIT_STACK, (kib << 10, kib << 10))
    try:
        done = run_with(words, before, env={"PATH": os.environ["PATH"]})
    except OSError:
        pytest.skip("the kernel refuses to start anything")
    if kib < 256:
        assert done.returncode == 3 and f"only {kib} KiB" in done.stderr and "ulimit -s" in done.stderr
    else:
        assert done.returncode in (0, 3) and "KiB" not in done.stderr, done.stderr


@pytest.mark.parametrize("kib", [64, 256])
def test_a_run_with_a_small_stack(tmp_path, kib):
    done = run_small(tmp_path, before=lambda: resource.setrlimit(resource.RLIMIT_STACK, (kib << 10, kib << 10)))
    assert done.returncode == (3 if kib < 256 else 0), done.stderr
    assert kib >= 256 or "ulimit -s" in done.stderr
