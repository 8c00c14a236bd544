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


SCENARIO = {"title": "Quota", "question": "?", "task": "sleep", "options": {"sleep_ms": 1, "cpus": 2},
            "models": ["coroutine-threads"], "placement": "shared",
            "runners": [{"name": "coroutine-threads.mask", "model": "coroutine-threads", "flags": ["--ignore-quota"]}],
            "load": {"concurrency": [4], "requests": 8}, "limits": {"quota_cpus": 1}}


@pytest.mark.skipif(CPUS < 2, reason="needs two CPUs")
def test_a_scenario_brings_its_own_quota(tmp_path):
    """In every pass; nothing of the groups remains."""
    (tmp_path / "mine.json").write_text(json.dumps(SCENARIO))
    plan = dry_run(tmp_path)
    if plan[0]["skip_reason"]:
        assert plan[0]["skip_reason"].startswith("no control group with a CPU quota: ")
        pytest.skip(plan[0]["skip_reason"])
    done = subprocess.run([BIN / "concbench", "run", "mine.json", "--blocks", "1", "--no-report", "--out", "out", "--progress", "none"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 4), done.stderr
    cells = json.loads((tmp_path / "out/latest/results.json").read_text())["cells"]
    for model, loops in (("coroutine-threads", 1), ("coroutine-threads.mask", 2)):
        cell = next(cell for cell in cells if cell["model"] == model)
        trials = [*cell["trials"], cell["memory"]["trial"]]
        assert len(trials) > 1 and all(trial["document"]["knobs"]["loops"] == loops for trial in trials)
    assert cells[0]["memory"]["sources"]["cgroup-v1-peak"]["reason"] == "the runner's group has a CPU quota"
    assert not [path for top in TOPS for path in top.glob("concbench-[0-9]*") if is_dead(int(path.name.split("-")[1]))]


def test_without_control_groups_the_cells_are_skipped(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(SCENARIO))
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh"]
    if subprocess.run([*hidden, "true"], capture_output=True).returncode:
        pytest.skip("cannot hide the control groups")
    assert all(cell["skip_reason"].startswith("no control group with a CPU quota: ") or CPUS < 2 for cell in dry_run(tmp_path, hidden))


def dry_run(folder, before=()):
    done = subprocess.run([*before, BIN / "concbench", "run", "mine.json", "--dry-run", "--json"], cwd=folder, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["cells"]


def is_dead(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
