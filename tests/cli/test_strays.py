"""A runner that kills or stops its launcher: what it ran is ended, the trial says why, and the next ones are measured alone."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest
from cli_helpers import concbench, runs_in, write_scenario
from conftest import BIN, processes_with_token, wait_until_gone

EVIL = """
import os, signal, sys, time
mode = sys.argv[1]
if "--probe" in sys.argv: sys.exit(0)
launcher = os.getppid()
def daemon(then):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
            then()
            os.execve("/bin/sleep", ["sleep", "600"], {"EVIL": os.environ["EVIL"]})
        os._exit(0)
    time.sleep(0.1)
def nothing(): pass
if mode == "daemon-kills":
    daemon(lambda: (time.sleep(0.2), os.kill(launcher, 9)))
if mode == "many":
    for _ in range(20): daemon(nothing) if _ % 2 else os.fork() or os.execvp("sleep", ["sleep", "600"])
    os.kill(launcher, 9)
if mode == "other-user":
    if os.fork() == 0:
        os.setsid(); os.setuid(65534); os.execvp("sleep", ["sleep", "600"])
    time.sleep(0.2); os.kill(launcher, 9)
if mode in ("kills", "segv", "term"):
    daemon(nothing); os.kill(launcher, {"kills": 9, "segv": 11, "term": 15}[mode])
if mode in ("stops", "tstp"):
    daemon(nothing); os.kill(launcher, {"stops": 19, "tstp": 20}[mode])
time.sleep(600)
"""


MODES = {"daemon-kills": "died of signal 9", "kills": "died of signal 9", "segv": "died of signal 11", "term": "died of signal 15",
         "many": "died of signal 9", "other-user": "died of signal 9", "stops": "was stopped", "tstp": "was stopped"}
LOOKERS = 3


@pytest.fixture(scope="module", name="after")
def run_them_all(tmp_path_factory):
    """All of them in one run, and those who look for what is left: the token, what was seen, the timed trials by model."""
    folder, token = tmp_path_factory.mktemp("strays"), f"strays-{os.getpid()}"
    script, seen = folder / "evil.py", folder / "seen"
    script.write_text(EVIL)
    # an honest one looks around before it measures: is anybody of an evil one's there?
    looker = folder / "looker"
    looker.write_text(f"#!/bin/sh\ngrep -l -a 'EVIL={token}' /proc/[0-9]*/environ 2>/dev/null | while read f; do p=${{f%/environ}};"
                      f" tr '\\0' ' ' <$p/cmdline | grep '^sleep 600' >>{seen}; done\nexec {sys.executable} -c pass\n")
    looker.chmod(0o755)
    path = write_scenario(folder, models=["sequential"], load={"concurrency": [1], "requests": 4})
    args = [word for mode in MODES if mode != "other-user" or not os.geteuid()
            for word in ("--runner", f"{mode}={sys.executable} {script} {mode}")]
    args += [word for number in range(LOOKERS) for word in ("--runner", f"looker{number}={looker}")]
    done = concbench("run", path, "--out", folder / "out", "--blocks", 2, "--no-report", "--seed", 1, *args, timeout=600,
                     env={**os.environ, "EVIL": token})
    assert done.returncode == 4, done.stderr
    wait_until_gone(token)
    run, = runs_in(folder / "out")
    lines = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    trials = {}
    for line in lines:
        trial = line.get("trial", line)
        if trial.get("pass") == "timed":
            trials.setdefault(trial["model"], []).append(trial)
    return seen, trials


def test_nothing_is_measured_beside_what_was_left(after):
    seen, trials = after
    assert len(trials["sequential"]) >= 2 and all(trial["valid"] for trial in trials["sequential"])
    assert all(len(trials[f"looker{number}"]) >= 2 for number in range(LOOKERS))
    assert not seen.exists() or not seen.read_text()


@pytest.mark.parametrize("mode", MODES)
def test_a_trial_says_what_became_of_its_launcher(after, mode):
    if mode == "other-user" and os.geteuid():
        pytest.skip("only root can change the user")
    _, trials = after
    assert trials[mode]
    for trial in trials[mode]:
        assert trial["invalid_reason"]["class"] == "launch"
        assert MODES[mode] in trial["invalid_reason"]["text"], trial["invalid_reason"]
        assert "left behind" in trial["invalid_reason"]["text"]


ESCAPED = """
import os, signal, sys, time
if "--probe" in sys.argv: sys.exit(0)
if ("--describe" in sys.argv) != (sys.argv[2] == "describe"): sys.exit(2)
launcher = os.getppid()
if os.fork() == 0:
    os.setsid()
    os.execv(sys.argv[1], ["setpriv", "--reuid", "0", "sleep", "600"])
while open("/proc/self/task/" + str(os.getpid()) + "/children").read() == "": pass
time.sleep(0.2)
os.kill(launcher, 9)
time.sleep(600)
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="takes root, to give up and to regain")
@pytest.mark.parametrize("when", ["trial", "describe"])
def test_what_cannot_be_ended_ends_the_run_in_words(tmp_path, when):
    """The harness is a plain user's; a program of root's is left behind by a runner, through a set-uid file."""
    token = f"cannot-{os.getpid()}"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="strays.", dir="/tmp"))  # that user may come here
    try:
        folder.chmod(0o755)
        (folder / "out").mkdir()
        os.chown(folder / "out", 65534, 65534)
        (folder / "escape.py").write_text(ESCAPED)
        shutil.copy(shutil.which("setpriv"), folder / "setpriv")
        (folder / "setpriv").chmod(0o4755)
        path = write_scenario(folder, models=["sequential"], load={"concurrency": [1], "requests": 4})
        done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", BIN / "concbench", "run", path, "--out", folder / "out",
                               "--blocks", "2", "--seed", "1", "--no-report", "--runner",
                               f"evil=/usr/bin/python3 {folder}/escape.py {folder}/setpriv {when}"],
                              capture_output=True, text=True, timeout=300, env={**os.environ, "EVIL": token})
        left = processes_with_token(token)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if not left:
            pytest.skip("no set-uid file has an effect here: " + done.stderr)
        assert done.returncode == 3, done.stderr
        assert str(left[0]) in done.stderr and "cannot be ended" in done.stderr, done.stderr
        runs = runs_in(folder / "out")
        assert len(runs) == (when == "trial")  # before the first trial there is no run
        for run in runs:
            lines = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
            assert lines[-1].get("complete") is False or lines[-1]["type"] == "trial"
    finally:
        shutil.rmtree(folder)
