"""Fixtures that every folder of tests may use. CTest sets the environment; a run by hand takes the
programs of the dev build: /usr/bin/python3 -m pytest tests/cli."""

import os
import pathlib
import subprocess
from types import SimpleNamespace

import pytest

SOURCE = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("CONCBENCH_SOURCE", str(SOURCE))
os.environ.setdefault("CONCBENCH_BIN", str(SOURCE / "build" / "dev" / "bin"))


@pytest.fixture(scope="session", name="source_dir")
def get_source_dir():
    """The top of the source tree."""
    return SOURCE


@pytest.fixture(scope="session", name="bin_dir")
def get_bin_dir():
    """The folder of the programs under test."""
    return pathlib.Path(os.environ["CONCBENCH_BIN"])


@pytest.fixture(scope="session", name="sanitized")
def get_sanitized():
    """True when the programs are built with a sanitizer: memory and CPU numbers mean nothing then."""
    return bool(os.environ.get("CONCBENCH_SANITIZE"))


@pytest.fixture(name="start_origin")
def make_start_origin(bin_dir):
    """start_origin(*flags) starts an origin and returns .url, .process; it is stopped at the end."""
    running = []

    def start(*flags):
        read_end, write_end = os.pipe()
        process = subprocess.Popen([bin_dir / "concbench-origin", "--port", "0", "--ready-fd",
                                    str(write_end), *flags], pass_fds=[write_end])
        running.append(process)
        os.close(write_end)
        with os.fdopen(read_end, encoding="ascii") as ready:
            url = ready.readline().strip()
        assert url, "the origin ended before it was ready"
        return SimpleNamespace(url=url, process=process)

    yield start
    for process in running:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
