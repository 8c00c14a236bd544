"""What a runner from elsewhere says of itself holds in a plan, in results.json and on the page, as what one of ours says."""

import json

import pytest
from cli_helpers import concbench, runs_in, write_scenario
from conftest import BIN, run_program

THREADS = json.loads(run_program("runner-threads", "--describe").stdout)


def runner_of(folder, said, name="mine"):
    """A command that is runner-threads, but for what it says of itself: an object, or a line of shell."""
    folder.mkdir(exist_ok=True)
    (folder / "said.json").write_text(json.dumps({**THREADS, "name": name, **said}) if isinstance(said, dict) else "")
    answer = f'cat "{folder}/said.json"; exit 0' if isinstance(said, dict) else said
    script = folder / "runner"
    script.write_text(f'#!/bin/sh\nfor word; do [ "$word" != --describe ] || {{ {answer}; }}; done\n'
                      f'exec "{BIN}/runner-threads" "$@"\n')
    script.chmod(0o755)
    return script


def cells_of(folder, said, **changes):
    """The plan's cells of the runner: {concurrency: why it is skipped, or None}."""
    load = {"concurrency": [1, 4], "requests": 8}
    path = write_scenario(folder, **{"models": ["threads"], "load": load, **changes})
    done = concbench("run", path, "--runner", f"mine={runner_of(folder, said)}", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return {cell["concurrency"]: cell["skip_reason"] for cell in json.loads(done.stdout)["cells"] if cell["model"] == "mine"}


def test_its_needs_are_compared_with_the_limits(tmp_path):
    assert cells_of(tmp_path, {}) == {1: None, 4: None}
    for need, words in [("descriptors", "open files"), ("threads", "threads or processes"), ("kib", "MiB of memory"),
                        ("mappings", "memory mappings")]:
        skipped = cells_of(tmp_path, {"needs": {**THREADS["needs"], need: 10**9}})
        assert words in skipped[1] and words in skipped[4], skipped


def test_one_that_makes_one_request_at_a_time_has_one_cell(tmp_path):
    assert cells_of(tmp_path, {"is_single": True}) == {1: None}


def test_a_task_that_it_does_not_name_is_skipped(tmp_path):
    origin = {"task": "sleep", "origin": None, "options": {"sleep_ms": 1}}
    assert cells_of(tmp_path, {}, **origin) == {1: None, 4: None}
    skipped = cells_of(tmp_path, {"tasks": ["http", "none"]}, **origin)
    assert skipped[1] == skipped[4] == "it does not run task 'sleep'; it says that it runs: http|none"


@pytest.mark.parametrize("answer", ["exit 2", "exit 0", "echo unknown option >&2; exit 1", "echo '{}'; exit 0",
                                    "echo '{'; exit 0", "kill -9 $$", "yes | head -c 300000; exit 0"])
def test_what_does_not_describe_itself_is_of_version_1(tmp_path, answer):
    assert cells_of(tmp_path, answer) == {1: None, 4: None}


def test_the_family_is_in_the_results_and_colours_the_page(tmp_path):
    path = write_scenario(tmp_path, models=["threads", "sequential"], load={"concurrency": [1], "requests": 8})
    mine, silent = runner_of(tmp_path / "a", {"family": "coroutines"}), runner_of(tmp_path / "b", "exit 2")
    done = concbench("run", path, "--runner", f"mine={mine}", "--runner", f"silent={silent}", "--blocks", 2,
                     "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    folder, = runs_in(tmp_path / "out")
    results = json.loads((folder / "results.json").read_text())
    assert results["scenarios"][0]["families"] == {"threads": "threads", "sequential": "single", "mine": "coroutines"}
    for name in ("results.json", "trials.jsonl"):
        assert run_program("concbench", "validate", folder / name).returncode == 0
    page = (folder / "report.html").read_text().lower()
    assert "#d55e00" in page or "#8f3b00" in page  # of coroutines: runner-coroutines is not among the models
    assert "#cc79a7" in page  # of others
    assert "#8230d8" not in page  # of loops
