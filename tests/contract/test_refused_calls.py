"""System calls that a sandbox refuses or an older kernel does not have."""

import ctypes
import json
import struct
import subprocess

import pytest
from conftest import BIN

NEEDS_IO_URING = pytest.mark.skipif(not (BIN / "runner-io-uring").exists(),
                                    reason="runner-io-uring is not built: liburing is missing")

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
IO_URING_SETUP, EPOLL_PWAIT2 = 425, 441  # on every architecture
EPERM, ENOSYS = 1, 38


def refuse(call, error):
    """A seccomp filter: load the number of the call; the one call fails, the others are let through."""
    code = b"".join(struct.pack("=HBBI", *step) for step in [
        (0x20, 0, 0, 0), (0x15, 0, 1, call), (0x06, 0, 0, 0x00050000 | error),
        (0x06, 0, 0, 0x7fff0000)])
    steps = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0


@NEEDS_IO_URING
@pytest.mark.parametrize("error,words", [(EPERM, "Operation not permitted"),
                                         (ENOSYS, "Function not implemented")])
@pytest.mark.parametrize("args", [["--probe"], ["-n", "5", "http://127.0.0.1:9/"]],
                         ids=["probe", "run"])
def test_a_refused_io_uring_is_one_line_and_exit_3(args, error, words):
    done = subprocess.run([BIN / "runner-io-uring", *args], capture_output=True, text=True,
                          timeout=300, preexec_fn=lambda: refuse(IO_URING_SETUP, error))
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert words in done.stderr and "io_uring" in done.stderr


@NEEDS_IO_URING
def test_a_probe_says_nothing_where_it_works():
    done = subprocess.run([BIN / "runner-io-uring", "--probe"], capture_output=True, text=True,
                          timeout=300)
    assert done.returncode in (0, 3)
    assert done.stdout == "" and done.stderr.count("\n") == (done.returncode == 3)


def test_epoll_without_precise_waiting(origin):
    """Before Linux 5.11 epoll knows milliseconds only; requests that are due are not early."""
    done = subprocess.run([BIN / "runner-epoll", "--json", "-n", "50", "-c", "5", "--rate", "500",
                           "--arrivals", "fixed", origin + "/bytes/10"], capture_output=True,
                          text=True, timeout=300, preexec_fn=lambda: refuse(EPOLL_PWAIT2, ENOSYS))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] == 50
    assert document["measured_ns"] > 0.09e9
