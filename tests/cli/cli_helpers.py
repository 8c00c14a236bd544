"""Small scenarios, and concbench run on them."""

import json
import os
import subprocess

import pytest

from conftest import BIN, run_program


SWEEP = {"concurrency": [1, 4], "requests": 8}


def scenario(**changes):
    """A scenario that takes milliseconds, with changes to its top level."""
    made = {
        "title": "A small one",
        "question": "Does it work?",
        "models": ["sequential", "threads", "coroutines"],
        "origin": {"bytes": 100, "delay_ms": 1},
        "load": {"concurrency": [4], "requests": 8},
    }
    made.update(changes)
    return {key: value for key, value in made.items() if value is not None}


def write_scenario(folder, name="small", **changes):
    path = folder / (name + ".json")
    path.write_text(json.dumps(scenario(**changes)))
    return path


def concbench(*args, **options):
    return run_program("concbench", *args, **options)


def runs_in(out):
    """The directories of the runs in out."""
    return [entry for entry in out.iterdir()
            if entry.is_dir() and not entry.is_symlink()] if out.exists() else []


def start_run(out, path, *args, token="none", before=None):
    """A concbench run that has finished its first block and goes on measuring; its processes have the
    token in their environment. before is called in the child, before the exec."""
    process = subprocess.Popen(
        [BIN / "concbench", "run", path, "--out", out, "--no-report", "--progress", "plain",
         *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before,
        env={**os.environ, "TEST_TOKEN": token})
    for line in process.stderr:
        if line.startswith("block 1/"):
            return process
    raise AssertionError("it ended before its first block did")


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """The directory of a finished run of two blocks."""
    folder = tmp_path_factory.mktemp("small")
    path = write_scenario(folder, load=SWEEP)
    done = concbench("run", path, "--out", folder / "out", "--blocks", 2,
                     "--seed", 5, "--no-report", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["complete"] is True and told["trials_invalid"] == 0
    assert os.readlink(folder / "out" / "latest") == told["id"]
    return folder / "out" / told["id"]
