"""What a runner from elsewhere says of itself holds in a plan, in results.json and on the page, as what one of ours says."""

import json
import os

import pytest
from cli_helpers import concbench, runs_in, write_scenario
from conftest import BIN, processes_with_token, run_program

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
                                    "echo '{'; exit 0", "kill -9 $$", "yes | head -c 300000; exit 0",
                                    "exec sleep 600"])
def test_what_does_not_describe_itself_is_of_version_1(tmp_path, answer):
    assert cells_of(tmp_path, answer) == {1: None, 4: None}


def test_what_it_leaves_running_is_ended(tmp_path):
    token = f"left-{os.getpid()}"
    daemon = f"setsid env TEST_TOKEN={token} sleep 600 >/dev/null 2>&1 &\nsleep .2; exit 2"
    assert cells_of(tmp_path, daemon) == {1: None, 4: None}
    assert not processes_with_token(token)


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


def with_pool(**changes):
    """A knob that none of our models has."""
    knob = {"name": "pool-size", "type": "number", "min": 1, "max": 64, "choices": None, "default": 8, "about": "", "is_knob": True}
    return {"flags": [{**knob, **changes}, *THREADS["flags"]]}


def models_of(done):
    assert done.returncode == 0, done.stderr
    return list(dict.fromkeys(cell["model"] for cell in json.loads(done.stdout)["cells"]))


def test_its_knobs_are_swept_like_ours(tmp_path):
    mine = runner_of(tmp_path, with_pool())
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [1], "requests": 8})
    sweep = [word for text in ("pool_size=4,16", "stack_bytes=65536") for word in ("--sweep", text)]
    done = concbench("run", path, "--runner", f"mine={mine}", *sweep, "--dry-run", "--json")
    assert set(models_of(done)) == {"threads.stack-65536", "mine.pool-4.stack-65536", "mine.pool-16.stack-65536"}
    for text, words in [("pool_size=0", "from 1 to 64"), ("pool_size=65", "from 1 to 64"), ("pond_size=4", "did you mean")]:
        done = concbench("run", path, "--runner", f"mine={mine}", "--sweep", text, "--dry-run")
        assert done.returncode == 2 and (words in done.stderr or "not a knob" in done.stderr), done.stderr


def test_a_scenario_sweeps_a_command_beside_it(tmp_path):
    runner_of(tmp_path, with_pool(type="choice", min=None, max=None, choices=["small", "large"]))
    runners = [{"name": "mine", "command": ["./runner", "--trace"]}]
    path = write_scenario(tmp_path, models=["mine", "threads"], baseline="mine", runners=runners, sweep={"pool_size": ["small", "large"]})
    done = concbench("run", path, "--dry-run", "--json")
    assert set(models_of(done)) == {"threads", "mine.small", "mine.large"}
    assert run_program("concbench", "validate", path).returncode == 0
    path = write_scenario(tmp_path, models=["mine", "threads"], runners=runners, sweep={"pool_size": ["medium"]})
    assert "expected one of small|large" in concbench("run", path, "--dry-run").stderr


def test_a_variant_has_its_flag_after_the_words_of_the_command(tmp_path):
    script = runner_of(tmp_path, {})
    path = write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 8})
    done = concbench("run", path, "--runner", f"mine={script} --trace", "--sweep", "buffer_bytes=2048,4096", "--models", "mine",
                     "--blocks", 2, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    folder, = runs_in(tmp_path / "out")
    results = json.loads((folder / "results.json").read_text())
    assert results["scenarios"][0]["models"] == ["mine.buffer-2048", "mine.buffer-4096"]
    assert [runner["command"][1:] for runner in results["scenarios"][0]["runners"]] == \
        [["--trace", "--buffer-bytes", "2048"], ["--trace", "--buffer-bytes", "4096"]]
    assert results["scenarios"][0]["families"] == {"mine.buffer-2048": "threads", "mine.buffer-4096": "threads"}
    assert {cell["status"] for cell in results["cells"]} == {"ok"}


def test_a_knob_of_nobody_is_refused_as_before(tmp_path):
    path = write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 8})
    for said in ({}, "exit 2"):
        done = concbench("run", path, "--runner", f"mine={runner_of(tmp_path, said)}", "--sweep", "switch=ucontext", "--dry-run")
        assert done.returncode == 2 and "none of the models has it" in done.stderr, done.stderr
