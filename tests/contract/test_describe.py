"""--describe: what a runner says of itself, from the table that reads its command line, and conform's questions about it."""

import json
import os
import subprocess
import uuid

import pytest
from conftest import BIN, MODELS, PER_REQUEST, SOURCE, WITHOUT_LIBCURL, run_program

ALL = [*MODELS, "null"]
KNOBS = {"switch", "guard", "stack-bytes", "buffer-bytes", "cpus"}
HAS_DB = "db" in json.loads(run_program("runner-threads", "--describe").stdout)["tasks"]  # built with libpq
COROUTINES = ["coroutines", "coroutine-threads", "process-loops", "executor"]


def description(model, *words):
    if not (BIN / f"runner-{model}").exists():
        pytest.skip(f"runner-{model} is not built here")
    done = run_program(f"runner-{model}", "--describe", *words)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    return json.loads(done.stdout)


@pytest.mark.parametrize("model", ALL)
def test_every_flag_of_the_help_is_described(model):
    said = description(model)
    names = [flag["name"] for flag in said["flags"]]
    told = {line.split("--")[1].split()[0] for line in run_program(f"runner-{model}", "--help").stdout.splitlines()
            if line.startswith("  ") and "--" in line} - {"help"}
    assert len(set(names)) == len(names)
    assert told - set(names) == ({"connections", "http"} if model in WITHOUT_LIBCURL else
                                 set() if "connections" in names else {"connections"})
    assert said["contract"] == 2 and said["name"] == model


@pytest.mark.parametrize("model", ALL)
def test_facts_are_those_of_the_model(model):
    said = description(model)
    knobs = {flag["name"] for flag in said["flags"] if flag["is_knob"]}
    assert said["units"] == ("request" if model in PER_REQUEST else "worker")
    assert said["is_single"] == (model in ("sequential", "null"))
    assert said["uses_libcurl"] == (model not in [*WITHOUT_LIBCURL, "null"])
    # cli/test_ranges.py compares them with what a document notes
    assert knobs == (set() if model == "null" else KNOBS if model in COROUTINES else knobs & KNOBS | {"buffer-bytes", "cpus"})


@pytest.mark.parametrize("model", ALL)
def test_a_thread_has_a_larger_least_stack_than_a_coroutine(model):
    flag = next(flag for flag in description(model)["flags"] if flag["name"] == "stack-bytes")
    assert flag["min"] == (16384 if model in ("threads", "thread-per-request") else 1024)
    words = ["--task", "none", "-n", 1, "--stack-bytes"]
    done = run_program(f"runner-{model}", *words, flag["min"] - 1)
    assert done.returncode == 2 and f"from {flag['min']} to 1073741824" in done.stderr, done.stderr


@pytest.mark.parametrize("model", ALL)
def test_tasks_are_those_that_it_takes(model):
    said = description(model)["tasks"]
    every = ["http", "none", "sleep", "block", "cpu", "file", "fan-out", "pipeline", "switch", "spawn"]
    c = ["-c", 1] if model in ("sequential", "null") else ["-c", 2]
    done = {task: run_program(f"runner-{model}", "--probe", "--task", task, "-n", 2, *c, "http://127.0.0.1/") for task in every}
    if model != "null":  # which does nothing, whatever it is asked
        assert [task for task in every if done[task].returncode != 2] == [task for task in every if task in said]
    assert "db" in said or not HAS_DB or model in ("null", "multi-poll", *WITHOUT_LIBCURL)


def test_nothing_else_on_the_command_line_matters():
    assert description("threads") == description("threads", "-n", 5, "-c", 2, "--task", "sleep", "http://127.0.0.1:1/")


def test_a_default_is_what_holds_without_the_flag():
    flags = {flag["name"]: flag for flag in description("threads")["flags"]}
    assert [flags[name]["default"] for name in ("requests", "task", "json", "sleep-ms", "cpus", "cacert")] == \
        [100, "http", False, "1000", None, None]
    assert (flags["seed"]["min"], flags["seed"]["max"]) == (0, None)
    assert flags["arrivals"]["choices"] == ["poisson", "fixed"]


def conform(command):
    environment = dict(os.environ, CONCBENCH_LOCK_NAME=f"describe-{uuid.uuid4()}")
    done = run_program("concbench", "conform", "--json", "--limit-s", 300, command, timeout=900, env=environment)
    return {point["name"]: point for point in json.loads(done.stdout)["points"]}


def lying(tmp_path, change, model="null"):
    """A runner, but for what it says of itself; change: a function of its description, or text. runner-null is asked the
    same of it as any other, and little else."""
    said = description(model)
    text = change if isinstance(change, str) else json.dumps(said | (change(said) or {}))
    (tmp_path / "said.json").write_text(text)
    script = tmp_path / "runner"
    script.write_text(f'#!/bin/sh\nif [ "$1" = --describe ]; then cat "{tmp_path}/said.json"; exit 0; fi\n'
                      f'exec "{BIN}/runner-{model}" "$@"\n')
    script.chmod(0o755)
    return script


def flag_with(said, name, **changes):
    return {"flags": [flag | changes if flag["name"] == name else flag for flag in said["flags"]]}


LIES = [
    (lambda said: {"name": "other"}, "name: expected 'null' as in the document, found 'other'"),
    (lambda said: {"is_single": False}, "is_single: expected true, as -c 2 is refused"),
    (lambda said: {"tasks": ["none", "juggle"]}, "expected exit code 0, found 2: runner-null: --task: 'juggle'"),
    (lambda said: flag_with(said, "buffer-bytes", min=1), "--buffer-bytes 1: expected exit code 0, found 2"),
    (lambda said: flag_with(said, "buffer-bytes", max=4096), "'--buffer-bytes 4097 http"),
    (lambda said: flag_with(said, "guard", choices=["tea", "canary"]), "--guard tea: expected exit code 0, found 2"),
    (lambda said: {"contract": 1}, "contract"),
    (lambda said: {"needs": {}}, "needs"),
    ("{", "description"),
    ("", "description")]


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="nothing in it depends on the build")
@pytest.mark.parametrize("change, found", LIES, ids=[found[:20] for _, found in LIES])
def test_what_is_not_so_is_found_out(tmp_path, change, found):
    point = conform(lying(tmp_path, change))["describe"]
    assert point["status"] == "failed" and found in point["text"], point


def test_a_runner_of_version_1_is_not_asked(tmp_path):
    script = tmp_path / "runner"
    script.write_text('#!/bin/sh\nif [ "$1" = --describe ]; then echo "runner: unknown option" >&2; exit 2; fi\n'
                      f'exec "{BIN}/runner-sequential" "$@"\n')
    script.chmod(0o755)
    points = conform(script)
    assert points["describe"]["status"] == "skipped" and "version 1" in points["describe"]["text"]
    assert {name for name, point in points.items() if point["status"] == "failed"} == set()


def test_the_python_runners_describe_themselves():
    runner = "import sys; sys.path.insert(0, sys.argv.pop(1)); import contract; contract.Run('mine', family='threads')"
    done = subprocess.run(["/usr/bin/python3", "-c", runner, str(SOURCE / "runners/external"), "--describe"],
                          capture_output=True, text=True, timeout=300, check=True)
    said, ours = json.loads(done.stdout), description("coroutines")
    assert said.keys() == ours.keys() and (said["name"], said["family"]) == ("mine", "threads")
    ranges = {flag["name"]: (flag["type"], flag["min"], flag["max"]) for flag in ours["flags"]}
    assert {flag["name"]: (flag["type"], flag["min"], flag["max"]) for flag in said["flags"]}.items() <= ranges.items()
