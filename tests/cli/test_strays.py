"""A runner that kills or stops its launcher: what it ran is ended, the trial says why, and the next ones are measured alone."""

import json
import os
import sys

import pytest
from cli_helpers import concbench, runs_in, write_scenario
from conftest import processes_with_token, wait_until_gone

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


@pytest.mark.parametrize("mode, said", [
    ("daemon-kills", "died of signal 9"), ("kills", "died of signal 9"), ("segv", "died of signal 11"), ("term", "died of signal 15"),
    ("many", "died of signal 9"), ("other-user", "died of signal 9"), ("stops", "was stopped"), ("tstp", "was stopped")])
def test_nothing_is_measured_beside_what_was_left(tmp_path, mode, said, monkeypatch):
    if mode == "other-user" and os.geteuid():
        pytest.skip("only root can change the user")
    token = f"strays-{os.getpid()}-{mode}"
    monkeypatch.setenv("EVIL", token)
    script = tmp_path / "evil.py"
    script.write_text(EVIL)
    # the honest one looks around before it measures: is anybody of the evil one's there?
    looker = tmp_path / "looker"
    looker.write_text(f"#!/bin/sh\ngrep -l -a 'EVIL={token}' /proc/[0-9]*/environ 2>/dev/null | while read f; do p=${{f%/environ}};"
                      f" tr '\\0' ' ' <$p/cmdline | grep '^sleep 600' >>{tmp_path}/seen; done\nexec {sys.executable} -c pass\n")
    looker.chmod(0o755)
    path = write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 4})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 2, "--no-report", "--seed", 1, "--runner",
                     f"evil={sys.executable} {script} {mode}", "--runner", f"looker={looker}", timeout=300)
    assert done.returncode == 4, done.stderr
    wait_until_gone(token)
    run, = runs_in(tmp_path / "out")
    trials = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
    trials = [line for line in trials if line.get("pass") == "timed" or line.get("trial", {}).get("pass") == "timed"]
    trials = [line.get("trial", line) for line in trials]
    evil = [trial for trial in trials if trial["model"] == "evil"]
    assert evil and all(trial["invalid_reason"]["class"] == "launch" for trial in evil)
    for trial in evil:
        assert said in trial["invalid_reason"]["text"], trial["invalid_reason"]
        assert "left behind" in trial["invalid_reason"]["text"]
    assert all(trial["valid"] for trial in trials if trial["model"] == "sequential")
    assert not (tmp_path / "seen").exists() or not (tmp_path / "seen").read_text()
    assert not processes_with_token(token)
