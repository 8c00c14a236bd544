"""Who gets which CPUs: as doctor tells it of described machines, as a run stores it, as lists decide it."""

import json
import os
import subprocess

import pytest
from conftest import BIN, run_program
from schemas import errors

CPUS = sorted(os.sched_getaffinity(0))
LITTLE = ("run", "ten-requests", "--models", "threads", "--preset", "quick", "-b", "1", "--no-report", "--progress", "none")


def described(description, *words):
    return subprocess.run([BIN / "concbench", *words], capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, HWLOC_SYNTHETIC=description))


def test_doctor_shows_a_described_machine():
    found = {item["subject"]: item["text"] for item in
             json.loads(described("pack:2 numa:4 core:12 pu:1", "doctor", "--json").stdout)}
    assert found["CPUs"] == "96 of a described machine"
    assert found["CPUs of origin"].startswith("0-5 (6 cores;") and found["CPUs of runner"].startswith("6-11 (6 cores;")
    assert "84 cores" in found["CPUs unused"]


def test_doctor_says_that_one_core_is_shared():
    found = {item["subject"]: item for item in json.loads(described("core:1 pu:2", "doctor", "--json").stdout)}
    assert found["CPUs"]["finding"] == "note" and "shared: there is one core" in found["CPUs"]["text"]
    assert found["CPUs of origin and runner"]["text"].startswith("0-1 (1 core with SMT;")


def test_a_described_machine_is_not_measured(tmp_path):
    done = described("core:4 pu:1", *LITTLE, "--out", str(tmp_path))
    assert done.returncode == 3 and "describes another machine" in done.stderr
    assert described("core:4 pu:1", *LITTLE, "--dry-run").returncode == 0


def test_lists_decide_and_are_stored(tmp_path):
    cpu = str(CPUS[0])
    done = run_program("concbench", *LITTLE, "--out", tmp_path, "--cpus-runner", cpu, "--cpus-origin", cpu, "--json")
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "latest" / "results.json") as file:
        results = json.load(file)
    assert not errors("results", results)
    placement = results["environment"]["placement"]
    assert (placement["runner_cpus"], placement["origin_cpus"], placement["shared"]) == (cpu, cpu, True)
    assert placement["warning"].startswith("shared: ")
    assert "both" in {entry["use"] for entry in placement["machine"]}
    assert sum(entry["cores"] * entry["threads"] for entry in placement["machine"]) == len(CPUS)
    assert results["cells"][0]["trials"][0]["placement"]["runner_cpus"] == cpu
    assert "shared-cpus" in {warning["id"] for warning in results["warnings"]}


@pytest.mark.parametrize("option", ["--cpus-runner", "--cpus-origin"])
@pytest.mark.parametrize("cpus, why", [("8191", "there is no CPU 8191"), ("1-", "no list of CPUs")])
def test_a_wrong_list_is_told(option, cpus, why):
    done = run_program("concbench", *LITTLE, "--dry-run", option, cpus)
    assert done.returncode == 2 and f"{option}: " in done.stderr and why in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(len(CPUS) < 2, reason="needs two CPUs")
def test_a_cpu_outside_the_mask_is_told():
    done = subprocess.run(["taskset", "-c", str(CPUS[0]), BIN / "concbench", *LITTLE, "--dry-run", "--cpus-runner",
                           str(CPUS[1])], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and f"this process may not use CPU {CPUS[1]}; it may use {CPUS[0]}" in done.stderr
