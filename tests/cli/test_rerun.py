"""concbench rerun measures again what a results.json says, names what differs first, and compares."""

import json

import pytest

from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """The folder of a run whose scenario is no longer there."""
    folder = tmp_path_factory.mktemp("old")
    path = write_scenario(folder, models=["sequential", "threads", "coroutines"],
                          load={"concurrency": [1, 4], "requests": 8})
    done = concbench("run", path, "--out", folder / "out", "--models", "threads,coroutines", "--blocks", 2,
                     "--seed", 5, "--delta", "3%", "--no-report")
    assert done.returncode == 0, done.stderr
    path.unlink()
    found, = runs_in(folder / "out")
    return found


def read(run):
    return json.loads((run / "results.json").read_text())


def edited(old, folder, change):
    """A results.json as the run's, changed."""
    results = read(old)
    change(results)
    path = folder / "edited.json"
    path.write_text(json.dumps(results))
    return path


def test_a_rerun_keeps_the_plan_and_compares(old, tmp_path):
    done = concbench("rerun", old, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0, done.stderr
    new, = runs_in(tmp_path / "out")
    then, now = read(old), read(new)
    assert errors("results", now) == []
    assert now["scenarios"][0]["load"] == then["scenarios"][0]["load"]
    assert now["scenarios"][0]["models"] == ["threads", "coroutines"]
    for key in ("seed", "blocks", "preset", "delta", "url", "work_tests_per_us", "trials_planned"):
        assert now["run"][key] == then["run"][key], key
    assert now["run"]["command"][:2] == ["concbench", "rerun"]
    orders = [{(cell["model"], cell["concurrency"], trial["block"], trial["position"])
               for cell in results["cells"] for trial in cell["trials"]} for results in (then, now)]
    assert orders[0] == orders[1] and len(orders[0]) == 8
    assert "Environment: no fact differs." in done.stderr.split("blocks (")[0]
    compared = concbench("compare", old, new)
    assert compared.returncode == 0
    assert done.stdout.endswith(compared.stdout) and old.name in compared.stdout


def test_what_differs_is_named_before_the_plan(old, tmp_path):
    def change(results):
        environment = results["environment"]
        environment["cpu"].update(model="Another CPU", count=77, load1_at_start=99)
        environment["kernel"]["release"] = "2.6.32"
        environment["memory"]["total_bytes"] = 4096
        environment["libraries"]["libcurl"] = "7.1.0"
        environment["build"].update(compiler="GNU 1.0", suite_version="0.0.1")
        environment["placement"]["runner_cpus"] = "70-76"

    done = concbench("rerun", edited(old, tmp_path, change), "--dry-run")
    assert done.returncode == 0, done.stderr
    differences, plan = done.stdout.split("scenario  ")
    for fact in ("cpu.model", "cpu.count", "kernel.release", "memory.total_bytes", "libraries.libcurl",
                 "build.compiler", "build.suite_version", "placement.runner_cpus"):
        assert fact in differences, fact
    assert "load1" not in differences and "Another CPU" in differences
    assert "2 blocks (default, seed 5)" in plan and "threads" in plan and "sequential" not in plan


def test_a_model_that_is_no_longer_there_is_named(old, tmp_path):
    def change(results):
        scenario = results["scenarios"][0]
        scenario["models"] = ["threads", "gone"]
        if scenario.get("baseline") == "coroutines":
            scenario["baseline"] = "gone"
        for cell in results["cells"]:
            cell["model"] = "gone" if cell["model"] == "coroutines" else cell["model"]

    done = concbench("rerun", edited(old, tmp_path, change), "--dry-run")
    assert "gone" in done.stdout + done.stderr
    assert done.returncode == 2 or "skipped" in done.stdout


@pytest.mark.parametrize("change, word", [
    (lambda r: r["run"].update(seed=-1), "seed"),
    (lambda r: r["run"].update(seed="5"), "seed"),
    (lambda r: r["run"].update(blocks=0), "blocks"),
    (lambda r: r["run"].update(blocks=10**9), "blocks"),
    (lambda r: r["run"].pop("preset"), "preset"),
    (lambda r: r["run"].update(preset="check"), "concbench check"),
    (lambda r: r["run"].update(url="http://***@127.0.0.1:1/"), "--url"),
    (lambda r: r.pop("environment"), "environment"),
    (lambda r: r.update(scenarios=[]), "plans 0"),
    (lambda r: r["scenarios"][0].update(task="no-such-task"), "task"),
    (lambda r: r["scenarios"][0]["load"].update(requests=10), "requests"),
    (lambda r: r["scenarios"][0]["load"].update(concurrency=[1, 1 << 40]), "concurrency"),
    (lambda r: r["cells"].pop(), "cells"),
    (lambda r: r.update(schema_version=2), "schema_version"),
])
def test_results_that_say_no_run_are_refused(old, tmp_path, change, word):
    done = concbench("rerun", edited(old, tmp_path, change), "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert word in done.stderr.splitlines()[-1]
    assert done.stdout == "" and runs_in(tmp_path / "out") == []


def test_it_takes_one_run(old, tmp_path):
    (tmp_path / "text.json").write_text("no JSON")
    merged = tmp_path / "merged.json"
    other = edited(old, tmp_path, lambda r: r["run"].update(id="another"))
    assert concbench("merge", merged, old, other).returncode == 0
    for words in ([], [old, old], [tmp_path / "none"], [tmp_path / "text.json"], [merged], ["--seed", 4, old]):
        done = concbench("rerun", *words)
        assert done.returncode == 2 and done.stderr.startswith("concbench: "), words
        assert done.stdout == ""
