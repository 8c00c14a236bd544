"""concbench run from outside: bad input, unfit environments, interrupts, and what it leaves
behind."""

import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import time

import pytest

from conftest import BIN, SOURCE, processes_with_token
from cli_helpers import SWEEP, concbench, runs_in, scenario, small_run, start_run, \
    write_scenario  # noqa: F401 (small_run is a fixture)
from schemas import errors


def refused(done, code, *words):
    """One line on stderr that has the words, and the exit code."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("concbench: ")
    for word in words:
        assert word in done.stderr


def test_help_and_version():
    for args in (["help"], ["--help"], ["run", "--help"], ["list", "--help"],
                 ["validate", "--help"]):
        done = concbench(*args)
        assert done.returncode == 0 and done.stdout.startswith("Usage: concbench")
    assert concbench("--version").stdout.startswith("concbench ")
    assert concbench().returncode == 2


@pytest.mark.parametrize("args, words", [
    (["fly"], ["unknown verb 'fly'"]),
    (["run", "--fast"], ["unknown option '--fast'"]),
    (["run", "--preset", "slow"], ["--preset", "quick|default|rigorous"]),
    (["run", "--blocks", "0"], ["--blocks", "from 1 to"]),
    (["run", "--blocks"], ["--blocks (-b) needs a value"]),
    (["run", "--seed", "-1"], ["--seed"]),
    (["run", "no-such"], ["unknown scenario 'no-such'", "concbench list"]),
    (["run", ".."], ["scenario name"]),
    (["run", "a\nb"], ["scenario name", "a b"]),
    (["run", "mini-ab", "mini-ab"], ["named twice"]),
    (["run", "/nonexistent/x.json"], ["/nonexistent/x.json"]),
    (["run", "../../../etc/passwd"], ["etc/passwd"]),
    (["run", "--models", "threads,../x"], ["--models"]),
    (["run", "--models", "threads,"], ["--models"]),
    (["run", "--models", "unheard-of"], ["unheard-of", "concbench list"]),
    (["run", "--concurrency", "1,x"], ["--concurrency"]),
    (["run", "--concurrency", "8,1"], ["load.concurrency[1]"]),
    (["run", "--concurrency", ""], ["--concurrency"]),
    (["run", "--requests", "0"], ["--requests"]),
    (["list", "x"], ["list takes no arguments"]),
    (["validate"], ["one file"]),
    (["validate", "/nonexistent"], ["/nonexistent"]),
])
def test_bad_command_lines(args, words, tmp_path):
    refused(concbench(*args, cwd=tmp_path), 2, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "http:///x", "http://h:0/", "http://h:x/",
                                 "http://h:99999/", "http://a b/", "http://[::1/", "localhost",
                                 "http://h/\n", "http://user@/"])
def test_malformed_urls(url, tmp_path):
    refused(concbench("run", "--url", url, cwd=tmp_path), 2, "--url")
    assert list(tmp_path.iterdir()) == []


def test_unreachable_url(refused_url, tmp_path):
    path = write_scenario(tmp_path)
    refused(concbench("run", path, "--url", refused_url, "--no-report", "--out", tmp_path / "out",
                      "--json"), 3, "cannot reach 127.0.0.1", "is the server running?")
    assert not (tmp_path / "out").exists()


BAD_SCENARIOS = {
    "key": (json.dumps(scenario(colour=1)), "colour: unknown key"),
    "type": (json.dumps(scenario(models="threads")), "models: expected an array"),
    "range": (json.dumps(scenario(origin={"bytes": 1 << 40})), "origin.bytes: expected"),
    "empty": ("", ":1:"),
    "array": ("[]", "not an object"),
    "deep": ("[" * 100000, "nested deeper"),
    "deep-object": ('{"a":' * 5000, "nested deeper"),
    "huge": ('{"title":"' + "x" * 300000 + '"}', "larger than"),
    "duplicate": ('{"title":"a","title":"b"}', "duplicate"),
    "number": ('{"title":1e999}', ":1:"),
    "control": (json.dumps(scenario(title="a\u0007b")), "title: expected one line"),
    "escape": (json.dumps(scenario(models=["\u001b[31m"])), "models[0]"),
    "model-path": (json.dumps(scenario(models=["../../bin/sh"])), "models[0]"),
    "nul": ('{"title":"a\\u0000b"}', "u0000"),
}


@pytest.mark.parametrize("name", sorted(BAD_SCENARIOS))
def test_hostile_scenarios(name, tmp_path):
    text, word = BAD_SCENARIOS[name]
    path = tmp_path / "s.json"
    path.write_text(text)
    for verb in (["run", "--no-report", "--out", tmp_path / "out"], ["validate"]):
        done = concbench(verb[0], path, *verb[1:], timeout=300)
        refused(done, 2, "s.json", word)
        assert "\x1b" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_scenario_that_is_not_utf8(tmp_path):
    path = tmp_path / "s.json"
    path.write_bytes(b'{"title": "\xff\xfe"}')
    refused(concbench("validate", path), 2, "s.json")


def test_scenario_that_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    refused(concbench("run", tmp_path / "pipe.json", timeout=300), 2, "not a regular file")
    refused(concbench("run", "/dev/zero", timeout=300), 2, "not a regular file")


def test_scenario_with_an_unsafe_name(tmp_path):
    path = tmp_path / "a b.json"
    path.write_text(json.dumps(scenario()))
    refused(concbench("run", path, "--dry-run"), 2, "scenario name")


@pytest.mark.parametrize("out", ["/dev/null", "/dev/null/x", "/proc/x", "/proc/a/b"])  # nor can /proc/a be made
def test_unwritable_results_directory(out, tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--no-report", "--out", out, "--json")
    refused(done, 3, out, "--out")


def test_missing_gnuplot(tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--out", tmp_path / "out", "--json",
                     env={**os.environ, "PATH": str(tmp_path)})
    refused(done, 3, "gnuplot", "--no-report")
    assert not (tmp_path / "out").exists()


def limit_files(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def test_too_few_files_for_anything(tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--no-report", "--out", tmp_path / "out",
                     "--json", preexec_fn=limit_files(60))
    refused(done, 3, "open files", "ulimit -n")
    assert not (tmp_path / "out").exists()


def test_too_few_files_for_some_cells(tmp_path):
    path = write_scenario(tmp_path, models=["threads", "coroutines"],
                          load={"concurrency": [1, 100], "requests": 100})
    done = concbench("run", path, "--no-report", "--out", tmp_path / "out", "--blocks", 1, "--json",
                     preexec_fn=limit_files(200))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [w["where"] for w in told["warnings"] if w["id"] == "cells-skipped"] == [
        "small/threads/100"]
    results = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())
    assert errors("results", results) == []
    skipped = [c for c in results["cells"] if c["status"] == "skipped"]
    assert len(skipped) == 1 and "364 open files" in skipped[0]["reason"]


def test_dry_run_measures_nothing(tmp_path):
    done = concbench("run", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0 and "23 cells x 12 blocks" in done.stdout
    done = concbench("run", "--dry-run", "--json", "--seed", 3, "--preset", "quick", cwd=tmp_path)
    plan = json.loads(done.stdout)
    assert plan["blocks"] == 4 and plan["seed"] == 3 and 10 < plan["estimate_s"] < 60
    assert len(plan["cells"]) == 23
    for block in plan["order"]:
        assert sorted(block) == list(range(23))
    again = concbench("run", "--dry-run", "--json", "--seed", 3, "--preset", "quick", cwd=tmp_path)
    assert again.stdout == done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_default_set_fits_its_time():
    """2 cores, memory pass included: at most 3 minutes, quick at most 45 s (expected times)."""
    for preset, seconds in (("quick", 45), ("default", 180)):
        done = concbench("run", "--dry-run", "--json", "--preset", preset)
        assert json.loads(done.stdout)["estimate_s"] <= seconds


def test_overrides_are_stored(tmp_path):
    done = concbench("run", "mini-ab", "--dry-run", "--json", "--models", "sequential,coroutines",
                     "--concurrency", "1,10", "--requests", "7")
    cells = json.loads(done.stdout)["cells"]
    assert [(c["model"], c["concurrency"], c["requests"]) for c in cells] == [
        ("sequential", 1, 7), ("coroutines", 1, 7), ("coroutines", 10, 10)]


def test_connections_are_spread_over_addresses(tmp_path):
    path = write_scenario(tmp_path, load={"concurrency": [6], "requests": 12, "addresses": 3},
                          models=["threads", "coroutines"])
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    assert errors("results", results) == []
    for cell in results["cells"]:
        trial = cell["trials"][0]
        words = trial["command"]
        assert words[words.index("--addresses") + 1] == "3"
        assert trial["document"]["knobs"]["addresses"] == 3
        assert trial["origin"]["requests"] == 12


def test_list():
    done = concbench("list")
    said = " ".join(done.stdout.split())
    assert done.returncode == 0
    for word in ("slow-origin", "fast-origin", "mini-ab", "coroutines"):
        assert word in done.stdout
    told = json.loads(concbench("list", "--json").stdout)
    assert {s["name"] for s in told["scenarios"]} >= {"slow-origin", "fast-origin", "mini-ab"}
    for one in told["scenarios"]:
        assert (one["quick_s"] is None or one["quick_s"] > 1) and one["title"] in said
    assert sum(one["quick_s"] is not None for one in told["scenarios"]) > 20  # others lack a server or a library here
    there = {m["name"]: m["available"] for m in told["models"]}
    assert there["coroutines"] and there["null"]
    for name, available in there.items():
        if name != "io-uring":  # a sandbox may refuse it
            assert available == (BIN / ("runner-" + name)).exists(), name
        assert (name + " ") in done.stdout


def test_a_model_without_a_runner_is_listed_as_such(tmp_path):
    """The table knows more models than a build may have."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "share").symlink_to(BIN.parent / "share")
    shutil.copy(BIN / "concbench", tmp_path / "bin")
    told = json.loads(subprocess.run([tmp_path / "bin/concbench", "list", "--json"],
                                     capture_output=True, check=True).stdout)
    assert told["models"]
    for model in told["models"]:
        assert not model["available"]
        assert model["reason"] == f"runner-{model['name']} is not built here"
    text = subprocess.run([tmp_path / "bin/concbench", "list"], capture_output=True, text=True)
    said = " ".join(text.stdout.partition("Models")[2].split())
    assert all(f"(runner-{model['name']} is not built here)" in said for model in told["models"])


def test_what_a_run_stores(small_run):
    results = json.loads((small_run / "results.json").read_text())
    assert results["run"]["complete"] and results["run"]["seed"] == 5
    # a busy machine may have some repeated: docs/trials.md
    assert results["run"]["trials_planned"] == 10 <= results["run"]["trials_run"] <= 12
    assert [(c["model"], c["concurrency"]) for c in results["cells"]] == [
        ("sequential", 1), ("threads", 1), ("threads", 4), ("coroutines", 1), ("coroutines", 4)]
    assert all(c["status"] == "ok" and len(c["trials"]) >= 2 for c in results["cells"])
    order = sorted({(t["block"], t["position"]) for c in results["cells"] for t in c["trials"]})
    assert order == [(b, p) for b in range(2) for p in range(5)]
    assert {r["verdict"] for r in results["comparisons"]} == {None}
    # of two trials more than half are disturbed only when both are, and all their repetitions
    is_busy = any(all(t["disturbed"] for t in c["trials"]) for c in results["cells"])
    assert results["scenarios"][0]["verdict"]["form"] == (
        "not-publishable" if is_busy else "descriptive")
    text = (small_run / "results.json").read_text() + (small_run / "trials.jsonl").read_text()
    assert str(small_run) not in text and os.path.expanduser("~") + "/" not in text
    assert sorted(p.name for p in small_run.iterdir()) == ["results.json", "trials.jsonl"]


def test_somebody_elses_server(origin, tmp_path):
    url = origin.replace("http://", "http://name:secret@") + "/bytes/50"
    done = concbench("run", write_scenario(tmp_path), "--url", url, "--no-report", "--json",
                     "--blocks", 1, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())
    assert errors("results", run) == []
    assert run["run"]["url"].startswith("http://***@127.0.0.1:")
    assert run["environment"]["placement"]["origin_threads"] is None
    said = next(w for w in run["warnings"] if w["id"] == "url")
    assert said["where"] == run["scenarios"][0]["name"] and "do not apply: origin.bytes" in said["text"]
    cpus = run["environment"]["placement"]["origin_cpus"]  # the server is on this machine
    assert f"keep off CPU {cpus}:" in said["text"] or "shares the CPUs" in said["text"]
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or "secret" not in path.read_text()
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("url, is_here", [
    ("http://127.0.0.9:1/", True), ("http://[::1]:1/", True), ("http://localhost:1/", True), ("https://192.0.2.77/", False)])
def test_the_plan_says_what_another_server_does_not_do(url, is_here, tmp_path):
    path = write_scenario(tmp_path, origin={"bytes": 0, "delay_ms": 7, "status": 503, "fault_ppm": 5},
                          why="One reason of some sixty characters, so that it is long enough. " * 4)
    told = " ".join(concbench("run", path, "--dry-run", "--url", url).stdout.split())
    assert "do not apply: origin.bytes 0, origin.delay_ms 7" in told and "origin.fault_ppm 5" in told and ", why" in told
    assert "origin.tail_ms" not in told and ("on another host, and no CPU" in told) != is_here
    assert "do not apply" not in concbench("run", path, "--dry-run").stdout


def test_a_name_is_resolved_once_for_all_models(origin, tmp_path):
    port = origin.rsplit(":", 1)[1].strip("/")
    url, given = f"http://no-such-host.invalid:{port}/bytes/50", f"no-such-host.invalid:{port}:127.0.0.1"
    path = write_scenario(tmp_path, models=["threads", "coroutines", "processes", "epoll"])
    args = ["run", path, "--no-report", "--json", "--blocks", 1, "--out", tmp_path / "out", "--url"]
    done = concbench(*args, url, "--resolve", given)
    assert done.returncode == 0, done.stderr
    run = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())
    assert errors("results", run) == [] and run["run"]["resolve"] == given
    for cell in run["cells"]:
        words = cell["trials"][0]["command"]
        assert cell["status"] == "ok" and words[words.index("--resolve") + 1] == given
        assert cell["memory"]["is_on_plateau"] is False  # nobody holds the workers there
    told, = (one["text"] for one in run["warnings"] if one["id"] == "memory-peak")
    assert told.startswith("the memory of 4 of 4 cells is the peak of a trial (")
    refused(concbench(*args, url), 3, "cannot resolve no-such-host.invalid")
    for bad in (given.replace("127.0.0.1", "name"), given.replace(port, "1"), "x", "a:b", f":{port}:127.0.0.1"):
        refused(concbench(*args, url, "--resolve", bad), 2, "--resolve")


def test_who_awaits_one_by_one_has_one_thing_in_flight(tmp_path):
    """The memory pass need not try ever longer delays to see all parts at once, and the plan knows how long a request takes."""
    def in_turn(name, delay_ms):
        return write_scenario(tmp_path, name, task="fan-out", options={"fan_out": 5}, origin={"bytes": 100, "delay_ms": delay_ms},
                              models=["sequential"], load={"concurrency": [2], "requests": 10},
                              runners=[{"name": "in-a-row", "model": "coroutines", "flags": ["--await", "in-a-row"]}])
    plan = concbench("run", in_turn("slow", 400), "--models", "in-a-row", "--blocks", 1, "--dry-run", "--json").stdout
    assert json.loads(plan)["estimate_s"] >= 2 * 5 * 5 * 0.4
    path = in_turn("fast", 20)
    done = concbench("run", path, "--blocks", 1, "--models", "in-a-row", "--no-report", "--progress", "none", "--out", tmp_path / "out")
    assert done.returncode in (0, 4), done.stderr
    run, = runs_in(tmp_path / "out")
    cell, = json.loads((run / "results.json").read_text())["cells"]
    assert cell["memory"]["reason"] is None and cell["memory"]["plateau_samples"] > 0


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing")
def test_a_name_is_looked_up_once(origin, tmp_path):
    """Each lookup reads the hosts file; what another program of the run looks up is not counted."""
    path, log = write_scenario(tmp_path, models=["threads"]), tmp_path / "log"
    done = concbench("run", path, "--no-report", "--blocks", 1, "--out", tmp_path / "out", "--url",
                     origin.replace("127.0.0.1", "localhost") + "/bytes/5", wrapper=["strace", "-qq", "-e", "trace=openat", "-o", log])
    if "cannot resolve localhost" in done.stderr or "ptrace" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    assert log.read_text().count('"/etc/hosts"') == 1


def test_invalid_trials_are_exit_code_4(origin, tmp_path):
    path = write_scenario(tmp_path, models=["threads"], load=SWEEP)
    done = concbench("run", path, "--url", origin + "/nowhere", "--no-report", "--blocks", 1, "--json",
                     "--out", tmp_path / "out")
    assert done.returncode == 4, done.stderr
    told = json.loads(done.stdout)
    assert told["trials_invalid"] == 2 and told["trials_run"] == 6  # two repetitions each
    assert told["verdicts"][0]["form"] == "not-publishable"
    results = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())
    assert errors("results", results) == []
    assert {c["status"] for c in results["cells"]} == {"invalid"}


@pytest.fixture
def running(tmp_path):
    path = write_scenario(tmp_path, models=["threads", "coroutines"],
                          origin={"bytes": 1, "delay_ms": 30},
                          load={"concurrency": [2], "requests": 10})
    process = start_run(tmp_path / "out", path, "--blocks", "200", token=str(tmp_path))
    yield process, tmp_path / "out"
    process.kill()
    process.wait()


def test_second_harness_is_refused(running, tmp_path):
    process, out = running
    other = write_scenario(tmp_path, "other")
    done = concbench("run", other, "--out", out, "--no-report", "--json")
    refused(done, 3, "another concbench run", str(process.pid))
    assert len(runs_in(out)) == 1
    process.kill()
    process.wait()
    done = concbench("run", other, "--out", out, "--no-report", "--json", "--blocks", 1)
    assert done.returncode == 0, done.stderr  # its lock file is stale now, and harmless


@pytest.mark.parametrize("number, times", [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGTERM, 4)])
def test_interrupt(running, number, times):
    """A parent that dies sends its death signal as often as it had threads: one event all the same."""
    process, out = running
    for _ in range(times):
        process.send_signal(number)
        time.sleep(.001)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == -number
    (run,) = runs_in(out)
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    assert results["run"]["complete"] is False
    assert "interrupted" in {w["id"] for w in results["warnings"]}
    assert "interrupted" in stdout
    last = json.loads((run / "trials.jsonl").read_text().splitlines()[-1])
    assert last["type"] == "footer" and last["complete"] is False


def test_nothing_outlives_a_killed_harness(running, tmp_path):
    process, out = running
    left = [pid for pid in processes_with_token(str(tmp_path)) if pid != process.pid]
    assert left  # the origin at least
    handles = []
    for pid in left:
        try:
            handles.append(os.pidfd_open(pid))
        except ProcessLookupError:
            pass  # a trial ended meanwhile
    process.kill()
    for handle in handles:
        assert select.select([handle], [], [], 300)[0], "it still runs"
        os.close(handle)
    (run,) = runs_in(out)
    assert not (run / "results.json").exists()
    assert concbench("validate", run / "trials.jsonl").returncode == 0


@pytest.mark.skipif(not shutil.which("gnuplot"), reason="gnuplot is not here")
def test_run_with_report(tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--out", tmp_path / "out", "--blocks", 2,
                     "--color", "always", cwd=SOURCE)
    assert done.returncode == 0, done.stderr
    answer = json.loads((tmp_path / "out" / "latest" / "results.json").read_text())["scenarios"][0]["verdict"]["answer"]
    assert "report   " in done.stdout and f"\033[1m{answer}\033[0m" in done.stdout
    assert (tmp_path / "out" / "latest" / "report.html").stat().st_size > 1000
    report = tmp_path / "out" / "latest" / "report.html"
    before = report.read_bytes()
    done = concbench("report", tmp_path / "out" / "latest" / "results.json")
    assert done.returncode == 0, done.stderr
    assert report.read_bytes() == before


def test_progress_and_color_are_off_where_nobody_looks(tmp_path):
    path = write_scenario(tmp_path, models=["coroutines"])
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report")
    assert done.returncode == 0 and "\033" not in done.stdout + done.stderr
    assert "block 1/1 done" in done.stderr
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report",
                     "--progress", "none", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["complete"] is True


def test_the_terminal_leads_with_question_answer_and_trust(tmp_path):
    """Then a table of the headline and the costs, which fits into 80 columns."""
    path = write_scenario(tmp_path, question="How long do all take?", task="sleep", origin=None, options={"sleep_ms": 20},
                          models=["sequential", "threads"], load={"concurrency": [4], "requests": 8},
                          headline={"metric": "measured_ns", "as": "time for all eight", "noun": "nap"})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    scenario_told = results["scenarios"][0]
    verdict = scenario_told["verdict"]
    assert scenario_told["headline"] == verdict["headline"] == {
        "metric": "measured_ns", "as": "time for all eight", "noun": "nap", "unit": "ns", "better": "less"}
    lines = done.stdout.split("\nsmall: ")[1].splitlines()
    assert lines[0] == "How long do all take?"
    assert verdict["answer"] and lines[1].strip() == verdict["answer"]
    assert verdict["trust"]["text"] and lines[2].strip() == verdict["trust"]["text"]
    assert re.split(r"\s{2,}", lines[3].strip()) == ["at 4 in flight", "time for all eight", "CPU per nap", "memory"]
    assert {line.split()[0] for line in lines[4:6]} == {"sequential", "threads"}
    assert max(map(len, lines[3:6])) <= 80
    assert verdict["metrics"][0] == "measured_ns" and verdict["trust"]["level"] != "quote"
    assert all(row["measured_ns"] >= 40e6 for row in verdict["models"])
