"""A kernel or a sandbox that refuses io_uring, as containers do: known before the first request."""

import ctypes
import struct
import subprocess

import pytest
from conftest import BIN

pytestmark = pytest.mark.skipif(not (BIN / "runner-io-uring").exists(),
                                reason="runner-io-uring is not built: liburing is missing")

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
IO_URING_SETUP = 425  # on every architecture
EPERM, ENOSYS = 1, 38


def refuse_io_uring(error):
    """A seccomp filter: load the number of the call; the one call fails, the others are let through."""
    code = b"".join(struct.pack("=HBBI", *step) for step in [
        (0x20, 0, 0, 0), (0x15, 0, 1, IO_URING_SETUP), (0x06, 0, 0, 0x00050000 | error),
        (0x06, 0, 0, 0x7fff0000)])
    steps = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0


@pytest.mark.parametrize("error,words", [(EPERM, "Operation not permitted"),
                                         (ENOSYS, "Function not implemented")])
@pytest.mark.parametrize("args", [["--probe"], ["-n", "5", "http://127.0.0.1:9/"]],
                         ids=["probe", "run"])
def test_a_refusal_is_one_line_and_exit_3(args, error, words):
    done = subprocess.run([BIN / "runner-io-uring", *args], capture_output=True, text=True,
                          timeout=60, preexec_fn=lambda: refuse_io_uring(error))
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert words in done.stderr and "io_uring" in done.stderr


def test_a_probe_says_nothing_where_it_works():
    done = subprocess.run([BIN / "runner-io-uring", "--probe"], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode in (0, 3)
    assert done.stdout == "" and done.stderr.count("\n") == (done.returncode == 3)
