"""The picture of time: where it stands, what its sentence says, and how many bytes it takes."""

import json
import os
import re
import subprocess

import pytest

import browser
import make_results
from test_report import BIN, HOSTILE, render

NAMES = ["sequential", "threads", "processes", "coroutines"]


def section(html, scenario):
    return html[html.index(f'id="scenario-{scenario}"'):].split("</section>")[0]


def timeline_of(html, scenario="slow-origin"):
    """The figure and its caption, without the table."""
    figure = next((f for f in re.findall(r"<figure>.*?</figure>", section(html, scenario), re.S) if "What happened when" in f), None)
    return figure and (figure, re.sub(r"<[^>]*>", "", figure[figure.index("<figcaption>"):figure.index("<details>")]))


def boxes(figure, kind):
    """The bars of a state in the wide picture."""
    return len(re.findall(rf'<polygon class="{kind}"', figure[:figure.index("p narrow")]))


def one(document, name, task="http", **change):
    """Only this scenario, its cells' traces changed: {model: trace}."""
    document["scenarios"] = [s for s in document["scenarios"] if s["name"] == name]
    document["scenarios"][0]["task"] = task
    for key in ("cells", "comparisons"):
        document[key] = [each for each in document[key] if each["scenario"] == name]
    for cell in document["cells"]:
        cell["trace"] = change.get(cell["model"], cell.get("trace"))
    return document


def test_it_stands_after_the_answer_and_the_headline(tmp_path):
    page = render(tmp_path, make_results.with_traces(make_results.build(blocks=6), lanes=4))
    html = section(page, "slow-origin")
    places = [html.index(part) for part in ('class="trust"', "slow-origin-throughput.gp", "slow-origin-timeline.gp", 'class="measured"')]
    assert places == sorted(places) and html.count("slow-origin-timeline.gp") == 1
    figure, caption = timeline_of(page)
    assert 'viewBox="0 0 1040 ' in figure and 'viewBox="0 0 360 ' in figure
    assert "The same 40 waits: end to end in sequential, on top of each other in threads, processes and coroutines." in caption
    assert "A lane is a worker." in caption and "traced, not timed" in caption
    rows = re.findall(r"<tr class=\"m\d+\">.*?</tr>", figure, re.S)
    cells = {re.sub(r"<[^>]*>", "", row.split("</th>")[0]).strip(): re.findall(r"<td>(.*?)</td>", row) for row in rows}
    assert cells["sequential"][:4] == ["1 worker", "40", "3.00 ms", "800 ms"]
    assert cells["threads"][:4] == ["4 workers", "40", "3.00 ms", "200 ms"]
    assert cells["threads"][4:] == ["716 ms", "80.0 ms", "0 ns"]


def test_without_traces_there_is_none(tmp_path):
    """As in a file of an older suite, or where no runner could be traced; nor is there an empty figure."""
    plain = make_results.build(blocks=6)
    for cell in plain["cells"]:
        cell["trace"] = {"setup_ns": None, "of": None, "rows": None, "reason": "its runner takes no --trace"}
    for document in (make_results.build(blocks=6), plain):
        html = render(tmp_path, document)
        assert timeline_of(html) is None and "timeline" not in html and "Not measured." not in html.split('class="measured"')[0]
        assert not list((tmp_path / "charts").glob("*timeline*"))


def test_more_than_eight_models_have_none(tmp_path):
    for count, there in ((8, True), (9, False)):
        document = make_results.with_traces(make_results.build(blocks=1, names=make_results.SUITE[:count]))
        assert (timeline_of(render(tmp_path / str(count), document)) is not None) == there


def test_many_workers_are_an_area(tmp_path):
    """Above 16 lanes; and a sentence without order where the models are alike."""
    html = render(tmp_path, make_results.with_traces(make_results.build(blocks=6), requests=1280))
    figure, caption = timeline_of(html)
    assert "A shape without lanes: how many requests are in flight." in caption and "A lane is a worker" in caption
    assert "up to 128 in flight" in figure
    assert boxes(figure, "w") < 4 * 100


def test_a_thousand_in_flight_is_written_out(tmp_path):
    """Where no model's requests are end to end, the sentence has numbers."""
    document = make_results.build(blocks=6, names=["threads", "coroutines"])
    together = make_results.trace_of(1100, 1100)
    _, caption = timeline_of(render(tmp_path, one(document, "slow-origin", threads=together, coroutines=together)))
    assert re.search(r"in flight on average 1,0\d\d in threads, 1,0\d\d in coroutines\.", caption), caption


def test_cpus_are_lanes_of_what_computes(tmp_path):
    traces = {"sequential": make_results.trace_of(1, 8, cpus=[2]), "coroutines": make_results.trace_of(1, 8, cpus=[3]),
              "threads": make_results.trace_of(2, 8, cpus=[2, 3]), "processes": make_results.trace_of(2, 8, cpus=[2, 3])}
    for trace in traces.values():
        trace["rows"] = [[number, start, end, lane, start, cpu] for number, start, end, lane, _, cpu in trace["rows"]]
    html = render(tmp_path, one(make_results.build(blocks=6), "slow-origin", "cpu", **traces))
    figure, caption = timeline_of(html)
    assert "Of 2 CPUs, busy on average: 1.0 in sequential, 2.0 in threads, 2.0 in processes, 1.0 in coroutines." in caption
    assert "A lane is a CPU in use, whichever it is." in caption and "Pale" not in caption
    assert re.findall(r"<td>(\d+ of \d+ CPUs)</td>", figure) == ["1 of 2 CPUs", "2 of 2 CPUs", "2 of 2 CPUs", "1 of 2 CPUs"]


def test_a_held_loop_is_red(tmp_path):
    def held(caller):
        trace = make_results.trace_of(2, 8)
        return {**trace, "calls": [[row[0], row[1] + 1000, row[2] - 1000, caller] for row in trace["rows"]]}
    traces = {"sequential": make_results.trace_of(1, 8), "coroutines": held("loop"), "threads": held("worker"),
              "processes": held("executor")}
    html = render(tmp_path, one(make_results.build(blocks=6), "slow-origin", "block", **traces))
    figure, caption = timeline_of(html)
    assert "Red: a call blocks the loop of coroutines, and no other request gets on; the calls of threads and processes" in caption
    assert boxes(figure, "x") == 8
    assert ".x{" in html


def test_two_thousand_rows_of_five_models_stay_small(tmp_path):
    """Bars that are closer than a pixel are one; so are those of a page with every scenario."""
    names = make_results.SUITE[:5]
    document = make_results.build(blocks=6, names=names)
    for cell in document["cells"]:
        lanes = 16 if cell["model"] != "sequential" else 1
        cell["trace"] = make_results.trace_of(lanes, 2000, 1000000)
    without = len(render(tmp_path / "without", make_results.build(blocks=6, names=names)))
    html = render(tmp_path / "with", document)
    assert len(html) < 500_000 and len(html) - without < len(document["scenarios"]) * 60_000
    document = one(document, "slow-origin", threads=make_results.trace_of(1, 1999, 7000000))
    figure, _ = timeline_of(render(tmp_path / "odd", document))
    assert all(0 < boxes(figure, kind) < 1300 for kind in "w")


def test_nobodys_text_is_in_a_script_and_any_file_is_drawn(tmp_path):
    """Hostile names and hostile rows: drawn, or left out."""
    document = make_results.with_traces(make_results.build(blocks=6), lanes=4)
    document = json.loads(json.dumps(document).replace('"threads"', json.dumps(HOSTILE)))
    bad = [[0, -5, 7], [1, 5, 2], "x", None, [2], [3, 1e300, 1e301], [4, 0, 5, "a", {}, []], [5, 0, 9 * 10**18, 0, 0, 0]]
    for number, cell in enumerate(document["cells"]):
        if number % 3 == 0:
            cell["trace"] = {"setup_ns": -1, "of": "many", "rows": bad + cell["trace"]["rows"], "calls": bad, "queue": bad}
        elif number % 3 == 1 and cell["model"] == "coroutines":
            cell["trace"] = 7
    html = render(tmp_path, document)
    assert timeline_of(html) is not None and "<img src=x" not in html
    for path in (tmp_path / "charts").glob("*timeline.gp"):
        assert "onerror" not in path.read_text() and "onerror" in path.with_suffix(".tsv").read_text()
        done = subprocess.run(["gnuplot", path.name], cwd=path.parent, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        assert done.returncode == 0 and done.stderr == b"", done.stderr


@pytest.mark.skipif(browser.find() is None, reason="chromium is not installed")
@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")
def test_each_model_has_its_bars_in_light_and_dark(tmp_path):
    """A lane for each worker: pale and dark bars of each model stand below each other and nothing leaves the picture."""
    html = render(tmp_path, make_results.with_traces(make_results.build(blocks=6), lanes=4, requests=8))
    assert html
    with browser.Browser() as chromium:
        chromium.open(f"file://{tmp_path}/report.html")
        groups = """(() => { const svg = [...document.querySelectorAll('#scenario-slow-origin svg.p')].find(s => s.querySelector('.w'));
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('g')].filter(g => g.querySelector('.w')).map(g => {
                const marks = [...g.querySelectorAll('.w,.b')].map(m => m.getBoundingClientRect()).filter(r => r.width > 0);
                return {tops: [...new Set([...g.querySelectorAll('.w')].map(m => Math.round(m.getBoundingClientRect().top)))].length,
                        top: Math.min(...marks.map(r => r.top)), bottom: Math.max(...marks.map(r => r.bottom)),
                        inside: marks.every(r => r.left >= box.left && r.right <= box.right && r.bottom <= box.bottom),
                        text: [...g.querySelectorAll('text')].map(t => t.textContent)}; }); })()"""
        for dark in (False, True):
            chromium.show(dark=dark)
            found = chromium.evaluate(groups)
            assert [g["text"][0] for g in found] == NAMES and [g["tops"] for g in found] == [1, 4, 4, 4]
            assert all(g["inside"] for g in found)
            assert all(above["bottom"] < below["top"] for above, below in zip(found, found[1:]))
            assert chromium.evaluate("getComputedStyle(document.querySelector('.w')).opacity") == "0.38"
