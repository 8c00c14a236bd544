"""What others wrote may be of any size: it is done or refused in words, within bounds of time and memory."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from cli_helpers import small_run  # noqa: F401
from conftest import BIN

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "report"))
import make_results  # noqa: E402

CPU_S = 10  # the promise is 2 s of a release build; this finds what has no bound
RSS_KB = 300_000
SANITIZED = os.environ.get("CONCBENCH_SANITIZE", "") != ""


def measure(*words):
    """Exit code, stderr, CPU seconds and the largest resident memory of one program."""
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen([str(word) for word in words], stdout=nowhere, stderr=subprocess.PIPE)
    text = process.stderr.read().decode()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def check_bounds(cpu_s, rss_kb):
    assert cpu_s < CPU_S * (5 if SANITIZED else 1)
    assert SANITIZED or rss_kb < RSS_KB


DOCUMENTS = {
    "zeros": lambda base: json.dumps(dict(base, x=0))[:-2] + "[" + "0," * 9_999_999 + "0]}",
    "string": lambda base: json.dumps(dict(base, x="a" * 50_000_000)),
    "empty objects": lambda base: json.dumps(dict(base, x=0))[:-2] + "[" + "{}," * 1_000_000 + "0]}",
    "cells": lambda base: json.dumps(dict(base, cells=[dict(base["cells"][0], concurrency=c + 1, trials=[])
                                                       for c in range(20_000)])),
    "comparisons": lambda base: json.dumps(dict(base, comparisons=base["comparisons"] * (100_000 // len(base["comparisons"])))),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_without_measure_is_refused(kind, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(DOCUMENTS[kind](make_results.build(blocks=6, model_count=2)))
    for verb in (["validate"], ["merge", tmp_path / "out.json", path], ["compare", path],
                 ["report", "--out", tmp_path / "drawn"]):
        code, text, cpu_s, rss_kb = measure(BIN / "concbench", *verb, path)
        assert code == 2 and "too large" in text and text.count("\n") == 1, (verb, text)
        check_bounds(cpu_s, rss_kb)


def test_files_are_as_large_together_as_one_may_be(tmp_path):
    """Each is small enough; eight of them are not."""
    paths = []
    for number in range(8):
        made = make_results.build(blocks=1, model_count=2)
        made["run"]["id"] = f"run-{number}"
        made["x"] = [0] * 900_000
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(made))
    code, text, cpu_s, rss_kb = measure(BIN / "concbench", "compare", *paths)
    assert code == 2 and "together with the files before it" in text, text
    check_bounds(cpu_s, rss_kb)
    assert measure(BIN / "concbench", "compare", *paths[:2])[0] == 0


def lines_of(kind, header, trial):
    short = '{"type":"trial","pass":"timed","scenario":"small","model":"threads","block":%d}\n'
    return {
        "a string of 50 MB": lambda: [header, json.dumps(dict(trial, x="a" * 50_000_000))],
        "25 million zeros": lambda: [header, json.dumps(trial)[:-1] + ',"x":[' + "0," * 24_999_999 + "0]}"],
        "200,000 trials": lambda: [header] + [short[:-1] % block for block in range(200_000)],
        "a million tiny lines": lambda: [header] + ["{}"] * 1_000_000,
        "4,000 trials of one cell": lambda: [header] + [json.dumps(dict(trial, block=b)) for b in range(4_000)],
    }[kind]()


@pytest.mark.parametrize("kind, verbs", [
    ("a string of 50 MB", 4), ("25 million zeros", 4), ("200,000 trials", 4), ("a million tiny lines", 4),
    ("4,000 trials of one cell", 3)])
def test_a_journal_without_measure_is_refused(kind, verbs, small_run, tmp_path):
    whole = (small_run / "trials.jsonl").read_text().splitlines()
    trial = next(line for line in map(json.loads, whole) if line.get("pass") == "timed")
    path = tmp_path / "trials.jsonl"
    path.write_text("\n".join(lines_of(kind, whole[0], trial)) + "\n")
    for verb in (["compare", path], ["merge", tmp_path / "out.json", path], ["report", "--out", tmp_path / "drawn"],
                 ["validate"])[:verbs]:
        code, text, cpu_s, rss_kb = measure(BIN / "concbench", *verb, path)
        assert code == 2 and text.count("\n") == 1, (verb, text)
        assert "too large" in text or "more than 1000 lines of one cell" in text, (verb, text)
        check_bounds(cpu_s, rss_kb)


def test_validate_reads_the_schemas_once(small_run, tmp_path):
    """Four thousand lines took 5 s of CPU, most of it for reading the schemas and compiling their patterns."""
    whole = (small_run / "trials.jsonl").read_text().splitlines()
    trial = next(line for line in whole if json.loads(line).get("pass") == "timed")
    path = tmp_path / "trials.jsonl"
    path.write_text("\n".join([whole[0]] + [trial] * 200) + "\n")
    calls = tmp_path / "calls"
    if SANITIZED or not shutil.which("strace"):
        pytest.skip("a sanitizer cannot be traced" if SANITIZED else "strace is not installed")
    done = subprocess.run(["strace", "-f", "-qq", "-e", "trace=openat", "-o", calls, BIN / "concbench", "validate", path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 1 <= calls.read_text().count("journal.schema.json") <= 2
