"""Runners beside the built-in models: commands of the scenario and of the command line, and
sweeps."""

import json
import shutil
import subprocess

import pytest

from conftest import BIN, SOURCE, run_program
from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


def planned(*args, **options):
    """{model: skip reason} of a dry run."""
    done = concbench("run", *args, "--dry-run", "--json", **options)
    assert done.returncode == 0, done.stderr
    return {cell["model"]: cell["skip_reason"] for cell in json.loads(done.stdout)["cells"]}


def test_a_command_is_a_model_like_any_other(tmp_path):
    """From the file and from the command line, through results, validation and report."""
    (tmp_path / "theirs").mkdir()
    shutil.copy(BIN / "runner-callbacks", tmp_path / "theirs/run me")
    path = write_scenario(tmp_path, models=["threads"], runners=[
        {"name": "theirs", "command": ["theirs/run me", "--buffer-bytes", "2048"], "about": "a copy"},
        {"name": "threads.small", "model": "threads", "flags": ["--stack-bytes", "32768"]},
        {"name": "absent", "command": ["no-such-program"]}])
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 2, "--concurrency", "2",
                     "--runner", f"mine='{BIN}/runner-coroutines' --switch \"ucontext\"",
                     cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no-such-program is not installed" in done.stderr
    run = runs_in(tmp_path / "out")[0]
    text = (run / "results.json").read_text()
    results = json.loads(text)
    assert errors("results", results) == []
    cells = {cell["model"]: cell for cell in results["cells"]}
    assert set(cells) == {"threads", "theirs", "threads.small", "absent", "mine"}
    assert cells["absent"]["status"] == "skipped"
    ran = {name: cell["trials"][0] for name, cell in cells.items() if name != "absent"}
    assert {name: trial["document"]["model"] for name, trial in ran.items()} == {
        "threads": "threads", "theirs": "callbacks", "threads.small": "threads",
        "mine": "coroutines"}
    assert ran["theirs"]["document"]["knobs"]["buffer_bytes"] == 2048
    assert ran["threads.small"]["document"]["knobs"]["stack_bytes"] == 32768
    assert ran["mine"]["command"][:3] == ["runner-coroutines", "--switch", "ucontext"]
    assert str(tmp_path) not in text and str(BIN) not in text
    assert concbench("validate", run / "results.json").returncode == 0
    assert "mine" in (run / "summary.md").read_text()
    compared = concbench("compare", "--all", run / "results.json", run / "results.json")
    assert compared.returncode == 0 and "threads.small" in compared.stdout


def test_models_leaves_out_the_runners_it_does_not_name(tmp_path):
    path = write_scenario(tmp_path, runners=[
        {"name": "a", "command": ["true"]}, {"name": "b", "command": ["true"]}])
    assert set(planned(path)) == {"sequential", "threads", "coroutines", "a", "b"}
    assert set(planned(path, "--models", "threads,b")) == {"threads", "b"}
    assert set(planned(path, "--models", "threads", "--runner", "c=true")) == {"threads", "c"}


def test_a_probe_decides_whether_a_command_can_run(tmp_path):
    path = write_scenario(tmp_path, runners=[
        {"name": "can", "command": ["python3", "x.py"], "probe": ["python3", "-c", "import json"]},
        {"name": "cannot", "command": ["python3", "x.py"],
         "probe": ["python3", "-c", "import no_such_module"]}])
    cells = planned(path)
    assert cells["can"] is None
    assert cells["cannot"] == \
        "probe failed: ModuleNotFoundError: No module named 'no_such_module'"


def test_a_command_that_is_no_runner_is_invalid_with_its_words(tmp_path):
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [1], "requests": 1})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report",
                     "--runner", "fails=sh -c 'echo this is not it >&2; exit 7'",
                     "--runner", "silent=true")
    assert done.returncode == 4, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    reasons = {cell["model"]: cell["trials"][0]["invalid_reason"] for cell in results["cells"]}
    assert reasons["threads"] is None
    assert reasons["fails"] == {"class": "exit", "text": "exit code 7: this is not it"}
    assert reasons["silent"]["class"] == "no-document"


@pytest.mark.parametrize("value, words", [
    ("x", ["NAME=COMMAND"]),
    ("=true", ["NAME=COMMAND"]),
    ("../x=true", ["NAME=COMMAND"]),
    ("x=", ["no command"]),
    ("x='a", ["no end"]),
    ("x=no-such-program --flag", ["no-such-program is not installed"]),
    ("x=./no-such-file", ["./no-such-file: No such file"]),
    ("threads=true", ["'threads' is a model of ours"]),
])
def test_bad_runners(value, words, tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--dry-run", "--runner", value, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def test_no_shell_sees_a_command(tmp_path):
    """Neither at plan time nor in a trial."""
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [1], "requests": 1},
                          runners=[{"name": "a", "command": ["true", "; touch ran1", "$(touch ran2)"],
                                    "probe": ["true", "`touch ran3`"]}])
    concbench("run", path, "--out", "out", "--blocks", 1, "--no-report", "--runner",
              "b=true ; touch ran4 | touch ran5 $(touch ran6)", cwd=tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "small.json"]


def test_a_sweep_is_a_model_for_each_value(tmp_path):
    path = write_scenario(tmp_path, models=["sequential", "threads", "coroutines"],
                          baseline="coroutines", load={"concurrency": [2], "requests": 4},
                          sweep={"switch": ["ucontext", "fcontext"]})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report",
                     "--sweep", "buffer_bytes=1024,2048", "--models", "sequential,coroutines")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    assert errors("results", results) == []
    assert results["scenarios"][0]["baseline"] == "coroutines.ucontext.buffer-1024"
    knobs = {cell["model"]: cell["trials"][0]["document"]["knobs"] for cell in results["cells"]}
    assert {name: (k.get("switch_backend"), k["buffer_bytes"]) for name, k in knobs.items()} == {
        "sequential.buffer-1024": (None, 1024), "sequential.buffer-2048": (None, 2048),
        "coroutines.ucontext.buffer-1024": ("ucontext", 1024),
        "coroutines.ucontext.buffer-2048": ("ucontext", 2048),
        "coroutines.fcontext.buffer-1024": ("fcontext", 1024),
        "coroutines.fcontext.buffer-2048": ("fcontext", 2048)}
    assert {cell["concurrency"] for cell in results["cells"]
            if cell["model"].startswith("sequential")} == {1}


def test_a_swept_single_model_can_be_the_baseline(tmp_path):
    path = write_scenario(tmp_path, models=["sequential", "threads"], baseline="sequential",
                          load={"concurrency": [2, 3], "requests": 4},
                          runners=[{"name": "one", "model": "sequential"}])
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 6, "--no-report",
                     "--models", "one,threads", "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads((runs_in(tmp_path / "out")[0] / "results.json").read_text())
    assert {(row["baseline"], row["concurrency"]) for row in results["comparisons"]} == {
        ("one", 2), ("one", 3)}


def test_a_runner_of_the_table_that_is_not_built_is_skipped(tmp_path):
    """Named in a scenario it is skipped; asked for by name it is an error."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "share").symlink_to(BIN.parent / "share")
    for name in ("concbench", "runner-threads"):
        shutil.copy(BIN / name, tmp_path / "bin")
    path = write_scenario(tmp_path, models=["threads", "stackless"])
    done = concbench_at(tmp_path, path)
    assert {c["model"]: c["skip_reason"] for c in json.loads(done.stdout)["cells"]} == {
        "threads": None, "stackless": "runner-stackless is not built here"}
    done = concbench_at(tmp_path, path, "--models", "stackless")
    assert done.returncode == 2 and "runner-stackless is not built here" in done.stderr


def concbench_at(top, path, *args):
    return subprocess.run([top / "bin/concbench", "run", path, "--dry-run", "--json", *args],
                          capture_output=True, text=True, timeout=300)


def test_a_model_is_probed_where_it_says_so(tmp_path):
    """runner-io-uring --probe: the line it says when it ends with 3 is the reason."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "share").symlink_to(BIN.parent / "share")
    shutil.copy(BIN / "concbench", tmp_path / "bin")
    probe = tmp_path / "bin/runner-io-uring"
    said = json.loads(run_program("runner-epoll", "--describe").stdout)
    (tmp_path / "said.json").write_text(json.dumps({**said, "name": "io-uring", "needs_probe": True}))
    path = write_scenario(tmp_path, models=["io-uring"])
    for answer, reason in (("exit 0", None), ("echo the sandbox refuses it >&2; exit 3",
                                              "the sandbox refuses it")):
        probe.write_text(f"#!/bin/sh\n[ $1 != --describe ] || exec cat {tmp_path}/said.json\n"
                         f'[ "$*" = --probe ] || exit 9\n{answer}\n')
        probe.chmod(0o755)
        cells = json.loads(concbench_at(tmp_path, path).stdout)["cells"]
        assert {cell["skip_reason"] for cell in cells} == {reason}


def test_a_broken_runner_in_another_language_is_listed_with_its_error(tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("concbench", "concbench-foreign"):
        shutil.copy(BIN / name, tmp_path / "bin")
    share = tmp_path / "share/concbench"
    (share / "scenarios").mkdir(parents=True)
    (share / "schema").symlink_to(SOURCE / "results/schema")
    whole = {"about": "a shell", "family": "threads", "tasks": ["none"], "units": "worker", "program": ["sh", "-c", "exit"]}
    texts = {"a-whole": json.dumps(whole), "b-torn": '{"about": "a shell"', "c-typed": json.dumps({"about": "a shell", "command": 5}),
             "d-nameless": json.dumps({**whole, "family": None}), "e-probed": json.dumps({**whole, "probe": ["sh", "-c", "echo no library >&2; exit 1"]})}
    for name, text in texts.items():
        (share / "runners/external" / name).mkdir(parents=True)
        (share / "runners/external" / name / "runner.json").write_text(text)
    (share / "runners/external/f-empty").mkdir()
    done = subprocess.run([tmp_path / "bin/concbench", "list", "--json"], capture_output=True, text=True, timeout=300, check=True)
    reasons = {one["name"]: one["reason"] for one in json.loads(done.stdout)["externals"]}
    words = {"a-whole": None, "b-torn": "b-torn/runner.json:1:", "c-typed": "c-typed/runner.json: command: expected",
             "d-nameless": "runner.json: family: expected a s", "e-probed": "no library"}
    assert list(reasons) == list(words)
    assert all(word in reasons[name] if word else not reasons[name] for name, word in words.items()), reasons
