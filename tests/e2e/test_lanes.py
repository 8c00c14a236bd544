"""The lanes of a timeline are true: one run of three teaching scenarios, made small, and what its page and `show` say of it."""

import json
import os
import re

import pytest
from conftest import SOURCE, run_program

MODELS = {"ten-requests": ["sequential", "threads", "coroutines"], "multiply": ["sequential", "threads", "processes", "coroutines"],
          "blocking-in-loop": ["threads", "coroutines", "executor"]}
LOAD = {"ten-requests": (10, 10), "multiply": (8, 40), "blocking-in-loop": (4, 8)}


@pytest.fixture(scope="module", name="files")
def small_scenarios(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios")
    for name, models in MODELS.items():
        scenario = json.loads((SOURCE / f"scenarios/{name}.json").read_text())
        concurrency, requests = LOAD[name]
        del scenario["expect"]
        scenario.update(models=models, baseline=models[0], load=scenario["load"] | {"concurrency": [concurrency], "requests": requests})
        (folder / f"{name}.json").write_text(json.dumps(scenario))
    return folder


@pytest.fixture(scope="module", name="run")
def one_run(files):
    """The results, the warm trials' documents, and the page."""
    done = run_program("concbench", "run", *(files / f"{name}.json" for name in MODELS), "--blocks", 1, "--no-report", "--progress", "none",
                       "--out", files / "out")
    assert done.returncode in (0, 4), done.stderr
    folder = files / "out/latest"
    assert run_program("concbench-report", "--no-png", folder).returncode == 0
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    warm = {(t["scenario"], t["model"]): t["document"] for t in lines if t["type"] == "trial" and t["pass"] == "warm" and t["valid"]}
    return json.loads((folder / "results.json").read_text()), warm, (folder / "report.html").read_text()


def ns(text):
    number, unit = text.replace("\u00a0", " ").replace(",", "").split(" ")
    return float(number) * {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]


def table_of(page, scenario):
    """{model: what the table below the timeline says: lanes, requests, start-up, end, all waits, computing, loop blocked}"""
    section = page[page.index(f'id="scenario-{scenario}"'):].split("</section>")[0]
    figure = next(f for f in re.findall(r"<figure>.*?</figure>", section, re.S) if "What happened when" in f)
    rows = re.findall(r"<tr class=\"m\d+\">.*?</tr>", figure, re.S)
    return {re.sub(r"<[^>]*>", "", row.split("</th>")[0]).strip(): re.findall(r"<td>(.*?)</td>", row) for row in rows}


def test_a_worker_is_a_lane(run):
    results, warm, page = run
    table = table_of(page, "ten-requests")
    assert table["sequential"][0] == "1 worker"
    for cell in results["cells"]:
        if cell["scenario"] == "ten-requests" and cell["model"] != "sequential":
            lanes = len({row[3] for row in cell["trace"]["rows"]})
            assert table[cell["model"]][0] == f"{lanes} workers"
            peak = warm["ten-requests", cell["model"]]["peak_in_flight"]  # 10, unless the machine stood still
            assert peak <= lanes <= 10 and peak > 1


def test_only_a_loop_is_red(run):
    _, warm, page = run
    table = table_of(page, "blocking-in-loop")
    assert [table[model][6] for model in ("threads", "executor")] == ["0 ns"] * 2
    assert ns(table["coroutines"][6]) >= 8 * 50e6
    assert ns(table["coroutines"][6]) <= 1.02 * warm["blocking-in-loop", "coroutines"]["latency_sum_ns"]


def test_one_thread_is_one_cpu(run):
    """Wherever the kernel puts it. That threads get two is for the next test."""
    table = table_of(run[2], "multiply")
    for model in ("sequential", "coroutines"):
        assert re.fullmatch(r"1 of \d+ CPUs?", table[model][0])


def test_the_bars_are_the_latencies(run):
    """All of them together, within 2 %."""
    _, warm, page = run
    for (scenario, model), document in warm.items():
        sums = [ns(text) for text in table_of(page, scenario)[model][4:]]
        assert sum(sums) == pytest.approx(document["latency_sum_ns"], rel=0.02), (scenario, model)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one CPU")
def test_show_has_the_same_lanes(files):
    """Two CPUs at once for threads and processes as soon as the machine lets them; one for the others each time."""
    seen = {model: 0 for model in MODELS["multiply"]}
    for _ in range(40):
        said = run_program("concbench", "show", files / "multiply.json").stdout
        for model in seen:
            bars = re.search(rf"(?m)^ *{model} \|.*\n(?: +\|.*\n)*", said).group().splitlines()
            busy = sum("#" in bar for bar in bars)
            seen[model] = max(seen[model], busy)
            assert re.search(rf"(?m)^{model} +.* for 40 computations, \d\.\d of {len(bars)} CPUs? busy$", said)
        if seen["threads"] >= 2 and seen["processes"] >= 2:
            break
    assert seen["sequential"] == seen["coroutines"] == 1 and seen["threads"] >= 2 and seen["processes"] >= 2
