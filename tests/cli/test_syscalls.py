"""concbench run --syscalls: a pass of its own, whatever tracer there is or is not."""

import json
import os
import shutil

import pytest

from cli_helpers import concbench, runs_in, write_scenario
from schemas import errors


def traced_run(folder, path=None):
    environment = {**os.environ, "PATH": path} if path else os.environ
    scenario = write_scenario(folder, load={"concurrency": [4], "requests": 40})
    done = concbench("run", scenario, "--models", "threads,coroutines", "--blocks", 1, "--syscalls",
                     "--no-report", "--out", folder / "out", env=environment)
    assert done.returncode == 0, done.stderr
    run, = runs_in(folder / "out")
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    for line in (run / "trials.jsonl").read_text().splitlines():
        assert errors("journal", json.loads(line)) == []
    assert concbench("validate", run / "trials.jsonl").returncode == 0
    return results


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_request_costs_these_calls(tmp_path):
    results = traced_run(tmp_path)
    for cell in results["cells"]:
        found = cell["syscalls"]
        if found["source"] is None:
            pytest.skip(found["reason"])  # ptrace is not allowed here
        assert found["requests"] == 36 and found["reason"] is None
        assert found["by_name"]["sendto"] == pytest.approx(1, abs=.1)
        assert "execve" not in found["by_name"]
        assert found["per_request"] == pytest.approx(sum(found["by_name"].values()), abs=.02)
    waits = {c["model"]: c["syscalls"]["by_name"] for c in results["cells"]}
    assert "epoll_wait" in waits["coroutines"] and "epoll_wait" not in waits["threads"]
    # never in a timed trial
    for cell in results["cells"]:
        assert all("strace" not in " ".join(t["command"]) for t in cell["trials"])


@pytest.mark.parametrize("script, said", [
    (None, "neither strace nor perf is installed"),
    ("echo 'ptrace: Operation not permitted' >&2; exit 1", "Operation not permitted"),
    ("exit 0", "no valid document"),
])
def test_without_a_tracer_the_reason_is_stored(tmp_path, script, said):
    (tmp_path / "bin").mkdir()
    if script:
        fake = tmp_path / "bin" / "strace"
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    results = traced_run(tmp_path, str(tmp_path / "bin"))
    for cell in results["cells"]:
        assert cell["syscalls"]["source"] is None and cell["syscalls"]["by_name"] is None
        assert said in cell["syscalls"]["reason"]
        assert cell["status"] == "ok"



def test_without_the_flag_there_is_none(tmp_path):
    scenario = write_scenario(tmp_path)
    done = concbench("run", scenario, "--blocks", 1, "--no-report", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    run, = runs_in(tmp_path / "out")
    assert "syscalls" not in json.loads((run / "results.json").read_text())["cells"][0]
