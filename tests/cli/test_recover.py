"""What was measured can be used, whatever ended the run: from the journal alone."""

import json
import os
import resource
import shutil
import signal

import pytest

from cli_helpers import SWEEP, concbench, runs_in, small_run, start_run, write_scenario  # noqa: F401
from conftest import BIN, processes_with_token


@pytest.fixture
def journal_only(small_run, tmp_path):
    """A copy of the finished run that has its journal and nothing else."""
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(small_run / "trials.jsonl", folder)
    return folder


def keep_lines(folder, count, more=b""):
    """The journal with as many of its lines, and then these bytes."""
    lines = (folder / "trials.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "trials.jsonl").write_bytes(b"".join(lines[:count]) + more)
    return lines


def timed(lines):
    return sum(json.loads(line).get("pass") == "timed" for line in lines)


@pytest.mark.parametrize("name", ["", "trials.jsonl"])
def test_report_makes_the_results_of_a_journal(name, journal_only, small_run):
    done = concbench("report", "--no-png", journal_only / name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{journal_only}/report.html\n"
    assert str(journal_only / "trials.jsonl") in done.stderr and "partial" not in done.stderr
    assert (journal_only / "results.json").read_bytes() == (small_run / "results.json").read_bytes()
    assert (journal_only / "report.html").exists() and (journal_only / "summary.md").exists()
    assert {path.suffix for path in (journal_only / "charts").iterdir()} == {".gp", ".tsv", ".svg"}


def test_report_of_a_run_that_was_cut_short(journal_only):
    lines = keep_lines(journal_only, 12, b'{"type":"trial","mod')
    done = concbench("report", "--no-png", journal_only)
    assert done.returncode == 0, done.stderr
    assert "partial" in done.stderr
    results = json.loads((journal_only / "results.json").read_text())
    assert results["run"]["complete"] is False and results["run"]["finished"] is None
    assert results["run"]["trials_run"] == timed(lines[:12])
    assert "interrupted" in [warning["id"] for warning in results["warnings"]]
    assert "interrupted" in (journal_only / "report.html").read_text()
    assert concbench("validate", journal_only).returncode == 0


def test_every_torn_journal_can_be_compared(journal_only, small_run):
    whole = keep_lines(journal_only, 10 ** 6)
    first_timed = next(i for i, line in enumerate(whole) if json.loads(line).get("pass") == "timed")
    for count in range(first_timed + 1, len(whole) + 1):
        for more in (b"", whole[count - 1][:7]):
            (journal_only / "trials.jsonl").write_bytes(b"".join(whole[:count]) + more)
            done = concbench("compare", "--json", small_run, journal_only)
            assert done.returncode == 0, done.stderr
            file = json.loads(done.stdout)["files"][1]
            assert file["valid_trials"] == timed(whole[:count])
            assert file["complete"] is (count == len(whole))
    assert [entry.name for entry in journal_only.iterdir()] == ["trials.jsonl"]


@pytest.mark.parametrize("count, words", [(0, "no complete line"), (1, "no timed trial"), (3, "no timed trial")])
def test_a_journal_without_trials_is_told_in_words(count, words, journal_only):
    keep_lines(journal_only, count)
    for given in (journal_only, journal_only / "trials.jsonl"):
        for verb in (["report"], ["compare", given], ["merge", journal_only / "out.json"]):
            done = concbench(*verb, given)
            assert done.returncode == 2, (verb, done.stdout)
            assert words in done.stderr and "trials.jsonl" in done.stderr and done.stderr.count("\n") == 1
    assert [entry.name for entry in journal_only.iterdir()] == ["trials.jsonl"]


def test_merge_and_validate_take_a_journal(journal_only, small_run, tmp_path):
    out = tmp_path / "merged.json"
    done = concbench("merge", out, journal_only)
    assert done.returncode == 0, done.stderr
    merged = json.loads(out.read_text())["merged"][0]["results"]
    assert merged == json.loads((small_run / "results.json").read_text())
    done = concbench("validate", journal_only)
    assert (done.returncode, done.stdout) == (0, f"{journal_only}/trials.jsonl: journal, ok\n")
    keep_lines(journal_only, 12)
    done = concbench("merge", tmp_path / "no.json", journal_only)
    assert done.returncode == 2 and "run --resume" in done.stderr


def test_results_that_are_there_are_not_overwritten(journal_only, small_run):
    shutil.copy(small_run / "results.json", journal_only)
    keep_lines(journal_only, 12)
    before = (journal_only / "results.json").read_bytes()
    done = concbench("report", journal_only)
    assert done.returncode == 0 and done.stderr == ""
    done = concbench("report", journal_only / "trials.jsonl")  # the journal is asked for
    assert done.returncode == 0 and "partial" in done.stderr
    assert "interrupted" in (journal_only / "report.html").read_text()
    assert (journal_only / "results.json").read_bytes() == before


def test_a_journal_that_has_more_goes_before_partial_results(journal_only, small_run):
    whole = keep_lines(journal_only, 12)
    assert concbench("report", journal_only).returncode == 0
    (journal_only / "trials.jsonl").write_bytes(b"".join(whole))
    done = concbench("report", journal_only)
    assert done.returncode == 0 and "partial" not in done.stderr
    assert (journal_only / "results.json").read_bytes() == (small_run / "results.json").read_bytes()


def test_results_that_are_broken_are_left_alone(journal_only):
    (journal_only / "results.json").write_text('{"schema_version": 1, "cel')
    done = concbench("report", journal_only)
    assert done.returncode == 0 and "trials.jsonl" in done.stderr
    assert (journal_only / "results.json").read_text() == '{"schema_version": 1, "cel'
    assert (journal_only / "report.html").exists()


def test_out_gets_the_report(journal_only, tmp_path):
    done = concbench("report", journal_only, "--out", tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere" / "report.html").exists()
    assert not (journal_only / "report.html").exists()


# --- results after an error

def test_results_are_written_when_the_origin_dies(tmp_path):
    token = f"recover-{os.getpid()}-{tmp_path.name}"
    path = write_scenario(tmp_path, origin={"bytes": 100, "delay_ms": 20}, load=SWEEP)
    process = start_run(tmp_path / "out", path, "--blocks", "50", token=token)
    origins = [pid for pid in processes_with_token(token)
               if os.readlink(f"/proc/{pid}/exe") == str((BIN / "concbench-origin").resolve())]
    assert len(origins) == 1
    os.kill(origins[0], signal.SIGKILL)
    _, stderr = process.communicate(timeout=300)
    folder, = runs_in(tmp_path / "out")
    assert process.returncode in (1, 3, 4)
    results = json.loads((folder / "results.json").read_text())
    assert results["run"]["trials_run"] >= 6
    if process.returncode != 4:
        assert results["run"]["complete"] is False and f"concbench report {folder}" in stderr


def limit_files(size):
    """As a full disk: no file may become larger."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def test_a_disk_that_is_full_at_the_last_step(small_run, tmp_path):
    sizes = [(small_run / name).stat().st_size for name in ("trials.jsonl", "results.json")]
    assert sizes[0] < sizes[1]
    done = concbench("run", write_scenario(tmp_path, load=SWEEP), "--out", tmp_path / "out", "--blocks", 2, "--seed", 5,
                     preexec_fn=limit_files(sum(sizes) // 2))
    folder, = runs_in(tmp_path / "out")
    assert done.returncode == 3
    assert str(folder / "results.json") in done.stderr and f"concbench report {folder}" in done.stderr
    assert [entry.name for entry in folder.iterdir()] == ["trials.jsonl"]
    assert concbench("report", "--no-png", folder).returncode == 0
    assert json.loads((folder / "results.json").read_text())["run"]["complete"] is True


def test_a_disk_that_is_full_while_measuring(small_run, tmp_path):
    size = (small_run / "trials.jsonl").stat().st_size
    done = concbench("run", write_scenario(tmp_path, load=SWEEP), "--out", tmp_path / "out", "--blocks", 8,
                     preexec_fn=limit_files(size))
    folder, = runs_in(tmp_path / "out")
    assert done.returncode == 3
    assert str(folder / "trials.jsonl") in done.stderr and f"concbench report {folder}" in done.stderr
    assert concbench("validate", folder).returncode == 0
    assert concbench("report", "--no-png", folder).returncode == 0
    assert json.loads((folder / "results.json").read_text())["run"]["complete"] is False
