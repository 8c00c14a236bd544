"""No program leaks: each once through what it does, with the leak detection that most other tests do without.

What needs more than is here has one test with the fixture detect_leaks where it is tested: task db, index, lesson."""

import json
import os
import re

import pytest
from conftest import MODELS, SOURCE, WITH_LEAKS, run_program
from origin_process import Origin

pytestmark = [pytest.mark.usefixtures("detect_leaks"),
              pytest.mark.skipif("address" not in os.environ["CONCBENCH_SANITIZE"], reason="AddressSanitizer finds leaks")]

SAMPLE = SOURCE / "results" / "sample"
SCENARIO = {"title": "A small one", "question": "Does it leak?", "models": ["sequential", "threads", "coroutines"],
            "origin": {"bytes": 1000, "delay_ms": 5}, "load": {"concurrency": [2], "requests": 4},
            "expect": [{"says": "It takes time.", "metric": "wall_ns", "model": "threads", "concurrency": 2, "at_least": 1}]}
TASKS = {"http": ["URL"], "sleep": ["--sleep-ms", 1], "block": ["--block-ms", 1], "cpu": ["--work", 10], "switch": [],
         "file": ["--file-op", "write", "--file-bytes", 1000], "fan-out": ["--fan-out", 2, "URL"], "pipeline": [],
         "db": ["--db", "host=/nowhere"]}


def run(*command, codes=(0,), **options):
    done = run_program(*command, **options)
    assert "Sanitizer" not in done.stderr, done.stderr
    assert done.returncode in codes, done.stderr
    return done


@pytest.mark.parametrize("model", [*MODELS, "null"])
def test_a_runner(model, origin, refused_url, tmp_path):
    """Every task that it has, with and without kept connections, open loop and trace, and what fails."""
    runner, n = f"runner-{model}", ["--json", "-n", 6]
    described = json.loads(run(runner, "--describe").stdout)
    c = ["-c", 1 if described["is_single"] else 3]
    url = origin + "/bytes/1000"
    for task in described["tasks"]:
        words = [url if word == "URL" else word for word in TASKS.get(task, [])]
        run(runner, *n, *c, "--trace", "--task", task, *words, codes=[3] if task == "db" else [0],
            env={**os.environ, "TMPDIR": str(tmp_path)})
    for args in (["--no-keepalive", url], ["--rate", 1000, "--post-bytes", 10, url], [origin + "/status/500"], [refused_url]):
        run(runner, *n, *c, *args)
    run(runner, "-n", 2, url)  # the summary for people
    for args in (["--version"], ["--help"], ["--probe", url]):
        run(runner, *args)
    for args in (["-n", "x", url], ["--task", "banana"], ["--no-such-flag"], ["ftp://127.0.0.1/"]):
        run(runner, *args, codes=[2])


@pytest.fixture(scope="module", name="small")
def measure(tmp_path_factory):
    """A run with its report; a runner that leaks ends with an error, and its trial is invalid."""
    folder = tmp_path_factory.mktemp("small")
    path = folder / "small.json"
    path.write_text(json.dumps(SCENARIO))
    done = run("concbench", "run", path, "--out", folder / "out", "--blocks", 2, "--json", "--expect", codes=[0, 4],
               env={**os.environ, "ASAN_OPTIONS": WITH_LEAKS})
    told = json.loads(done.stdout)
    assert told["complete"] is True and told["trials_invalid"] == 0
    return folder / "out" / told["id"]


def test_every_verb(small, tmp_path):
    """One line at least for each that the help names."""
    scenario = small.parent.parent / "small.json"
    commands = {
        "help": [["help"]], "list": [["list"], ["list", "--json"]], "doctor": [["doctor"], ["doctor", "--json"]],
        "validate": [["validate", scenario], ["validate", small / "results.json"], ["validate", small / "trials.jsonl"]],
        "run": [["run", "--dry-run"], ["run", scenario, "--dry-run", "--json", "--models", "threads,coroutines"]],
        "report": [["report", small, "--out", tmp_path / "page"]],
        "compare": [["compare", SAMPLE, small], ["compare", small, small, "--json"],
                    ["compare", SAMPLE, small, "--html", tmp_path / "page.html", "--markdown", tmp_path / "page.md"]],
        "merge": [["merge", tmp_path / "merged.json", small, "--missing", "n2"]],
        "export": [["export", "-f", form, small] for form in
                   ("csv-long", "benchmark-action", "junit", "openmetrics", "benchstat", "hyperfine", "chrome-trace")],
        "rerun": [["rerun", small, "--dry-run"]],
        "show": [["show", small, "--no-guess"], ["show", "ten-requests", "--models", "threads"]],
        "conform": [["conform", "runner-null"]],
        "lesson": [["lesson", "banana"]],
        "tune": [["tune", scenario, "--models", "threads", "--concurrency", "1,2", "--out", tmp_path / "tuned", "--budget", "1s",
                  "--progress", "none"]],
        "check": [["check", "--out", tmp_path / "checked", "--budget", "1s", "--progress", "none"]]}
    verbs = set(re.findall(r"^  ([a-z]+) +\S", run("concbench", "help").stdout, re.M))
    assert verbs == commands.keys() - {"help"}
    for verb, lines in commands.items():
        for line in lines:
            run("concbench", *line, codes=[2] if "banana" in line else [0, 3, 4], timeout=900)
        run("concbench", verb, "--no-such-option", codes=[2])


def test_resuming(small, tmp_path):
    """Measured and drawn again from a journal that lacks its end."""
    cut = tmp_path / small.name
    cut.mkdir()
    lines = (small / "trials.jsonl").read_text().splitlines(keepends=True)
    (cut / "trials.jsonl").write_text("".join(lines[:-3]))
    run("concbench", "report", cut)
    run("concbench", "run", "--resume", cut, codes=[0, 2, 3])


def test_the_origin(tmp_path):
    server = Origin("--tls", "--ca-out", tmp_path / "ca.pem")
    run("runner-threads", "--json", "-n", 20, "-c", 4, "--no-keepalive", "--insecure", server.url + "/bytes/10")
    assert server.stop() == (0, "")
