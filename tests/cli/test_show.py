"""`concbench show`: a replay in a terminal (tmux plays the terminal), and lines where there is none."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from conftest import BIN, wait_until
from cli_helpers import concbench

HOSTILE = "\x1b]0;pwned\x07\x1b[2J\u202e\u009b31m"


def results(path, hostile=""):
    """Ten waits of 100 ms, one after the other and together, and two calls that block a loop."""
    in_turn = [[i, i * 10**8, (i + 1) * 10**8, 0, (i + 1) * 10**8, 0] for i in range(10)]
    together = [[i, 0, 10**8, i, 10**8, 0] for i in range(10)]
    cells = [{"scenario": "ten", "model": model + hostile, "concurrency": 10, "status": "measured", "trials": [
        {"command": ["runner-" + model + hostile, "--trace", "--result-fd", "3", "-n", "10"]}],
        "trace": {"setup_ns": 1000, "of": 10, "rows": rows, "calls": calls, "reason": None}}
        for model, rows, calls in (("sequential", in_turn, []), ("threads", together, []),
                                   ("coroutines", in_turn[:2], [[i, i * 10**8, (i + 1) * 10**8, "loop"] for i in range(2)]))]
    document = {"schema_version": 1, "run": {"id": "made"}, "environment": {}, "warnings": [], "cells": cells,
                "scenarios": [{"name": "ten", "title": "Ten " + hostile, "question": "How long? " + hostile, "task": "http"}]}
    path.write_text(json.dumps(document))
    return path


def bar(text, name):
    return re.search(rf"^ *{name} \|(.*?)\|", text, re.M).group(1)


def test_lines_where_there_is_no_terminal(tmp_path):
    done = concbench("show", results(tmp_path / "results.json"))
    assert (done.returncode, done.stderr) == (0, "")
    assert bar(done.stdout, "sequential").startswith("A===") and "J" in bar(done.stdout, "sequential")
    assert bar(done.stdout, "threads").rstrip() == "A====" and "|J==== " in done.stdout
    assert "!!!" in bar(done.stdout, "coroutines") and "2/2 done in 200 ms" in done.stdout
    assert "10/10 done in 1.00 s" in done.stdout
    assert "threads     100 ms for 10 requests, 10.0 at a time\n" in done.stdout
    assert "coroutines  200 ms for 2 requests, its loop blocked for 100 % of it\n" in done.stdout
    assert "runner-coroutines -n 10\n" in done.stdout


def test_a_scenario_is_tried_at_once():
    done = concbench("show", "ten-requests", "--models", "sequential,coroutines")
    assert (done.returncode, done.stderr) == (0, "")
    assert "how long do all ten take?" in done.stdout
    assert len(re.findall(r"10/10 done in", done.stdout)) == 2
    assert re.search(r"(?m)^sequential  .* for 10 requests, 1\.0 at a time$", done.stdout)
    assert "Why: Each of ten requests is answered after 100 ms" in done.stdout
    by_hand = done.stdout.split("by hand:\n")[1].splitlines()
    assert by_hand[0].endswith("/concbench-origin --port 8080 &") and len(by_hand) == 2
    assert "/runner-coroutines -n 10 -c 10 " in by_hand[1]
    assert by_hand[1].endswith(" 'http://127.0.0.1:8080/bytes/1024?delay_ms=100'")


@pytest.mark.parametrize("change, says", [(lambda d: [c.pop("trace") for c in d["cells"]], "no trace to show"),
                                          (lambda d: d.pop("scenarios"), "no such scenario in it"),
                                          (lambda d: d["cells"][0].update(trace=7) or d["cells"].__delitem__(slice(1, None)),
                                           "no trace to show")])
def test_results_that_show_nothing(tmp_path, change, says):
    path = results(tmp_path / "results.json")
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    done = concbench("show", path)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1


def test_hostile_text_stays_text(tmp_path):
    done = concbench("show", results(tmp_path / "results.json", HOSTILE))
    assert done.returncode == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)


def test_the_command_is_safe_to_paste(tmp_path):
    """Each word is one word to a shell, whatever a file says; our server gets a command, another one does not."""
    path = results(tmp_path / "results.json")
    document = json.loads(path.read_text())
    words = ["/opt/run it", "", "it's; rm -rf ~ #", "$(id)", "`id`", "{a,b}", "~root", "!x", "a\nb", "*", "-n"]
    for url, told in ((None, 2), ("http://127.0.0.1:9/", 1)):
        document["run"]["url"] = url
        document["cells"][-1]["trials"][0]["command"] = words + ["--result-fd", "3", "--trace", "http://127.0.0.1:9/x?y=1&z"]
        path.write_text(json.dumps(document))
        lines = concbench("show", path).stdout.split("by hand:\n")[1].splitlines()
        assert len(lines) == told
        port = 8080 if told == 2 else 9
        assert shlex.split(lines[-1]) == [w.replace("\n", " ") for w in words] + [f"http://127.0.0.1:{port}/x?y=1&z"]
        assert told == 1 or lines[0] == "/opt/concbench-origin --port 8080 &"


class Terminal:
    """A tmux server of its own with one window, in which a shell waits. COLUMNS and LINES are of another window."""

    def __init__(self, folder, columns, rows):
        self.socket = str(folder / "tmux")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "env COLUMNS=200 LINES=9 PS1='READY$ ' sh")
        self.until("READY")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True, capture_output=True, text=True, timeout=300).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def see(self):
        return self.tmux("capture-pane", "-p")

    def until(self, text):
        wait_until(lambda: re.search(text, self.see()), text)
        return self.see()


@pytest.fixture
def terminal(tmp_path):
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    made = []

    def start(columns, rows=24):
        made.append(Terminal(tmp_path, columns, rows))
        return made[0]
    yield start
    made[0].tmux("kill-server")


def test_the_keys_at_80_columns(terminal, tmp_path):
    t = terminal(80)
    t.keys(f"{BIN}/concbench show --step {results(tmp_path / 'r.json', HOSTILE)}", "Enter")
    asked = t.until("Type your guess")
    assert "done in" not in asked and re.search(r"how long does each of them take for 10\s+requests\?", asked)
    t.keys("1 second" + 300 * "q", "Enter")
    assert "0/10" in t.until("t = 0.*paused")
    t.keys("Right")
    assert "10/10 done in 100 ms" in t.until("t = 100 ms +paused")
    t.keys("r")
    t.until("t = 0.*paused")
    t.keys("Space")  # goes on to the end
    t.until("the end")
    t.tmux("resize-window", "-x", "40", "-y", "30")
    t.until(r"(?m)^\|A.*\|$")
    t.keys("q")
    t.until(r"(?s)You guessed: 1\s+secondq+.*by hand:.*READY")
    t.keys("stty -a | grep -c ' icanon.* echo ' && echo over", "Enter")
    t.until("(?m)^over")


def test_forty_columns_without_a_guess(terminal, tmp_path):
    t = terminal(40)
    t.keys(f"{BIN}/concbench show --no-guess {results(tmp_path / 'r.json', '.with-a-long-name')}", "Enter")
    seen = t.until("the end")
    assert re.search(r"(?m)^sequential\S+ 10/10 done in 1.00 s\n\|A==.*\|$", seen)
    assert all(len(line) <= 40 for line in seen.splitlines())
    assert len(re.findall(r"(?m)^\S+ \d+/\d+ done in \d+\S* m?s$", seen)) == 3, "the names are cut, the times are not"
    t.keys("C-c")
    t.until("READY")
