"""concbench doctor: what is there, what is missing, and its exit code."""

import json
import os
import subprocess

from conftest import BIN, MODELS, run_program


def findings(done):
    return {item["subject"]: item for item in json.loads(done.stdout)}


def test_every_model_and_limit_is_told():
    done = run_program("concbench", "doctor", "--json")
    found = findings(done)
    for model in MODELS:
        assert found[f"model {model}"]["finding"] in ("ok", "note")
    for subject in ("CPUs", "load", "build", "open files", "local ports", "threads, processes",
                    "memory mappings", "memory", "nginx", "PostgreSQL", "gnuplot"):
        assert found[subject]["text"], subject
    missing = [item for item in found.values() if item["finding"] == "missing"]
    assert done.returncode == (3 if missing else 0)


def test_without_gnuplot_it_says_what_to_install(tmp_path):
    done = subprocess.run([BIN / "concbench", "doctor"], capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, PATH=str(tmp_path)))
    assert done.returncode == 3
    line = next(line for line in done.stdout.splitlines() if " gnuplot " in line)
    assert line.startswith("MISSING") and "gnuplot-nox" in line


def test_few_descriptors_are_noted():
    done = subprocess.run(["bash", "-c", 'ulimit -n 300; exec "$0" doctor --json', str(BIN / "concbench")],
                          capture_output=True, text=True, timeout=300)
    assert findings(done)["open files"]["finding"] == "note"
    assert "300" in findings(done)["open files"]["text"]


def test_bad_usage():
    done = run_program("concbench", "doctor", "now")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
