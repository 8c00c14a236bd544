"""One quantity of one cell is one number: on the page, in the index, the terminal, summary.md, summary.csv, compare, export."""

import csv
import html
import json
import os
import re
import shutil
import statistics

import pytest
from conftest import run_program

SCENARIO = {"title": "Twelve sleeps", "question": "How long do twelve sleeps take?",
            "headline": {"metric": "measured_ns", "as": "time for all twelve", "noun": "sleep"},
            "task": "sleep", "options": {"sleep_ms": 20}, "models": ["sequential", "threads", "coroutines"],
            "baseline": "sequential", "placement": "shared", "load": {"concurrency": [12], "requests": 12}}


def plain(text):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)).replace("\u00a0", " ").replace("\\", ""))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What a run says, and its folder; laid out as bench-all does, so that it has an index."""
    folder = tmp_path_factory.mktemp("one")
    (folder / "twelve.json").write_text(json.dumps(SCENARIO))
    done = run_program("concbench", "run", folder / "twelve.json", "--blocks", 3, "--out", folder / "out", timeout=600)
    assert done.returncode in (0, 4), done.stderr
    place = folder / "all" / "twelve"
    shutil.copytree((folder / "out" / "latest").resolve(), place)
    (folder / "all" / "catalogue.json").write_text(json.dumps({
        "catalogue_version": 1, "started": "2026-11-20T07:15:00Z", "preset": "quick", "limit_s": None, "wall_s": 9.5,
        "complete": True, "scenarios": [{"name": "twelve", "title": "t", "question": SCENARIO["question"], "family": "Waiting",
                                         "status": "done", "reason": None, "estimate_s": 9, "wall_s": 9.5, "exit_code": 0}]}))
    made = run_program("concbench-report", "--index", folder / "all")
    assert made.returncode == 0, made.stderr
    return done.stdout, place


def cells_of(place):
    return json.loads((place / "results.json").read_text())["cells"]


def shown_on_the_page(place):
    """{model: the first number of the answer's table}"""
    page = (place / "report.html").read_text()
    table = re.search(r'<table class="answer.*?</table>', page, re.S).group()
    rows = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th><td[^>]*>(.*?)</td>', table, re.S)
    return {plain(name).split(" (")[0].strip(): plain(value.split("<small>")[0]).strip() for name, value in rows}


def nanoseconds(text):
    number, unit = text.split(" ")
    return float(number.replace(",", "")) * {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]


def test_the_page_shows_what_the_results_hold(run):
    shown = shown_on_the_page(run[1])
    assert set(shown) == set(SCENARIO["models"])
    for cell in cells_of(run[1]):
        value = cell["summary"]["measured_ns"]["median"]
        assert abs(nanoseconds(shown[cell["model"]]) / value - 1) < .006, cell["model"]


def test_terminal_and_summary_show_the_same(run):
    said, place = run
    for text in (said, (place / "summary.md").read_text()):
        for model, value in shown_on_the_page(place).items():
            assert re.search(rf"\b{model}\b[^\n]*{re.escape(value)}", text.replace("\u00a0", " ")), (model, value)


def test_the_answer_is_the_same_everywhere(run):
    said, place = run
    answer = json.loads((place / "results.json").read_text())["scenarios"][0]["verdict"]["answer"]
    for text in (said, (place / "summary.md").read_text(), (place / "report.html").read_text(),
                 (place.parent / "index.html").read_text()):
        assert plain(answer) in plain(text)


def test_the_table_has_the_same_value(run):
    with open(run[1] / "summary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(SCENARIO["models"])
    by_model = {cell["model"]: cell["summary"]["measured_ns"]["median"] for cell in cells_of(run[1])}
    for row in rows:
        values = [float(value) for value in row.values() if re.fullmatch(r"[\d.]+(e[+-]?\d+)?", value)]
        assert any(abs(v * unit / by_model[row["model"]] - 1) < .006 for v in values for unit in (1, 1e3, 1e6, 1e9)), row


def test_compare_has_the_same_values(run):
    other = run[1].parent.parent / "other.json"
    document = json.loads((run[1] / "results.json").read_text())
    document["run"]["id"] = "other"
    other.write_text(json.dumps(document))
    done = run_program("concbench", "compare", "--all", run[1] / "results.json", other)
    assert done.returncode == 0, done.stderr
    for model, value in shown_on_the_page(run[1]).items():
        rows = [line for line in done.stdout.splitlines() if re.match(rf"\s+{model} ", line)]
        assert any(value in line.replace("\u00a0", " ") for line in rows), (model, value)


def test_compare_computes_what_the_results_hold(run):
    """Also the percentiles, which a report takes from all trials together."""
    document = json.loads((run[1] / "results.json").read_text())
    other = run[1].parent.parent / "another.json"
    other.write_text(json.dumps({**document, "run": {**document["run"], "id": "another"}}))
    done = run_program("concbench", "compare", "--json", run[1] / "results.json", other)
    assert done.returncode == 0, done.stderr
    compared = json.loads(done.stdout)
    summaries = {cell["model"]: cell["summary"] for cell in document["cells"]}
    assert {cell["model"] for cell in compared["cells"]} == set(summaries)
    for cell in compared["cells"]:
        for name, metric in cell["metrics"].items():
            expected = {key: summaries[cell["model"]][name][key] for key in metric}
            assert metric == pytest.approx(expected), (cell["model"], name)
    for row in compared["comparisons"]:
        expected = summaries[row["model"]][row["metric"]]["median"]
        assert row["value"] == row["against_value"] == pytest.approx(expected), row
    assert {"latency_p50_ns", "tree_memory_bytes"} <= {row["metric"] for row in compared["comparisons"]}


def test_export_has_the_trials_that_it_is_the_median_of(run):
    done = run_program("concbench", "export", "--format", "csv-long", run[1])
    assert done.returncode == 0, done.stderr
    values = {}
    for row in csv.DictReader(done.stdout.splitlines()):
        if row["metric"] == "measured_ns":
            values.setdefault(row["model"], []).append(float(row["value"]))
    for cell in cells_of(run[1]):
        assert abs(statistics.median(values[cell["model"]]) / cell["summary"]["measured_ns"]["median"] - 1) < 1e-6


def test_nobody_makes_a_number_that_is_not_there(run):
    assert "nan" not in plain((run[1] / "report.html").read_text()).lower().split() and os.path.exists(run[1] / "charts")
