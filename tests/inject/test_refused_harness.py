"""concbench, its report and its origin on a system that has no more of something: see test_refused.py."""

import json

import pytest
from conftest import BIN, run_program
from test_refused import attempt, both, check, pytestmark  # noqa: F401 (pytest looks for the mark)

SCENARIO = {"title": "t", "question": "q", "models": ["sequential", "threads"], "baseline": "sequential",
            "origin": {"bytes": 10}, "load": {"concurrency": [1], "requests": 4}}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "tiny.json"
    path.write_text(json.dumps(SCENARIO))
    return path


@pytest.fixture(scope="module")
def results(scenario):
    """Of a run of it: they have every part that larger ones have, and cost a fifth of the committed sample."""
    done = run_program("concbench", "run", scenario, "--blocks", 1, "--no-report", "--out", scenario.parent / "out")
    assert done.returncode == 0, done.stderr
    return scenario.parent / "out" / "latest" / "results.json"


def says(text):
    """A right end prints that."""
    return lambda trial: text in trial.stdout


@pytest.fixture
def verbs(scenario, results):
    concbench = BIN / "concbench"
    return {
        "list": ([concbench, "list"], says("slow-origin")),
        "doctor": ([concbench, "doctor"], says("gnuplot")),
        "validate": ([concbench, "validate", results], lambda trial: True),
        "dry run": ([concbench, "run", scenario, "--dry-run"], says("tiny")),
        "compare": ([concbench, "compare", results, results], says("tiny")),
        "merge": ([concbench, "merge", "both.json", results, results], lambda trial: True),
        "run": ([concbench, "run", scenario, "--blocks", 1, "--no-report"], lambda trial: True),
        "conform": ([concbench, "conform", BIN / "runner-sequential"], lambda trial: True),
        "report": ([BIN / "concbench-report", "--out", "page", results], says("report.html")),
    }


VERBS = ["list", "doctor", "validate", "dry run", "compare", "merge", "run", "conform", "report"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_harness_without_memory_ends_with_one_line(verb, verbs, tmp_path):
    command, is_right = verbs[verb]
    assert both(tmp_path, command, "malloc", VERBS.index(verb), is_right, step=23) > 0


@pytest.mark.parametrize("call", ["fork", "pthread_create", "socket", "mmap", "write"])
@pytest.mark.parametrize("verb", ["run", "report"])
def test_the_harness_is_refused(verb, call, verbs, tmp_path):
    command, is_right = verbs[verb]
    both(tmp_path, command, call, 5, is_right, step=41)


def test_the_report_leaves_no_folder_whenever_memory_ends(verbs, tmp_path):
    """gnuplot works in a temporary folder; a part of these numbers comes while there is one."""
    command, is_right = verbs["report"]
    ends, at = 0, 300
    while True:
        trial = attempt(tmp_path / "one", command, "malloc", at, False)
        check(trial, "malloc", f"malloc {at} and on", is_right)
        if not trial.is_hit:
            break
        ends, at = ends + 1, int(at * 1.3)
    assert ends > 5
