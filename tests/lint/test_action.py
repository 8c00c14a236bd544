"""action.yml: its steps are sound, and they end a job when they should and only then."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")

SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
ACTION = yaml.safe_load((SOURCE / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}

# Says what it was asked, makes what a run makes, and ends as the test wants.
CONCBENCH = """#!/bin/bash
printf '%s\\n' "$@" >"$ASKED"
while [ "$1" != --out ]; do shift; done
mkdir -p "$2/run" && ln -sfn run "$2/latest" && echo '# the summary' >"$2/run/summary.md"
exit "$ENDS_WITH"
"""


def filled(text, known):
    """With the values of expressions such as ${{ inputs.preset }}."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: known[match[1]], str(text))


class Job:
    """The steps, run one after the other as GitHub does until one fails; those that build or upload are left out."""

    def __init__(self, folder, code, **inputs):
        program = folder / "action/build/release/bin/concbench"
        program.parent.mkdir(parents=True)
        program.write_text(CONCBENCH)
        program.chmod(0o755)
        known = {f"inputs.{name}": str(given["default"]) for name, given in ACTION["inputs"].items()}
        known.update({f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()})
        place = {"GITHUB_ACTION_PATH": folder / "action", "RUNNER_TEMP": folder, "ASKED": folder / "asked",
                 "GITHUB_STEP_SUMMARY": folder / "summary", "GITHUB_OUTPUT": folder / "output"}
        self.failed, self.said = None, ""
        for step in STEPS:
            if "run" not in step or step["name"].startswith("Build"):
                continue
            (folder / "output").write_text("")
            done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], text=True,
                                  capture_output=True, cwd=folder, env={
                                      "PATH": os.environ["PATH"], "ENDS_WITH": str(code),
                                      **{name: str(path) for name, path in place.items()},
                                      **{name: filled(value, known) for name, value in step.get("env", {}).items()}})
            self.said += done.stdout + done.stderr
            if done.returncode:
                self.failed = step["name"]
                break
            for line in (folder / "output").read_text().splitlines():
                name, value = line.split("=", 1)
                known[f"steps.{step['id']}.outputs.{name}"] = value
        self.asked = (folder / "asked").read_text().splitlines()
        self.summary = (folder / "summary").read_text() if (folder / "summary").exists() else ""


@pytest.mark.parametrize("code, inputs, failed", [
    (0, {"fail_on_invalid": "true", "fail_on_unmet": "true"}, None),
    (4, {}, None),
    (4, {"fail_on_unmet": "true"}, None),
    (4, {"fail_on_invalid": "true"}, "Judge"),
    (5, {"fail_on_unmet": "true"}, "Judge"),
    (1, {}, "Measure"), (2, {}, "Measure"), (3, {}, "Measure")])
def test_what_ends_a_job(tmp_path, code, inputs, failed):
    job = Job(tmp_path, code, **inputs)
    assert job.failed == failed, job.said
    assert ("--expect" in job.asked) == ("fail_on_unmet" in inputs)
    assert job.summary == ("# the summary\n" if failed != "Measure" else "")
    assert ("::warning" in job.said) == (code in (4, 5))


def test_words_reach_concbench_as_they_are(tmp_path):
    job = Job(tmp_path, 0, scenarios="fast-origin\nslow-origin", options="--models a,* $(touch made)", preset="default")
    assert job.asked[:4] == ["run", "--preset", "default", "--progress"]
    assert job.asked[5:11] == ["fast-origin", "slow-origin", "--models", "a,*", "$(touch", "made)"]
    assert not (tmp_path / "made").exists()


def test_scripts_are_sound(tmp_path):
    assert all(step.get("shell") == "bash" for step in STEPS if "run" in step)
    for number, script in enumerate(SCRIPTS.values()):
        assert "${{" not in script  # what somebody gives would be code
        file = tmp_path / f"{number}.sh"
        file.write_text("#!/bin/bash\nset -eo pipefail\n" + script)
        for checker in (["bash", "-n"], *([["shellcheck"]] if shutil.which("shellcheck") else [])):
            done = subprocess.run([*checker, file], capture_output=True, text=True)
            assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr


def test_every_input_is_used():
    used = set(re.findall(r"inputs\.([\w-]+)", (SOURCE / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])


def test_it_asks_only_what_there_is():
    calls = re.findall(r'/concbench" ([a-z]+)([^|&;\n]*)', SCRIPTS["Measure"].replace("\\\n", " "))
    assert [verb for verb, _ in calls] == ["run"]
    taken = subprocess.run([BIN / "concbench", "run", "--help"], capture_output=True, text=True, check=True).stdout
    options = re.findall(r"(?<= )--[a-z-]+", calls[0][1]) + ["--expect"]
    assert len(options) >= 4 and all(option in taken for option in options), options
    for script in re.findall(r"^ *(scripts/[a-z-]+)", SCRIPTS["Build concbench"], re.M):
        assert os.access(SOURCE / script, os.X_OK)
