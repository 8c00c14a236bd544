"""concbench run --until settled: blocks until every comparison has its word."""

import json

import pytest

from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors

SLEEP = {"load": {"concurrency": [2], "requests": 4}, "task": "sleep", "origin": None,
         "options": {"sleep_ms": 1}, "baseline": "threads"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Of two scenarios one has nothing to compare, and stops at the first look, after 8 blocks. The other compares a
    program with itself by a margin so small that it can never be called the same."""
    folder = tmp_path_factory.mktemp("until")
    alone = write_scenario(folder, "alone", models=["threads"], **SLEEP)
    twins = write_scenario(folder, "twins", models=["threads", "again"],
                           runners=[{"name": "again", "model": "threads", "flags": ["--stack-bytes", "1048576"]}],
                           **SLEEP)
    done = concbench("run", alone, twins, "--out", folder / "out", "--until", "settled", "--blocks", 11,
                     "--delta", "0.01%", "--budget", "1h", "--seed", 7, "--no-report")
    assert done.returncode == 0, done.stderr
    assert "until settled: at most these blocks, in 1 h" in done.stderr
    assert "Stopped after 8 blocks: there is nothing to compare" in done.stdout
    assert "11 blocks were made: " in done.stdout
    found, = runs_in(folder / "out")
    return found


def lines_of(run):
    return [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]


def shape_of(run):
    """What was measured, and why no more."""
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    assert [errors("journal", line) for line in lines_of(run) if errors("journal", line)] == []
    assert results["run"]["complete"] is True and results["run"]["until"] == "settled"
    return ({(cell["scenario"], cell["model"]): sorted({trial["block"] for trial in cell["trials"]})
             for cell in results["cells"]},
            {scenario["name"]: scenario["stopped"] for scenario in results["scenarios"]},
            results["run"]["blocks"], results["run"]["trials_planned"])


def test_a_settled_scenario_is_measured_no_more(run):
    blocks, stopped, most, planned = shape_of(run)
    assert blocks == {("alone", "threads"): list(range(8)), ("twins", "threads"): list(range(11)),
                      ("twins", "again"): list(range(11))}
    assert stopped["alone"] == {"blocks": 8, "why": "settled", "level": .016, "compared": 0, "open": 0}
    twins = stopped["twins"]
    assert (twins["blocks"], twins["why"], twins["level"]) == (11, "blocks", .006)
    assert twins["compared"] >= twins["open"] > 0
    assert (most, planned) == (11, 30)


def test_intervals_are_those_of_the_look(run):
    """After 11 blocks the level is that of the look after 12."""
    results = json.loads((run / "results.json").read_text())
    rows = [row for row in results["comparisons"] if row["low"] is not None]
    assert rows and all(.994 <= row["coverage"] < 1 for row in rows)


def test_it_is_resumed_wherever_it_was_cut_off(run, tmp_path):
    """Before and after the look that stopped a scenario, later, and in the memory pass."""
    lines = (run / "trials.jsonl").read_bytes().splitlines(keepends=True)
    kinds = [json.loads(line) for line in lines]
    stop = next(i for i, line in enumerate(kinds) if line["type"] == "stopped")
    memory = next(i for i, line in enumerate(kinds) if line["type"] == "memory")
    for number, end in enumerate([stop - 4, stop, stop + 4, memory + 1]):
        copy = tmp_path / str(number) / run.name
        copy.mkdir(parents=True)
        (copy / "trials.jsonl").write_bytes(b"".join(lines[:end]))
        done = concbench("run", "--resume", copy, "--no-report")
        assert done.returncode == 0, (end, done.stderr)
        again, before = shape_of(copy), shape_of(run)
        assert (again[0], again[2:]) == (before[0], before[2:]), end
        assert {name: one["why"] for name, one in again[1].items()} == {"alone": "settled", "twins": "blocks"}, end


def test_a_word_that_is_none(tmp_path):
    done = concbench("run", "--until", "done", "--dry-run")
    assert done.returncode == 2 and "--until: 'done' is not one of settled" in done.stderr


def test_the_budget_is_that_of_the_preset_or_three_minutes(tmp_path):
    path = write_scenario(tmp_path, models=["threads", "coroutines"], **SLEEP)
    plan = json.loads(concbench("run", path, "--until", "settled", "--dry-run", "--json").stdout)
    assert (plan["until"], plan["budget_s"], plan["blocks_wanted"], plan["blocks"]) == ("settled", 180, 64, 64)
    plan = json.loads(concbench("run", path, "--until", "settled", "--dry-run", "--json", "--requests", 200000,
                                "--preset", "rigorous").stdout)
    assert plan["budget_s"] > 1000 and 20 <= plan["blocks"] <= 24
