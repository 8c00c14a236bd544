"""`concbench tune`: the search for a number of workers, and the run that confirms it."""

import json
import re

import pytest

from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """The results of a small tune, and what was printed."""
    folder = tmp_path_factory.mktemp("tuned")
    path = write_scenario(folder, models=["sequential", "coroutines"], baseline="sequential",
                          origin={"bytes": 100, "delay_ms": 5}, load={"concurrency": [4], "requests": 8})
    done = concbench("tune", path, "--concurrency", "1,2,4", "--budget", "10s", "--out", folder / "out",
                     "--json", "--progress", "none", timeout=600)
    assert done.returncode in (0, 4), done.stderr
    (run,) = runs_in(folder / "out")
    return json.loads(done.stdout), json.loads((run / "results.json").read_text()), run


def test_the_answer_is_one_sentence(tuned):
    said, results, run = tuned
    tune = results["tune"]
    assert said["tune"]["answer"] == tune["answer"] and said["tune"].keys() == tune.keys()
    first = re.match(r"(Coroutines|Sequential), (1|2|4) in flight(, the largest tried)?: [0-9,.]+ requests/s", tune["answer"])
    assert first, tune["answer"]
    if first[1] == "Coroutines":
        assert "sequential, one at a time: " in tune["answer"]
    else:  # a machine too busy to look beyond 1 in ten seconds
        assert [m["chosen"] for m in tune["models"] if m["model"] == "coroutines"] == [1]
    assert results["scenarios"][0]["verdict"]["answer"] == tune["answer"]
    heading = re.search("<h2[^>]*>(.*?)</h2>", (run / "report.html").read_text())[1]
    assert heading.replace("\u00a0", " ") == tune["answer"]


def test_the_search_is_not_among_the_evidence(tuned):
    """The header has what it saw; every trial of the journal is of the confirmation."""
    _, results, run = tuned
    lines = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    cells = {(c["model"], c["concurrency"]) for c in lines[0]["plan"]}
    trials = [line for line in lines if line["type"] == "trial"]
    assert {(t["model"], t["concurrency"]) for t in trials} <= cells
    assert sum(len(c["trials"]) for c in results["cells"]) == sum(t["pass"] == "timed" for t in trials)
    searched = lines[0]["tune"]
    assert searched["search_trials"] >= sum(len(p["values"]) for m in searched["models"] for p in m["points"]) > 0
    for model in results["tune"]["models"]:
        cell = next(c for c in results["cells"]
                    if (c["model"], c["concurrency"]) == (model["model"], model["chosen"]))
        summary = cell["summary"]["throughput_per_s"]
        assert model["value"] == {key: summary[key] for key in ("median", "low", "high", "n")}


def test_it_is_an_ordinary_run(tuned):
    _, results, run = tuned
    assert errors("results", results) == []
    assert concbench("validate", run / "trials.jsonl").returncode == 0
    assert concbench("export", "-f", "csv-long", run).returncode == 0
    (run / "results.json").unlink()
    assert concbench("report", run).returncode == 0
    assert json.loads((run / "results.json").read_text()) == results


def test_it_is_not_resumed(tuned, tmp_path):
    _, _, run = tuned
    cut = tmp_path / run.name
    cut.mkdir()
    (cut / "trials.jsonl").write_text("".join((run / "trials.jsonl").read_text().splitlines(keepends=True)[:-1]))
    done = concbench("run", "--resume", cut)
    assert done.returncode == 2 and "concbench tune" in done.stderr


@pytest.mark.parametrize("limit, begins", [("60s", "Coroutines hold 99 % within 60.0 s at 500 requests/s with 1 in flight"),
                                           ("1us", "No number that was tried holds 99 % within 1.00 \u00b5s at 500 requests/s")])
def test_a_p99_to_hold(limit, begins, tmp_path):
    """A limit that any machine keeps is kept with the fewest workers, and one that none keeps with no number."""
    path = write_scenario(tmp_path, models=["coroutines"], baseline="coroutines", origin={"bytes": 100},
                          load={"concurrency": [4], "requests": 8})
    done = concbench("tune", path, "--p99", limit, "--rate", 500, "-c", "1,2", "--budget", "15s", "--out", tmp_path / "out",
                     "--json", "--no-report", "--progress", "none", timeout=600)
    assert done.returncode in (0, 4), done.stderr
    tune = json.loads(done.stdout)["tune"]
    assert tune["answer"].startswith(begins) and tune["metric"] == "response_p99_ns"
    (model,) = tune["models"]
    assert model["met"] is (limit == "60s")
    (run,) = runs_in(tmp_path / "out")
    assert errors("results", json.loads((run / "results.json").read_text())) == []


def test_a_dry_run_names_what_may_be_tried():
    done = concbench("tune", "slow-origin", "-m", "sequential,threads", "-c", "1,2,7", "--seed", 5, "--budget", "1m", "--dry-run")
    assert (done.returncode, done.stdout.splitlines()) == (0, [
        "slow-origin: the search may try these numbers of workers", "  sequential: 1 in flight",
        "  threads: 3 numbers from 1 to 7 in flight",
        "The search takes about 30 s; measuring its choice afresh takes about as long. Seed 5."])
    told = json.loads(concbench("tune", "slow-origin", "-m", "threads", "-c", "1,2,7", "--dry-run", "--json").stdout)
    assert told["models"] == [{"model": "threads", "numbers": [1, 2, 7], "skip_reason": None}]
    assert (told["budget_s"], told["metric"]) == (180, "throughput_per_s")


@pytest.mark.parametrize("words, named", [
    (["slow-origin", "--cacert", "x.pem"], "--cacert needs an https URL"),
    (["slow-origin", "--resolve", "a:80:127.0.0.1"], "--resolve belongs to --url"),
    (["slow-origin", "--origin", "http://127.0.0.1:1", "--url", "http://127.0.0.1:1/"], "--origin and --url"),
    ([], "one scenario"),
    (["slow-origin", "mini-ab"], "one scenario"),
    (["slow-origin", "--p99", "50ms"], "--rate"),
    (["slow-origin", "--rate", "500"], "--p99"),
    (["slow-origin", "--p99", "50", "--rate", "500"], "--p99"),
    (["slow-origin", "--p99", "50ms", "--rate", "500", "--within", "5%"], "--within"),
    (["slow-origin", "--within", "5"], "--within"),
    (["faults-refused"], "counts failures"),
], ids=" ".join)
def test_what_is_refused(words, named, tmp_path):
    done = concbench("tune", *words, "--out", tmp_path / "out")
    assert done.returncode == 2 and named in done.stderr, done.stderr
    assert runs_in(tmp_path / "out") == []
