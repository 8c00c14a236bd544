"""A system that refuses threads and processes while a model makes them: `ulimit -u`.

The limit does not hold for root, so the programs run as a user that has nothing else running;
where the tests are not root's, they run as the tests do, and the very first one is refused."""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile

import pytest
from conftest import BIN, processes_with_token

NOBODY = 65534
DELAY_MS = 8000  # a busy machine takes seconds to make what is refused, and none may have ended before
IS_ROOT = os.getuid() == 0
MAKERS = {"threads": r"thread \d+ of 100", "processes": r"process \d+ of 100",
          "executor": r"thread \d+ of 100", "thread-per-request": r"thread \d+",
          "process-per-request": r"process \d+", "process-loops": r"process 1 of",
          "coroutine-threads": r"thread 1 of"}


def run_limited(tasks, *command, **options):
    if IS_ROOT:
        options.update(user=NOBODY, group=NOBODY, extra_groups=[])
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC,
                                                                (tasks, tasks)), **options)


@pytest.fixture
def open_folder():
    """A directory that the other user may use, too."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="concbench-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def programs_can_be_reached():
    if IS_ROOT and run_limited(1000, "/bin/sh", "-c", f"test -x {BIN}/runner-threads").returncode:
        pytest.skip("another user cannot reach the programs under test")


@pytest.mark.parametrize("tasks", [20, 1])
@pytest.mark.parametrize("model", MAKERS)
def test_what_is_refused_is_one_line_and_exit_3(model, tasks, origin):
    """No smaller number in silence, and none of those already made remains."""
    if tasks > 1 and (not IS_ROOT or MAKERS[model].endswith("1 of")):
        pytest.skip("it makes fewer, or others of this user count")
    token = f"refused-{os.getpid()}-{model}"
    done = run_limited(tasks, BIN / f"runner-{model}", "-n", 100, "-c", 100, "--json",
                       origin + f"/bytes/10?delay_ms={DELAY_MS}",
                       env={**os.environ, "TEST_TOKEN": token})
    assert done.returncode == 3, done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert re.search(r"\b" + MAKERS[model], done.stderr), done.stderr
    assert "Resource temporarily unavailable" in done.stderr
    assert processes_with_token(token) == []


def scenario_in(folder):
    path = folder / "refused.json"
    path.write_text(json.dumps({
        "title": "t", "question": "q", "models": ["threads", "processes", "coroutines"],
        "origin": {"bytes": 10, "delay_ms": 2000}, "load": {"concurrency": [100], "requests": 100}}))
    return path


@pytest.mark.skipif(not IS_ROOT, reason="needs a user without other processes")
def test_the_plan_knows_it_before_the_run(open_folder):
    done = run_limited(60, BIN / "concbench", "run", scenario_in(open_folder), "--dry-run", "--json",
                       cwd=open_folder)
    assert done.returncode == 0, done.stderr
    reasons = {cell["model"]: cell["skip_reason"] for cell in json.loads(done.stdout)["cells"]}
    assert reasons["coroutines"] is None
    for model in ("threads", "processes"):
        assert "needs 132 threads or processes, `ulimit -u` leaves room for" in reasons[model]


@pytest.mark.skipif(not IS_ROOT, reason="needs a user without other processes")
def test_what_the_plan_cannot_know_makes_the_trial_invalid(open_folder):
    """How many workers a command makes that does not describe itself is not known."""
    commands = {}
    for name, runner in (("mine", "threads"), ("forks", "processes")):
        commands[name] = open_folder / name
        commands[name].write_text(f'#!/bin/sh\n[ "$1" = --describe ] && exit 2\nexec {BIN}/runner-{runner} "$@"\n')
        commands[name].chmod(0o755)
    done = run_limited(60, BIN / "concbench", "run", scenario_in(open_folder), "--models", "coroutines",
                       "--runner", f"mine={commands['mine']}", "--runner",
                       f"forks={commands['forks']}", "--blocks", 1, "--no-report", cwd=open_folder)
    assert done.returncode == 4, done.stderr
    results = json.loads((open_folder / "results/latest/results.json").read_text())
    reasons = {cell["model"]: cell["trials"][0]["invalid_reason"] for cell in results["cells"]}
    assert reasons["coroutines"] is None
    for model, unit in (("mine", "thread"), ("forks", "process")):
        assert reasons[model]["class"] == "exit"
        assert f"cannot make {unit} " in reasons[model]["text"] and "of 100" in reasons[model]["text"]
