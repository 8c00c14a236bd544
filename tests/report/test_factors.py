"""Every factor that is shown is the quotient of the two values beside it, or the paired estimate stands there by name."""

import copy
import html as entities
import json
import re

import pytest

import make_results
from test_report import render

UNITS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def value_of(text):
    number, _, unit = text.strip().partition(" ")
    return float(number.replace(",", "")) * UNITS.get(unit, 1)


def rounding(text):
    """Half of the last digit of a number, relative to it."""
    number = re.match(r"[\d,.]+", text.strip()).group().replace(",", "")
    digits = len(number.partition(".")[2])
    return .5 * 10**-digits / float(number) if float(number) else 0


def bent(blocks=12, quotients=True):
    """Results whose paired ratios are not the quotients of the medians: by 1 % in some, by half in others."""
    made = make_results.build(blocks=blocks)
    cells = {(c["scenario"], c["model"], c["concurrency"]): c for c in made["cells"]}
    for number, row in enumerate(made["comparisons"]):
        sides = [cells[row["scenario"], row[who], row[at]]["summary"][row["metric"]]["median"]
                 for who, at in (("model", "concurrency"), ("baseline", "baseline_concurrency"))]
        if row["low"] is not None:
            shift = (1, 1.01, .6, 1.5, 1.05)[number % 5]
            for key in ("ratio", "low", "high"):
                row[key] *= shift
        if quotients:
            row["quotient"] = sides[0] / sides[1]
    return made


def check(shown, top, bottom, row, name):
    """What stands as a factor against the two values as they are shown."""
    first, quotient = re.match(r"([\d,.]+)[×x]", shown), value_of(top) / value_of(bottom)
    slack = 1e-9 + rounding(first.group(1)) + rounding(top) + rounding(bottom)
    assert abs(value_of(first.group(1)) / quotient - 1) <= slack * 1.01, (shown, top, bottom)
    exact = row["quotient"] if row.get("quotient") else quotient
    apart = row["low"] is not None and not (row["low"] <= exact <= row["high"] and 1 / 1.03 < exact / row["ratio"] < 1.03)
    assert (name in shown) == apart, (shown, row)
    if apart:
        estimate = re.search(name + r": ([\d,.]+)[×x] \\?\[([\d,.]+), ([\d,.]+)\\?\]", shown)
        for text, wanted in zip(estimate.groups(), (row["ratio"], row["low"], row["high"])):
            assert abs(value_of(text) / wanted - 1) <= rounding(text) * 1.01 + 1e-9
    elif row["low"] is not None:
        assert re.search(r"\[[\d,.]+, [\d,.]+", shown)
    return apart


@pytest.mark.parametrize("quotients", [True, False])
def test_in_page_and_summary(tmp_path, quotients):
    made = bent(quotients=quotients)
    page = render(tmp_path, made)
    rows = {(r["scenario"], r["model"], r["metric"]): r for r in made["comparisons"]
            if r["concurrency"] == max(next(s for s in made["scenarios"] if s["name"] == r["scenario"])["load"]["concurrency"])}
    apart = plain = 0
    for scenario in made["scenarios"]:
        section = page[page.index(f'id="scenario-{scenario["name"]}"'):]
        table = re.search(r'<table class="cards.*?</table>', section, re.S).group()
        lines = {}
        for line in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)[1:]:
            cells = [entities.unescape(re.sub("<[^>]*>", "", c)) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)]
            lines[cells[0].split(" (")[0].strip()] = cells
        for model, cells in lines.items():
            for column, metric in enumerate(("throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes")):
                row = rows.get((scenario["name"], model, metric))
                if row:
                    is_apart = check(cells[2 + 2 * column], cells[1 + 2 * column], lines[scenario["baseline"]][1 + 2 * column],
                                     row, "paired by block")
                    apart, plain = apart + is_apart, plain + (not is_apart)
    assert apart > 5 and plain > 5
    summary = (tmp_path / "summary.md").read_text()
    for section in summary.split("\n## ")[1:]:
        name = section.split("\n")[0]
        table = [[c.strip() for c in line.split("|")[1:-1]] for line in section.split("\n") if line.startswith("|")][2:]
        scenario = next(s for s in made["scenarios"] if s["name"] == name)
        shown = {(c[0], c[1]): c for c in table}
        for row in (r for r in made["comparisons"] if r["scenario"] == name):
            column = 3 + 2 * ("throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes").index(row["metric"])
            mine = shown[row["model"], str(row["concurrency"])]
            check(mine[column + 1], mine[column], shown[scenario["baseline"], str(row["baseline_concurrency"])][column], row,
                  "paired by block")


def test_a_file_without_quotients_shows_the_same(tmp_path):
    assert render(tmp_path / "new", bent()) == render(tmp_path / "old", bent(quotients=False))


def test_without_an_interval_nothing_is_named(tmp_path):
    page = render(tmp_path, bent(blocks=4))
    assert not re.search(r'class="ci apart"', page)
