"""`concbench export --format chrome-trace`: its slices against the trace, and npm's speedscope, which opens it."""

import base64
import collections
import json
import os
import re
import shutil
import subprocess
import time

import pytest

import browser
import make_results
from test_report import BIN, HOSTILE

SPEEDSCOPE = "speedscope@1.25.0"


def trace_of(folder, document):
    path = folder / "results.json"
    path.write_text(json.dumps(document))
    done = subprocess.run([BIN / "concbench", "export", "-f", "chrome-trace", path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def traced():
    return make_results.with_traces(make_results.build(scenarios=make_results.SCENARIOS[:1]))


def events_of(text):
    """The slices by process, and what the processes and threads are called."""
    events = json.loads(text)["traceEvents"]
    names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    threads = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    slices = [e for e in events if e["ph"] == "X"]
    assert {(e["pid"], e["tid"]) for e in slices} == set(threads)
    return names, threads, slices


def assert_apart(slices):
    tracks = collections.defaultdict(list)
    for event in slices:
        assert event["ts"] >= 0 and event["dur"] >= 0
        tracks[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for track in tracks.values():
        track.sort()
        assert all(end <= start for (_, end), (start, _) in zip(track, track[1:]))


def test_the_slices_are_the_trace(tmp_path):
    document = traced()
    names, threads, slices = events_of(trace_of(tmp_path, document))
    assert_apart(slices)
    cells = [cell for cell in document["cells"] if (cell.get("trace") or {}).get("rows")]
    assert [names[pid] for pid in sorted(names)] == [f"{c['scenario']}/{c['model']}/{c['concurrency']}" for c in cells]
    for pid, cell in enumerate(cells, 1):
        rows = cell["trace"]["rows"]
        mine = [e for e in slices if e["pid"] == pid]
        took = sum(e["dur"] for e in mine if e["name"] != "start-up")
        assert took == pytest.approx(sum(row[2] - row[1] for row in rows) / 1000, abs=len(rows))
        assert sum(e["dur"] for e in mine if e["name"] == "computing") == pytest.approx(
            sum(row[2] - row[4] for row in rows) / 1000, abs=len(rows))
        assert {name for (p, _), name in threads.items() if p == pid} == {f"worker {row[3]}" for row in rows}


def test_hostile_names_are_refused(tmp_path):
    """A name that no scenario and no model can have stops the export, and what is said of it moves no cursor."""
    for key in ("model", "scenario"):
        document = traced()
        document["cells"][0][key] = "</script>\"'\\\x1b[2J\x07\x9b\u202e\u2066\U0001f600\n"
        path = tmp_path / f"{key}.json"
        path.write_text(json.dumps(document))
        done = subprocess.run([BIN / "concbench", "export", "-f", "chrome-trace", path], capture_output=True, text=True, timeout=300)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.stderr)


def test_workers_that_are_not_known_and_calls_that_block(tmp_path):
    document = traced()
    document["cells"] = document["cells"][:2]
    document["cells"][0]["trace"] = {"setup_ns": 5000, "of": 3, "rows": [[0, 0, 9000], [1, 1000, 4000], [2, 4000, 6000]], "reason": None}
    document["cells"][1]["trace"] = {"setup_ns": 1000, "of": 2, "reason": None,
                                     "rows": [[0, 0, 9000, 0, 8000, 1], [1, 0, 9000, 0, 9000, None]],
                                     "calls": [[0, 1000, 3000, "loop"], [1, 3000, 5000, "worker"]]}
    names, threads, slices = events_of(trace_of(tmp_path, document))
    assert_apart(slices)
    assert list(threads.values()) == ["lane 0", "lane 1", "worker 0", "lane 1"]
    assert [(e["name"], e["tid"], e["ts"], e["dur"]) for e in slices if e["pid"] == 2] == [
        ("start-up", 1, 4, 1), ("waiting", 1, 5, 1), ("blocking the loop", 1, 6, 2), ("waiting", 1, 8, 5), ("computing", 1, 13, 1),
        ("waiting", 2, 5, 9)]


def test_nothing_to_draw_and_nonsense(tmp_path):
    document = make_results.build(scenarios=make_results.SCENARIOS[:1])
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document))
    done = subprocess.run([BIN / "concbench", "export", "-f", "chrome-trace", path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and "no cell of these results has a trace" in done.stderr
    document["cells"][0]["trace"] = {"of": HOSTILE, "setup_ns": -1, "rows": [[HOSTILE], 7, [0, 5, 1], [1, 0, 5, -3, 99, 1e300]]}
    names, threads, slices = events_of(trace_of(tmp_path, document))
    assert [(e["name"], e["ts"]) for e in slices] == [("waiting", 0)]


@pytest.mark.skipif(browser.find() is None, reason="chromium is not installed")
@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")
def test_speedscope_opens_it(tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    got = subprocess.run(["npm", "install", "--prefix", tmp_path, "--ignore-scripts", "--no-audit", "--no-fund", SPEEDSCOPE],
                         capture_output=True, text=True, timeout=300)
    if got.returncode:
        pytest.skip("npm cannot be reached: " + got.stderr[:200])
    document = traced()
    text = trace_of(tmp_path, document)
    profile = tmp_path / "profile.js"
    profile.write_text(f"speedscope.loadFileFromBase64('trace.json', '{base64.b64encode(text.encode()).decode()}')")
    page = tmp_path / "node_modules" / "speedscope" / "dist" / "release" / "index.html"
    with browser.Browser() as b:
        b.open(f"file://{page}#localProfilePath={profile}")
        deadline = time.monotonic() + 300
        while "1/" not in (title := b.evaluate("document.body.innerText")):
            assert time.monotonic() < deadline, title
            time.sleep(0.05)
        b.screenshot(tmp_path / "speedscope.png", height=900)
        _, threads, _ = events_of(text)
        assert f"1/{len(threads)}" in title.replace(" ", "")
        assert document["cells"][0]["model"] in title
