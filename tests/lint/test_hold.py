"""scripts/hold: what it counts, on a busy CPU, with a program in place of concbench."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="no program of ours runs in it")
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])

# A run: it notes the CPUs of the loop beside it, and holds as often as told.
RUN = f"""#!{sys.executable}
import json, os, pathlib, sys
words = sys.argv[1:]
folder, name = pathlib.Path(words[words.index("--out") + 1]), words[1]
if name == "broken":
    sys.exit("no such scenario\\x1b[2J")
parent = os.getppid()
others = [int(pid) for pid in pathlib.Path(f"/proc/{{parent}}/task/{{parent}}/children").read_text().split() if int(pid) != os.getpid()]
folder.mkdir(parents=True, exist_ok=True)
seen = folder / "seen"
spinners = seen.read_text().splitlines() if seen.exists() else []
seen.write_text("".join(f"{{one}}\\n" for one in [*spinners, *others]))
def outcome(words):
    return {{"inequality": words, "measured": "2 s", "outcome": "held" if "sure" in words else "unknown" if "dark" in words else
            "held" if len(spinners) else "not-held"}}
(folder / "latest").mkdir(exist_ok=True)
(folder / "latest/results.json").write_text(json.dumps({{"expectations": [outcome(w) for w in (["sure"] if name == "good" else
                                                                          ["sure", "late", "dark"])]}}))
"""


def hold(folder, *words):
    program = folder / "bin/concbench"
    program.parent.mkdir(exist_ok=True)
    program.write_text(RUN)
    program.chmod(0o755)
    done = subprocess.run([SOURCE / "scripts/hold", "--bin", program.parent, "--keep", folder / "runs", *words],
                          capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def test_it_counts(tmp_path):
    code, out, err = hold(tmp_path, "-n", "3", "good", "mixed")
    assert code == 5 and err.count("\n") == 6
    assert out.splitlines() == ["good:", "    3 of 3  sure", "mixed:", "    3 of 3  sure", "    2 of 3  late, last missed with 2 s",
                                "    0 of 3  dark, 3 not judged", "predictions that did not hold each time: 1"]
    spinners = (tmp_path / "runs/mixed/seen").read_text().split()
    assert len(set(spinners)) == 3, "one beside each run"
    assert not [pid for pid in spinners if os.path.exists(f"/proc/{pid}")], "none is left"


def test_all_held_and_none_ran(tmp_path):
    assert hold(tmp_path, "-n", "1", "good")[0] == 0
    code, _, err = hold(tmp_path, "-n", "1", "broken")
    assert code == 3 and "hold: broken gave no results: no such scenario?[2J" in err


def test_those_of_the_lessons_are_there_without_names():
    lessons = [json.loads(path.read_text()) for path in (SOURCE / "lessons").glob("*.json")]
    text = subprocess.run([SOURCE / "scripts/hold", "--list"], capture_output=True, text=True, timeout=300, check=True).stdout.split()
    assert {q["scenario"] for lesson in lessons for q in lesson["questions"]} <= set(text)
    assert all((SOURCE / f"scenarios/{name}.json").exists() for name in text) and len(text) == len(set(text))
