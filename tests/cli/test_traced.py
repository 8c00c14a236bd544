"""cell.trace: what became of each request of the warm trial, and no cost in the timed ones."""

import json
import sys

from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors
from test_described import runner_of


def run_of(folder, path, *args):
    done = concbench("run", path, "--out", folder / "out", "--blocks", 2, "--no-report", *args)
    assert done.returncode == 0, done.stderr
    run, = runs_in(folder / "out")
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    lines = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    assert [errors("journal", line) for line in lines if errors("journal", line)] == []
    return results, [line for line in lines if line["type"] == "trial"]


def without(words, word):
    return [each for each in words if each != word]


def test_warm_trials_are_traced_and_timed_ones_are_not(tmp_path):
    """A timed command line is what it was; the warm one has --trace besides."""
    path = write_scenario(tmp_path, models=["sequential", "threads", "processes", "coroutines", "null"],
                          load={"concurrency": [2, 4], "requests": 12})
    results, trials = run_of(tmp_path, path)
    warm = {(t["model"], t["concurrency"]): t for t in trials if t["pass"] == "warm"}
    timed = [t for t in trials if t["pass"] == "timed"]
    assert timed and all("--trace" not in t["command"] and "trace_ns" not in t["document"] for t in timed)
    for trial in timed:
        assert without(warm[trial["model"], trial["concurrency"]]["command"], "--trace") == trial["command"]
    for cell in results["cells"]:
        trace, document = cell["trace"], warm[cell["model"], cell["concurrency"]]["document"]
        rows = trace["rows"]
        assert trace["reason"] is None and trace["of"] == 12 and trace["setup_ns"] == document["setup_ns"] > 0
        assert rows == document["trace_ns"] and [row[0] for row in rows] == list(range(12))
        latencies = document["latency_sum_ns"]
        assert abs(sum(row[2] - row[1] for row in rows) - latencies) <= 0.02 * latencies
        assert {row[3] for row in rows} <= set(range(cell["concurrency"]))


def test_a_long_trace_is_cut_to_what_is_shown(tmp_path):
    """2,000 rows at the highest concurrency and where a model has no other, 200 elsewhere."""
    path = write_scenario(tmp_path, task="none", origin=None, models=["sequential", "threads"],
                          load={"concurrency": [1, 2], "requests": 3000})
    results, trials = run_of(tmp_path, path)
    rows = {(cell["model"], cell["concurrency"]): cell["trace"]["rows"] for cell in results["cells"]}
    assert {cell: len(of) for cell, of in rows.items()} == \
        {("sequential", 1): 2000, ("threads", 1): 200, ("threads", 2): 2000}
    assert {cell["trace"]["of"] for cell in results["cells"]} == {3000}
    for cell, of in rows.items():
        numbers, half = [row[0] for row in of], len(of) // 2
        assert numbers[:half] == list(range(half)) and numbers == sorted(set(numbers)) and numbers[-1] > 2900
    assert max(len(json.dumps(t)) for t in trials if t["pass"] == "warm") < 400000


def test_a_scenario_that_wants_traces_keeps_them_whole(tmp_path):
    """What a prediction looks at is the trace of a timed trial, which nobody thins."""
    path = write_scenario(tmp_path, task="none", origin=None, models=["threads"], options={"trace": "on"},
                          load={"concurrency": [1], "requests": 3000})
    results, trials = run_of(tmp_path, path)
    assert {t["command"].count("--trace") for t in trials} == {1}
    assert {len(t["document"]["trace_ns"]) for t in trials if t["pass"] == "timed"} == {3000}
    assert len(results["cells"][0]["trace"]["rows"]) == 2000


def test_the_other_tables_are_there_where_a_runner_wrote_them(tmp_path):
    path = write_scenario(tmp_path, task="block", origin=None, models=["coroutines", "executor"],
                          options={"block_ms": 1}, load={"concurrency": [2], "requests": 6})
    results, _ = run_of(tmp_path, path)
    callers = {cell["model"]: {row[3] for row in cell["trace"]["calls"]} for cell in results["cells"]}
    assert callers == {"coroutines": {"loop"}, "executor": {"executor"}}
    assert all("due" not in cell["trace"] and "queue" not in cell["trace"] for cell in results["cells"])


def test_a_runner_that_does_not_say_that_it_traces_is_not_asked_to(tmp_path):
    """One of version 1 of the contract, and one that describes itself without the flag."""
    for said in ("exit 2", {"flags": []}):
        folder = tmp_path / ("described" if isinstance(said, dict) else "silent")
        folder.mkdir()
        script = runner_of(folder, said)
        path = write_scenario(folder, models=["sequential"], load={"concurrency": [1], "requests": 4})
        results, trials = run_of(folder, path, "--runner", f"mine={script}", "--models", "mine")
        assert not [t for t in trials if "--trace" in t["command"]]
        assert results["cells"][0]["trace"] == \
            {"setup_ns": None, "of": None, "rows": None, "reason": "its runner takes no --trace"}


def test_a_runner_that_cannot_trace_after_all_keeps_its_cell(tmp_path):
    """The warm trial fails, and says why; the timed ones count."""
    script = runner_of(tmp_path, {})
    script.write_text(script.read_text().replace("#!/bin/sh\n", "#!/bin/sh\ncase \"$*\" in *--trace*) exit 2;; esac\n", 1))
    path = write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 4})
    results, _ = run_of(tmp_path, path, "--runner", f"mine={script}", "--models", "mine")
    cell, = results["cells"]
    assert cell["status"] == "ok" and cell["trace"]["reason"] == "the warm trial is not valid"
