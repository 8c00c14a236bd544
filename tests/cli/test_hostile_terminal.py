"""What reaches a terminal (stdout, stderr) has no control characters, no bidirectional ones and no broken UTF-8, wherever these
came from: file names, scenarios, results, journals, runners, other programs, words of the command line."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from cli_helpers import scenario
from conftest import BIN, SOURCE

# Right-to-left override and isolate, marks, C0, C1 (CSI), DEL, separators, a byte order mark, a tag, a hidden blank.
TEXT = "a\u202eb\u2066c\u200f\u061c\x1b[31m\x07\x85\x9b2J\x7f\u2028\u2029\ufeff\U000e0041\u200bz\u2069"
LINE = "".join(one for one in TEXT if one not in "\x1b\x07\x7f")  # what a title may have
BYTES = TEXT.encode() + b"\xff\xc0\x9b\xed\xa0\x80"  # and what is no UTF-8
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]")


def harmless(output):
    """Asserts it of these bytes, returns the text."""
    text = output.decode("utf-8")  # strict
    found = FORBIDDEN.search(text)
    assert not found, (hex(ord(found[0])), text)
    return text


def say(*words, program="concbench", **options):
    """Runs it with words that may be bytes; what it says is harmless. Returns it all, and the exit code."""
    done = subprocess.run([BIN / program, *(word if isinstance(word, bytes) else str(word) for word in words)], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False, **options)
    return harmless(done.stdout), harmless(done.stderr), done.returncode


def hostile(value, spare):
    """A document with TEXT in each string but those of spare, whose meaning is checked."""
    if isinstance(value, dict):
        return {key: one if key in spare else hostile(one, spare) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, spare) for one in value]
    return value + TEXT if isinstance(value, str) else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with such a name."""
    made = os.fsencode(tmp_path_factory.mktemp("hostile")) + b"/" + BYTES
    os.mkdir(made)
    return made


def runner(folder, text=BYTES):
    """An executable with such a name that says such things and fails."""
    path = folder + b"/runner" + BYTES
    with open(path, "wb") as file:
        file.write(b"#!/bin/sh\nprintf '%s\\n' '" + text + b"' >&2\nprintf '%s\\n' '" + text + b"'\nexit 1\n")
    os.chmod(path, 0o755)
    return path


@pytest.fixture(scope="module")
def runs(folder, tmp_path_factory):
    """The folders of two runs of a scenario with such texts; in the first a runner fails."""
    path = folder + b"/small.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(scenario(models=["sequential", "threads"], title="t" + LINE, question="q" + LINE), file)
    link = tmp_path_factory.mktemp("bin") / "bad"  # the words of --runner end at blanks
    link.symlink_to(os.fsdecode(runner(folder)))
    words = ["run", path, "--out", folder + b"/out", "--blocks", 2, "--color", "never"]
    said = say(*words, "--runner", f"bad={link}")
    assert said[2] == 4 and "trials " in said[0], said
    second = say(*words, "--no-report", "--json")
    assert second[2] == 0 and json.loads(second[0])["complete"] is True
    return [folder + b"/out/" + os.fsencode(name) for name in sorted(os.listdir(os.fsdecode(folder + b"/out"))) if name[0] == "2"]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_plan(folder, words):
    out, _, code = say("run", folder + b"/small.json", "--dry-run", *words)
    assert code == 0 and out


def test_listed_scenarios(tmp_path):
    place = tmp_path / "tree"
    shutil.copytree(BIN.parent / "share", place / "share", symlinks=False)
    (place / "bin").mkdir()
    for path in BIN.iterdir():
        (place / "bin" / path.name).symlink_to(path)
    (place / "bin/concbench").unlink()
    shutil.copy(BIN / "concbench", place / "bin")
    scenarios = place / "share/concbench/scenarios"
    (scenarios / "aaa.json").write_text(json.dumps(scenario(title="t" + LINE, question="q" + LINE)))
    (scenarios / "bbb.json").write_text(json.dumps({"k" + TEXT: 1}))
    for path in scenarios.glob("[!ab]*.json"):
        path.unlink()
    for words in ([], ["--json"]):
        done = subprocess.run([place / "bin/concbench", "list", *words], capture_output=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        assert "aaa" in harmless(done.stdout) and "bbb" in harmless(done.stdout)
        harmless(done.stderr)
    titles = [item.get("title") for item in json.loads(done.stdout)["scenarios"]]
    assert "t" + LINE in titles  # escaped, it means the same


def results_of(where):
    with open(where + b"/results.json", encoding="utf-8") as file:
        return json.load(file)


def test_results_of_others(folder, runs):
    """validate, report, compare and merge of a file with such strings everywhere."""
    latest = runs[1]
    spare = {"model", "scenario", "name", "baseline", "schema", "preset", "task", "status", "metric", "form", "verdict", "pass",
             "placement", "started", "id", "models", "block"}
    for number, document in enumerate([hostile(results_of(latest), spare), hostile(results_of(latest), set())]):
        other = folder + b"/other%d" % number
        os.mkdir(other)
        with open(other + b"/results.json", "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
        for words in (["validate", other], ["report", other, "--out", other + b"/drawn"], ["compare", latest, other],
                      ["compare", latest, other, "--all", "--markdown", other + b"/t.md", "--html", other + b"/t.html"],
                      ["compare", latest, other, "--json"], ["compare", latest, other, "--fail-on-regression"],
                      ["merge", other + b"/merged" + BYTES + b".json", latest, other]):
            out, err, _ = say(*words)
            assert out or err


def test_own_results_and_journal(folder, runs):
    first, latest = runs
    for words in (["validate", latest], ["report", first], ["report", latest, "--out", folder + b"/drawn"],
                  ["compare", first, latest], ["compare", first, latest, "--json"],
                  ["merge", folder + b"/merged.json", first, latest]):
        out, err, code = say(*words)
        assert code == 0 and out, err
    for words in (["--index", folder], ["--index", folder + b"/no"], [b"--" + BYTES], [BYTES]):
        say(*words, program="concbench-report")
    journal = folder + b"/journal"
    os.mkdir(journal)
    with open(latest + b"/trials.jsonl", "rb") as file:
        lines = file.read().splitlines(keepends=True)
    with open(journal + b"/trials.jsonl", "wb") as file:
        file.writelines(lines[:-2])
    _, err, code = say("report", journal)
    assert code == 0 and "trials" in err
    with open(journal + b"/trials.jsonl", "wb") as file:
        file.write(BYTES + b"\n" + json.dumps({"k" + TEXT: TEXT}, ensure_ascii=False).encode() + b"\n")
    for verb in ("validate", "report"):
        _, err, code = say(verb, journal + b"/trials.jsonl")
        assert code == 2 and err


@pytest.mark.parametrize("words", [
    [BYTES], ["help", BYTES], ["run", BYTES], ["run", b"./" + BYTES + b".json"], ["run", b"--" + BYTES], ["run", "--preset", BYTES],
    ["run", "--out", b"/nowhere/" + BYTES, "mini-ab"], ["run", "--url", b"http://127.0.0.1:1/" + BYTES],
    ["run", "--url", b"http://h" + BYTES], ["run", "--runner", b"x=" + BYTES], ["run", "--model", BYTES], ["run", "--sweep", BYTES],
    ["run", "--libcurl", BYTES], ["run", "--budget", BYTES], ["run", "--delta", BYTES], ["run", "--seed", BYTES],
    ["run", "--cacert", BYTES, "--url", "https://127.0.0.1:1/"], ["report", BYTES], ["compare", BYTES, BYTES], ["merge", BYTES, BYTES],
    ["check", BYTES], ["check", "--out", b"/nowhere/" + BYTES], ["conform", b"./" + BYTES], ["list", BYTES], ["doctor", BYTES],
    ["validate", BYTES], ["validate", b"/dev/null/" + BYTES]])
def test_words_of_the_command_line(words):
    _, err, code = say(*words)
    assert code and err


def test_documents_that_are_refused(folder):
    texts = [json.dumps({"k" + TEXT: 1}, ensure_ascii=False).encode(), BYTES, b'{"title": "' + BYTES + b'"}', b'{"a": 1, "' + BYTES,
             json.dumps(scenario(models=[TEXT]), ensure_ascii=False).encode(),
             json.dumps(scenario(task=TEXT), ensure_ascii=False).encode(),
             json.dumps(scenario(options={TEXT: TEXT}), ensure_ascii=False).encode(),
             json.dumps(scenario(runners={"r": {"model": TEXT}}), ensure_ascii=False).encode(),
             json.dumps(scenario(expect=[{"says": TEXT, "that": [TEXT]}]), ensure_ascii=False).encode(),
             json.dumps({"schema_version": 1, "results": TEXT}, ensure_ascii=False).encode(),
             json.dumps({"contract_version": 1, "model": TEXT}, ensure_ascii=False).encode()]
    for text in texts:
        path = folder + b"/refused.json"
        with open(path, "wb") as file:
            file.write(text)
        for words in (["validate", path], ["run", path, "--dry-run"], ["report", path], ["compare", path, path]):
            _, err, code = say(*words)
            assert code and err, (words, text)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_conform(folder, words):
    out, _, code = say("conform", *words, runner(folder))
    assert code in (3, 4)
    if words and out:
        json.loads(out)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_programs_that_doctor_asks(folder, words):
    tools = folder + b"/tools"
    os.makedirs(tools, exist_ok=True)
    for name in (b"gnuplot", b"strace", b"nginx", b"curl", b"postgres", b"perf"):
        with open(tools + b"/" + name, "wb") as file:
            file.write(b"#!/bin/sh\nprintf '%s\\n' '" + BYTES + b"'\nprintf '%s\\n' '" + BYTES + b"' >&2\n")
        os.chmod(tools + b"/" + name, 0o755)
    out, _, _ = say("doctor", *words, env={**os.environb, b"PATH": tools + b":" + os.environb[b"PATH"]})
    assert out


@pytest.mark.parametrize("program", ["runner-threads", "runner-epoll", "runner-coroutines", "concbench-origin"])
def test_runners_and_the_origin(program):
    for words in ([b"http://127.0.0.1:1/" + BYTES], [b"http://" + BYTES], [b"--" + BYTES], ["-n", BYTES], ["--task", BYTES],
                  ["--task", "file", "--path", b"/nowhere/" + BYTES, "-n", 1]):
        _, err, code = say(*words, program=program, env={**os.environ, "NO_PROXY": "*"})
        assert code and err


SCRIPTS = [[sys.executable, SOURCE / "scripts/bench-all"], [sys.executable, SOURCE / "scripts/private-nginx"],
           [sys.executable, SOURCE / "runners/external/py-requests/runner.py"], [BIN / "concbench-foreign", SOURCE / "runners/external/node-fetch/runner.json"]]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda words: pathlib.Path(words[1]).name)
def test_scripts(script):
    if not shutil.which(script[0]):
        pytest.skip(f"{script[0]} is not installed")
    for words in ([b"--" + BYTES], [b"--limit", BYTES], [b"--only", BYTES], [b"--only", b"./" + BYTES + b".json"], ["-n", BYTES, "x"],
                  ["-n", "1", b"http://127.0.0.1:1/" + BYTES + b"?"]):
        done = subprocess.run([*script, *words], capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
        told = harmless(done.stdout) + harmless(done.stderr)  # bench-all, once built, refuses an option in its table of scenarios
        assert told or done.returncode == 0


def test_all_scenarios_of_bench_all(tmp_path):
    """Titles and the reasons of what fails."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(scenario(title=LINE, question=LINE, models=[TEXT])))
    for words in ([], ["--dry-run"]):
        done = subprocess.run([sys.executable, SOURCE / "scripts/bench-all", "--bin", BIN, "--results", tmp_path / ("r" + TEXT),
                               "--only", path, *words], capture_output=True, timeout=600, check=False)
        assert "small" in harmless(done.stdout)
        harmless(done.stderr)
