"""A CPU quota of the control group: loops and placement follow it."""

import json
import os
import pathlib
import subprocess

import pytest
from conftest import BIN

CPUS = len(os.sched_getaffinity(0))
TOPS = [pathlib.Path("/sys/fs/cgroup", name) for name in ("cpu", "cpu,cpuacct", "")]


def write_quota(group, cpus):
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{cpus * 100000:.0f} 100000")
    else:
        (group / "cpu.cfs_quota_us").write_text(f"{cpus * 100000:.0f}")


@pytest.fixture
def in_group():
    """Runs a program in a control group with a quota; the group is gone afterwards."""
    why, group = "no control group of CPUs here", None
    for top in TOPS:
        try:
            group = top / f"concbench-test-{os.getpid()}"
            group.mkdir()
            write_quota(group, 1)
            break
        except OSError as error:
            why = f"no control group can be made: {error}"
            if group.exists():
                group.rmdir()
            group = None
    if not group:
        pytest.skip(why)

    def run(cpus, *words):
        write_quota(group, cpus)
        return subprocess.run([BIN / words[0], *words[1:]], capture_output=True, text=True, timeout=300,
                              preexec_fn=lambda: (group / "cgroup.procs").write_text("0"))
    yield run
    group.rmdir()


@pytest.mark.skipif(CPUS < 2, reason="needs two CPUs")
@pytest.mark.parametrize("model", ["coroutine-threads", "process-loops"])
def test_no_more_loops_than_the_quota_pays_for(in_group, model):
    for quota, loops in ((1, 1), (1.2, 2), (CPUS + 1, CPUS)):
        done = in_group(quota, f"runner-{model}", "--task", "sleep", "--sleep-ms", "1", "-n", "8", "-c", "8", "--json")
        assert done.returncode == 0, done.stderr
        knobs = json.loads(done.stdout)["knobs"]
        assert knobs["loops"] == loops, quota


def test_doctor_tells_a_small_quota(in_group):
    found = {item["subject"]: item for item in json.loads(in_group(1, "concbench", "doctor", "--json").stdout)}
    assert CPUS == 1 or (found["CPUs"]["finding"] == "note" and "quota: the control group allows 1 of these CPUs" in found["CPUs"]["text"])
