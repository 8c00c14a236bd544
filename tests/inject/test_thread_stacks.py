"""Threads where the C library's smallest stack is larger than what is asked for, as on arm64.

stacks.c, preloaded, has the minimum of glibc on arm64 and refuses less. Every model that has stacks runs, has at least
that much, and reports what it has; so threads and coroutines that were given the same option have the same."""

import json
import os
import subprocess

import pytest
from conftest import BIN, why_not

SHIM = BIN.parent / "tests" / "libstacks.so"
LEAST = 131072
WITH_STACKS = ["threads", "executor", "thread-per-request", "coroutines", "coroutine-threads"]
pytestmark = pytest.mark.skipif(bool(os.environ.get("CONCBENCH_SANITIZE")), reason="a sanitizer has its own stacks")


def document_of(model, *options):
    if why_not(model):
        pytest.skip(why_not(model))
    done = subprocess.run([BIN / f"runner-{model}", "--json", "-n", "8", "-c", "4", *options], text=True,
                          capture_output=True, check=False, env={**os.environ, "LD_PRELOAD": str(SHIM)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("model", WITH_STACKS)
@pytest.mark.parametrize("asked, given", [(None, LEAST), (16384, LEAST), (65536, LEAST), (262144, 262144)])
def test_the_stack_is_at_least_what_a_thread_needs(model, asked, given):
    document = document_of(model, "--task", "sleep", "--sleep-ms", "1", *(["--stack-bytes", str(asked)] if asked else []))
    assert document["ok"] == 8 and document["knobs"]["stack_bytes"] == given


def test_threads_of_sub_requests_have_it_too(origin):
    document = document_of("threads", "--task", "fan-out", "--fan-out", "3", origin + "/bytes/100")
    assert document["ok"] == 8 and document["failed"] == {}
