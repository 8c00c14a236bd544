"""The four programs of runners/lesson: they do the same, and a class can read what differs."""

import difflib
import os
import subprocess
import time

import pytest
from conftest import BIN
from origin_process import Origin

LESSON = os.path.join(os.environ["CONCBENCH_SOURCE"], "runners", "lesson")
ALL = ["sequential", "threads", "processes", "coroutines"]
DIFFERENT_LINES = {"threads": 25, "processes": 25, "coroutines": 45}


def lines_of(name):
    with open(os.path.join(LESSON, name + ".c"), encoding="utf-8") as file:
        return file.read().splitlines()


def seconds(name, url, count):
    before = time.monotonic()
    done = subprocess.run([BIN / f"lesson-{name}", url, str(count)], capture_output=True, text=True, check=True)
    # AddressSanitizer says of itself that it does not fully know coroutines.
    assert [line for line in done.stderr.splitlines() if "makecontext/swapcontext" not in line] == []
    return time.monotonic() - before, done.stdout


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("count", [1, 10, 40])
def test_all_get_the_same(origin, name, count):
    _, said = seconds(name, origin + "/bytes/1000", count)
    assert said == f"{count} answers, {1000 * count} bytes\n"


def test_only_sequential_waits_in_a_row():
    """As the server sees it: how many at once, however slow the machine is."""
    server, took, peaks = Origin(), {}, {}
    for name in ALL:
        server.stats(reset=True)
        took[name], _ = seconds(name, server.url + "/bytes/10?delay_ms=300", 10)
        peaks[name] = server.stats()["peak_in_flight"]
    assert server.stop() == (0, "")
    assert took["sequential"] >= 3 and peaks["sequential"] == 1, peaks
    for name in ALL[1:]:
        assert 0.3 <= took[name] < took["sequential"] and peaks[name] > 1, (took, peaks)


@pytest.mark.parametrize("name", ALL)
def test_it_fits_on_a_page(name):
    assert 30 <= len(lines_of(name)) <= 60


@pytest.mark.parametrize("name", ALL[1:])
def test_what_differs_is_the_lesson(name):
    changed = [line for line in difflib.ndiff(lines_of("sequential"), lines_of(name)) if line[:2] in ("+ ", "- ")]
    assert len(changed) <= DIFFERENT_LINES[name]
