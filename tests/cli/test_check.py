"""`concbench check`: two models against themselves, the floor it stores, and the runs that use it."""

import json
import re

import pytest

from conftest import run_program
from cli_helpers import SWEEP, concbench, runs_in, write_scenario
from schemas import errors


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A results directory with a floor, and what check said. On a busy machine a model may
    well differ from itself: exit code 3 is an answer too."""
    out = tmp_path_factory.mktemp("checked") / "out"
    done = run_program("concbench", "check", "--out", out, "--json", "--progress", "none",
                       "--budget", "14m", timeout=900)
    assert done.returncode in (0, 3), done.stderr
    return out, json.loads(done.stdout), done


def test_it_says_whether_the_machine_is_fit(checked):
    _, said, done = checked
    assert said["fit"] == (done.returncode == 0)
    assert bool(said["reason"]) == (done.returncode == 3)
    floors = said["floor"]["metrics"]
    told = re.match(r"Here differences below ([0-9.]+) % in CPU and ([0-9.]+) % in speed mean nothing(; larger ones count|: .+)\.$",
                    said["sentence"])
    for percent, metric in zip(told.groups(), ("cpu_per_request_ns", "throughput_per_s")):
        assert float(percent) == pytest.approx(100 * floors[metric]["floor_ratio"], abs=0.51)
    different = [row for row in said["controls"] if row["verdict"] == "different"]
    assert bool(different) == (done.returncode == 3)
    models = {row["model"] for row in said["controls"]}
    assert models == {"threads", "coroutines"}
    assert {row["metric"] for row in said["controls"]} >= {
        "throughput_per_s", "cpu_per_request_ns", "wall_ns", "latency_p99_ns"}


def test_what_it_stores(checked):
    out, said, _ = checked
    floor = json.loads((out / "floor.json").read_text())
    assert floor["fingerprint"] == said["floor"]["fingerprint"]
    assert floor["metrics"].keys() == said["floor"]["metrics"].keys()
    assert errors("floor", floor) == []
    for metric in floor["metrics"].values():
        assert metric["smallest_shown_ratio"] >= metric["floor_ratio"] >= 0
        assert len(metric["arms"]) == 2
    assert concbench("validate", out / "floor.json").stdout.endswith("noise floor, ok\n")
    (run,) = runs_in(out / "check")
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    assert len(results["controls"]) == 2 and len(results["cells"]) == 2
    assert all(len(c["trials"]) >= results["run"]["blocks"] for c in results["controls"])
    assert concbench("validate", run / "trials.jsonl").returncode == 0


def run_with(out, folder, *args):
    path = write_scenario(folder, models=["sequential", "threads"])
    done = concbench("run", path, "--out", out, "--blocks", 1, "--json",
                     "--no-report", *args)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "latest" / "results.json").read_text())


def is_percentile(name):
    return "_p50_" in name or "_p99_" in name  # known by their bucket: 1.6 % at least


def test_later_runs_take_the_floor(checked, tmp_path):
    out, said, _ = checked
    delta = run_with(out, tmp_path)["run"]["delta"]
    floors = said["floor"]["metrics"]
    for name, entry in delta.items():
        floor = floors.get(name, {}).get("floor_ratio", 0)
        least = .016 if is_percentile(name) else .01
        assert entry["value"] == pytest.approx(max(least, min(floor, .5)))
        assert entry["source"] == ("floor" if floor > least else
                                   "resolution" if is_percentile(name) else "default")


def test_another_machines_floor_is_none(checked, tmp_path):
    out, said, _ = checked
    other = tmp_path / "out"
    other.mkdir()
    floor = json.loads(json.dumps(said["floor"]))
    floor["fingerprint"]["kernel_release"] = "0.1"
    (other / "floor.json").write_text(json.dumps(floor))
    delta = run_with(other, tmp_path)["run"]["delta"]
    assert all(entry["source"] == ("resolution" if is_percentile(name) else "default")
               for name, entry in delta.items())
    (other / "floor.json").write_text("{")
    delta = run_with(other, tmp_path)["run"]["delta"]
    assert all(entry["source"] == ("resolution" if is_percentile(name) else "default")
               for name, entry in delta.items())


def test_delta_by_hand(tmp_path):
    results = run_with(tmp_path / "out", tmp_path, "--delta", "2.5%")
    assert results["run"]["delta"]["wall_ns"] == {"value": .025, "source": "option"}


def test_a_budget_chooses_the_blocks(tmp_path):
    path = write_scenario(tmp_path, load=SWEEP)
    done = concbench("run", path, "--budget", "1s", "--dry-run", "--json")
    plan = json.loads(done.stdout)
    assert (plan["blocks"], plan["blocks_wanted"], plan["budget_s"]) == (4, 12, 1)
    done = concbench("run", path, "--budget", "1s", "--dry-run")
    assert "budget 1 s: 4 of 12 blocks" in done.stdout
    done = concbench("run", path, "--out", tmp_path / "out", "--budget", "1h", "--blocks", 5,
                     "--json", "--no-report")
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())["run"]
    assert (run["blocks"], run["blocks_wanted"], run["budget_s"]) == (5, 5, 3600)
    assert run["trials_planned"] == 25


def test_rigorous_holds_the_baseline_against_itself(tmp_path):
    results = run_with(tmp_path / "out", tmp_path, "--preset", "rigorous")
    assert errors("results", results) == []
    assert [(c["model"], c["arm"]) for c in results["controls"]] == [("sequential", "A/A")]
    assert {t["arm"] for t in results["controls"][0]["trials"]} == {"A/A"}
    assert results["run"]["trials_planned"] == 3
    assert concbench("validate", tmp_path / "out" / "latest" / "trials.jsonl").returncode == 0


@pytest.mark.parametrize("args", [
    ["check", "more"], ["check", "--seed", "x"], ["run", "--budget", "soon"],
    ["run", "--budget", "0"], ["run", "--delta", "none"], ["run", "--delta", "99%"],
    ["run", "--budget", "5"], ["run", "--delta", "5"]])
def test_bad_command_lines(args):
    done = concbench(*args)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
