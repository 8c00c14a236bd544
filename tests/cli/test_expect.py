"""concbench run --expect: what is said, stored and returned of a scenario's predictions."""

import importlib.machinery
import importlib.util
import json

import pytest

from cli_helpers import concbench, scenario, write_scenario
from conftest import SOURCE
from schemas import errors

WHY = ("Nothing here is about speed. The bounds are so far away that a loaded machine keeps them, or so absurd that no machine "
       "can. What is tested is what becomes of them, from the scenario's file to the exit code.")
HELD = {"says": "8 requests of 1 ms after each other take 8 ms.", "because": "Nothing else happens meanwhile.",
        "metric": "measured_ns", "model": "sequential", "concurrency": 1, "at_least": 8e6}
BROKEN = {"says": "A thread needs no memory.", "metric": "max_rss_bytes", "model": "threads", "concurrency": "highest",
          "at_most": 1}
UNKNOWN = {"says": "An open loop only.", "metric": "lag_p99_ns", "model": ["threads", "coroutines"], "concurrency": 4,
           "at_most": 1}
RATIO = {"says": "More threads are not smaller.", "metric": "max_rss_bytes", "model": "threads", "concurrency": 4,
         "to": "sequential", "at_least": 0.5, "at_most": 1000}


def run(folder, *flags, expect, blocks=3):
    path = write_scenario(folder, why=WHY, **({"expect": expect} if expect else {}))
    done = concbench("run", path, "--out", folder / "out", "--blocks", blocks, "--no-report", "--progress", "none",
                     *flags)
    results = json.loads((folder / "out/latest/results.json").read_text()) if done.returncode != 2 else None
    return done, results


@pytest.fixture(scope="module", name="mixed")
def make_mixed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("mixed"), "--expect", expect=[HELD, BROKEN, UNKNOWN, RATIO])


def test_each_is_printed_and_one_that_did_not_hold_is_exit_5(mixed):
    done, _ = mixed
    assert done.returncode == 5, done.stderr
    assert "expectations 2 held, 1 did not hold, 2 unknown" in done.stdout
    for item in (HELD, BROKEN, UNKNOWN, RATIO):  # once, also for two models
        assert done.stdout.count(f"    {item['says']}\n") == 1
    assert "held          measured_ns(sequential, 1) >= 8 ms: measured " in done.stdout
    assert "DID NOT HOLD  max_rss_bytes(threads, 4) <= 1 B: measured " in done.stdout
    assert "unknown       lag_p99_ns(coroutines, 4) <= 1 ns\n" in done.stdout
    assert "held          0.5 <= max_rss_bytes(threads, 4) / max_rss_bytes(sequential, 1) <= 1,000: measured " in done.stdout
    assert "coroutines at 4 has no lag_p99_ns: not measured in this kind of load" in done.stdout


def test_they_are_stored_under_the_schema(mixed):
    _, results = mixed
    assert errors("results", results) == []
    told = results["expectations"]
    assert [x["outcome"] for x in told] == ["held", "not-held", "unknown", "unknown", "held"]
    assert told[0]["because"] == HELD["because"] and told[1]["because"] is None
    assert told[0]["value"] >= 8e6 and told[2]["value"] is None
    assert (told[1]["model"], told[1]["concurrency"], told[1]["to"]) == ("threads", 4, None)
    assert (told[4]["to"], told[4]["to_concurrency"]) == ("sequential", 1)
    assert results["scenarios"][0]["why"] == WHY


def test_without_asking_they_are_stored_and_nothing_else(tmp_path):
    done, results = run(tmp_path, expect=[BROKEN])
    assert done.returncode == 0, done.stderr
    assert "expectations" not in done.stdout
    assert results["expectations"][0]["outcome"] == "not-held"


def test_as_json(tmp_path):
    done, results = run(tmp_path, "--expect", "--json", expect=[HELD])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["expectations"] == results["expectations"]
    assert results["expectations"][0]["outcome"] == "held"


@pytest.mark.parametrize("flags, reason", [
    (["--requests", "9"], "the load was changed with --requests"),
    (["--rate", "400", "--requests", "9"], "the load was changed with --requests, --rate"),
    (["--models", "threads"], "sequential at 1 is not in this run"),
])
def test_another_load_is_unknown_and_no_failure(tmp_path, flags, reason):
    done, results = run(tmp_path, "--expect", *flags, expect=[HELD])
    assert done.returncode == 0, done.stderr
    assert (results["expectations"][0]["outcome"], results["expectations"][0]["reason"]) == ("unknown", reason)
    assert errors("results", results) == []


def test_highest_is_that_of_the_file(tmp_path):
    done, results = run(tmp_path, "--expect", "--concurrency", "1,2", expect=[BROKEN])
    assert done.returncode == 0, done.stderr
    assert results["expectations"][0]["reason"] == "threads at 4 is not in this run"


def test_one_trial_is_too_few(tmp_path):
    done, results = run(tmp_path, "--expect", expect=[HELD], blocks=1)
    assert done.returncode == 0, done.stderr
    assert results["expectations"][0]["reason"] == "sequential at 1 has 1 valid trial; 2 are needed"


def test_asking_where_nothing_is_predicted_is_an_error(tmp_path):
    done, _ = run(tmp_path, "--expect", expect=None)
    assert done.returncode == 2 and "--expect: no scenario of this run predicts anything" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("changes, said", [
    ({"why": "Too short."}, "why"),
    ({"why": "line\n" * 60}, "why: expected one line"),
    ({"expect": [{**HELD, "metric": "requests"}]}, "expect[0].metric"),
    ({"expect": [HELD, {**HELD, "concurrency": 3}]}, None),  # it is sequential's: at 1 whatever it says
    ({"expect": [HELD, {**RATIO, "concurrency": 3}]}, "threads has no cell at concurrency 3"),
    ({"expect": [{**RATIO, "to": "processes"}]}, "'processes' is not one of models"),
    ({"expect": [{k: v for k, v in HELD.items() if k != "at_least"}]}, "expect[0]: expected a bound"),
])
def test_wrong_ones_are_one_line_with_the_path(tmp_path, changes, said):
    path = write_scenario(tmp_path, **changes)
    done = concbench("run", path, "--dry-run")
    if said is None:
        assert done.returncode == 0
        return
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert said in done.stderr and str(path) in done.stderr


def test_the_schema_of_scenarios_knows_them():
    good = scenario(why=WHY, expect=[HELD, BROKEN, UNKNOWN, RATIO])
    assert errors("scenario", good) == []
    for bad in ({"why": "Too short."}, {"expect": []}, {"expect": [{**HELD, "metric": 1}]}, {"expect": [{**HELD, "bound": 1}]},
                {"expect": [{**HELD, "concurrency": "lowest"}]}, {"overridden": ["--requests"]}):
        assert errors("scenario", {**good, **bad}), bad


def test_the_answer_key_uses_the_same_words(mixed):
    """scripts/expected writes inequalities as the harness does."""
    _, results = mixed
    loader = importlib.machinery.SourceFileLoader("expected", str(SOURCE / "scripts/expected"))
    script = importlib.util.module_from_spec(importlib.util.spec_from_loader("expected", loader))
    loader.exec_module(script)
    wanted = [script.inequality(scenario(), item, model) for item in (HELD, BROKEN, UNKNOWN, RATIO)
              for model in script.models_of(item)]
    assert [x["inequality"] for x in results["expectations"]] == wanted
