"""The catalogue of scenarios: what is there, what each one says, and how long it takes."""

import importlib.machinery
import importlib.util
import json
import re

import pytest

from cli_helpers import concbench
from conftest import SOURCE

NAMES = """ten-requests ten-sleeps gather await-in-a-row countdown multiply game-stats fan-out-10k million-sleeps million-tasks keep-alive
    new-connections tls-handshakes tls-service http2 few-connections large-bodies tiny-bodies-buffer tail mixed-cpu-0 mixed-cpu-1
    mixed-cpu-10 blocking-in-loop core-scaling oversubscription quota open-loop faults-reset faults-stall faults-short
    python-sleeps python-requests python-gather python-countdown python-multiply same-libcurl countdown-languages
    faults-503 faults-refused switch-cost fork-heap jitter libcurl-versions database database-read""".split()
OLDER = ["slow-origin", "fast-origin", "mini-ab", "classic-mini-ab", "every-model", "ten-thousand"]
QUICK_S = 20  # on 2 CPUs
LONGER_S = {"million-tasks": 180}  # ten models in six languages, of which no part is the question


@pytest.fixture(scope="module", name="listed")
def list_scenarios():
    done = concbench("list", "--json")
    assert done.returncode == 0, done.stderr
    return {item["name"]: item for item in json.loads(done.stdout)["scenarios"]}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_listed_and_teaches(listed, name):
    assert "error" not in listed[name]
    scenario = json.loads((SOURCE / "scenarios" / f"{name}.json").read_text())
    assert scenario["question"].endswith("?")
    assert 3 <= len(re.findall(r"[.?!](?= [A-Z0-9]|$)", scenario["why"])) <= 6
    assert scenario["expect"] and all(item["because"] for item in scenario["expect"])


@pytest.mark.parametrize("name", NAMES + OLDER)
def test_it_is_quick(listed, name):
    if listed[name]["quick_s"] is None:
        pytest.skip("nothing of it can run here")
    assert listed[name]["quick_s"] <= LONGER_S.get(name, QUICK_S)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid(name):
    done = concbench("validate", SOURCE / "scenarios" / f"{name}.json")
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="module", name="planned")
def plan_all():
    """The cells of a run of the whole catalogue."""
    done = concbench("run", *NAMES, "--preset", "quick", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["cells"]


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_runs_or_says_why_not(planned, name):
    cells = [cell for cell in planned if cell["scenario"] == name]
    assert cells and all(cell["skip_reason"] is None or len(cell["skip_reason"]) > 10 for cell in cells)


def test_a_scenario_that_nobody_named_is_not_lost(listed):
    """Every scenario of the tree is in the lists above."""
    assert set(listed) == set(NAMES + OLDER)


def test_a_run_without_names_is_the_default_set():
    done = concbench("run", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert {cell["scenario"] for cell in json.loads(done.stdout)["cells"]} == {"slow-origin", "fast-origin", "mini-ab"}


@pytest.mark.parametrize("name", ["few-connections", "tail", "http2", "countdown"])
def test_the_list_and_a_dry_run_tell_the_same_time(listed, name):
    """Also where a model of the scenario cannot do it, as threads cannot share connections."""
    done = concbench("run", name, "--preset", "quick", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["estimate_s"] == pytest.approx(listed[name]["quick_s"], rel=0.01)


def rows_of(page, heading):
    """[(about, [scenario])] of the table below a heading."""
    table = re.search(re.escape(heading) + r"\n\|---\|---\|\n((?:\|.*\n)+)", (SOURCE / page).read_text())[1]
    return [(line.split("|")[1].strip(), re.findall(r"`([a-z0-9-]+)`", line.split("|")[2])) for line in table.splitlines()]


def test_the_catalogue_has_one_order(listed, monkeypatch):
    """That of scenarios/ORDER: in `concbench list`, in the index of bench-all, and in docs/scenarios.md."""
    lines = (SOURCE / "scenarios/ORDER").read_text().splitlines()
    order = [(family, names.split()) for family, names in (line.split(": ") for line in lines)]
    assert [(item["family"], item["name"]) for item in listed.values()] == [(f, n) for f, names in order for n in names]
    said = [(family[0].lower() + family[1:], names) for family, names in order]
    assert rows_of("docs/scenarios.md", "| about | scenarios |") == said
    monkeypatch.syspath_prepend(SOURCE / "scripts")
    loader = importlib.machinery.SourceFileLoader("bench_all", str(SOURCE / "scripts/bench-all"))
    bench_all = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_all", loader))
    loader.exec_module(bench_all)
    places = bench_all.order()
    assert [family for family, _ in order] == [f for f in bench_all.FAMILIES if f != "Others"]
    assert list(places.items()) == [(n, (f, i)) for i, (f, n) in enumerate((f, n) for f, names in order for n in names)]
