"""Task file, in every model that runs it: regular files, which never say "would block"."""

import os
import pathlib
import signal
import subprocess
import time

import pytest
from conftest import BIN, MODELS, WITHOUT_LIBCURL, document_of, processes_with_token, run_program, wait_until_gone

EVERY_MODEL = pytest.mark.parametrize("model", [m for m in MODELS if m not in WITHOUT_LIBCURL])
EVERY_OP = pytest.mark.parametrize("op", ["read", "write"])
LIMIT_BYTES = 65536


def concurrency_of(model, wanted):
    return 1 if model == "sequential" else wanted


def file_document(model, tmp_path, op, *args, **options):
    return document_of(f"runner-{model}", "--task", "file", "--file-op", op, "--file-dir", tmp_path, *args, **options)


@EVERY_OP
@EVERY_MODEL
def test_all_bytes_are_right(model, op, tmp_path):
    """A size that is no multiple of anything; every byte of each read is compared."""
    c = concurrency_of(model, 4)
    document = file_document(model, tmp_path, op, "--file-bytes", 300001, "-n", 12, "-c", c)
    assert (document["task"], document["ok"], document["failed"]) == ("file", 12, {})
    assert document["bytes_received"] == 12 * 300001
    assert document["peak_in_flight"] <= c
    assert document["connections_opened"] == 0
    knobs = document["knobs"]
    assert (knobs["file_op"], knobs["file_bytes"]) == (op, 300001)
    assert isinstance(knobs["file_system"], str)
    assert list(tmp_path.iterdir()) == []


def test_the_defaults(tmp_path):
    document = document_of("runner-sequential", "--task", "file", "-n", 3, env={"TMPDIR": str(tmp_path)})
    assert (document["bytes_received"], document["knobs"]["file_op"]) == (3 * 65536, "read")


def test_a_loop_has_one_call_under_way_an_executor_many(tmp_path):
    """A loop makes the call itself, and nobody begins meanwhile; an executor hands it to a thread, so all
    its tasks have begun when the first call is over."""
    def peak(model):
        return file_document(model, tmp_path, "write", "--file-bytes", 1, "-n", 200, "-c", 20)["peak_in_flight"]
    for model in ("coroutines", "callbacks", "stackless", "multi-poll"):
        assert peak(model) == 1, model
    assert peak("executor") == 20


@EVERY_MODEL
def test_no_room_is_an_error_before_the_first_request(model, tmp_path):
    """A limit on the size of files stands for a full disk: the same call fails the same way."""
    c = concurrency_of(model, 2)
    limited = f"ulimit -f {LIMIT_BYTES // 1024}; exec \"$@\""
    done = subprocess.run(["bash", "-c", limited, "-", BIN / f"runner-{model}", "--task", "file", "--file-dir", tmp_path,
                           "--file-bytes", str(LIMIT_BYTES + 1), "-n", "4", "-c", str(c)],
                          capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1), done.stderr
    assert f"{LIMIT_BYTES + 1} bytes" in done.stderr and "--file-dir" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing", "a file", "no files there"])
def test_a_directory_that_will_not_do_is_named(place, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")
    directory = {"missing": tmp_path / "none", "a file": plain, "no files there": pathlib.Path("/proc")}[place]
    for model in ("sequential", "processes"):
        done = run_program(f"runner-{model}", "--task", "file", "--file-dir", directory)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
        assert str(directory) in done.stderr and "--file-dir" in done.stderr


@pytest.mark.parametrize("model", ["sequential", "threads", "processes", "coroutines", "process-loops", "executor"])
def test_a_runner_that_is_killed_leaves_no_file(model, tmp_path):
    token = f"concbench-test-{os.getpid()}-{model}"
    process = subprocess.Popen([BIN / f"runner-{model}", "--task", "file", "--file-op", "write", "--file-dir", tmp_path,
                                "-n", "4000000000", "-c", str(concurrency_of(model, 3))],
                               env=dict(os.environ, TOKEN=token), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300

    def open_files():
        links = []
        for pid in processes_with_token(token):
            try:
                links += [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
            except OSError:
                pass  # closed, or ended, while we looked
        return [link for link in links if link.startswith(str(tmp_path))]
    while not open_files():
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=300)
    wait_until_gone(token)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_models_without_it_say_so(model):
    done = run_program(f"runner-{model}", "--task", "file")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'file'" in done.stderr
