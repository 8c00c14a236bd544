"""concbench run --resume goes on with what is missing, and with nothing else."""

import json
import os
import shutil
import signal
import subprocess

import pytest

from cli_helpers import concbench, runs_in, start_run, write_scenario
from conftest import BIN, SOURCE
from schemas import errors


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that came to its end: three blocks of two cells."""
    folder = tmp_path_factory.mktemp("whole")
    path = write_scenario(folder, models=["threads", "coroutines"],
                          load={"concurrency": [2], "requests": 8}, task="sleep", origin=None,
                          options={"sleep_ms": 1})
    done = concbench("run", path, "--out", folder / "out", "--blocks", 3, "--seed", 7, "--no-report")
    assert done.returncode == 0, done.stderr
    found, = runs_in(folder / "out")
    return found


def cut(whole, folder, size):
    """A copy of the run as a kill leaves it, with so many bytes of its journal."""
    run = folder / "out" / whole.name
    run.mkdir(parents=True)
    (run / "trials.jsonl").write_bytes((whole / "trials.jsonl").read_bytes()[:size])
    return run


def resume(run, *args):
    return concbench("run", "--resume", run, "--no-report", *args)


def lines_of(run):
    return [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]


def measured(run):
    """What the results have of every cell: its blocks, with the order in them, and its memory."""
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == []
    assert results["run"]["complete"] is True
    trials = {(cell["model"], trial["block"], trial["position"]) for cell in results["cells"]
              for trial in cell["trials"]}
    times = [trial["started_s"] for cell in results["cells"] for trial in cell["trials"]]
    assert all(0 <= time <= results["run"]["wall_s"] for time in times)
    return trials, [cell["memory"] is not None for cell in results["cells"]], results["run"]["trials_planned"]


def moments(whole):
    """After each record, and in the middle of every other one."""
    ends = [0]
    for line in (whole / "trials.jsonl").read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    return ends[1:-1] + [(a + b) // 2 for a, b in zip(ends[1::2], ends[2::2])]


def spread(values, count):
    """So many of them from the first to the last, at even steps."""
    return [values[round(i * (len(values) - 1) / (count - 1))] for i in range(count)]


def test_a_run_killed_at_any_moment_is_resumed(whole, tmp_path):
    """In the header and in each pass, after a record and in the middle of one."""
    expected = measured(whole)
    ends = (whole / "trials.jsonl").read_bytes().count(b"\n") - 1
    chosen = spread(moments(whole)[:ends], 5) + spread(moments(whole)[ends:], 3)
    for number, size in enumerate(chosen):
        run = cut(whole, tmp_path / str(number), size)
        before = lines_of_torn(run)
        done = resume(run)
        assert done.returncode == 0, (size, done.stderr)
        assert measured(run) == expected, size
        lines = lines_of(run)
        assert lines[:len(before)] == before  # nothing of it was rewritten
        assert [line["type"] for line in lines].count("resumed") == 1
        assert not [errors("journal", line) for line in lines if errors("journal", line)]
        assert concbench("validate", run / "trials.jsonl").returncode == 0


def lines_of_torn(run):
    text = (run / "trials.jsonl").read_bytes()
    return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()]


def test_a_half_block_is_measured_again_as_a_whole(whole, tmp_path):
    lines = (whole / "trials.jsonl").read_bytes().splitlines(keepends=True)
    second = next(i for i, line in enumerate(lines)
                  if json.loads(line).get("pass") == "timed" and json.loads(line)["block"] == 1)
    run = cut(whole, tmp_path, sum(map(len, lines[:second + 1])))
    assert resume(run).returncode == 0
    after = lines_of(run)[second + 1:]
    assert after[0]["type"] == "resumed" and after[0]["block"] == 1
    timed = [line for line in after if line.get("pass") == "timed"]
    assert {(line["block"], line["model"]) for line in timed} == \
        {(block, model) for block in (1, 2) for model in ("threads", "coroutines")}
    results = json.loads((run / "results.json").read_text())
    old = json.loads(lines[second])
    assert all(trial["started_s"] != old["started_s"] for cell in results["cells"] for trial in cell["trials"])


def test_a_run_may_be_resumed_again(whole, tmp_path):
    lines = (whole / "trials.jsonl").read_bytes().splitlines(keepends=True)
    run = cut(whole, tmp_path, sum(map(len, lines[:2])))
    for keep in (6, 11):
        assert resume(run).returncode == 0
        kept = (run / "trials.jsonl").read_bytes().splitlines(keepends=True)[:keep]
        (run / "trials.jsonl").write_bytes(b"".join(kept))
    assert resume(run).returncode == 0
    assert measured(run) == measured(whole)


def test_a_complete_run_is_left_alone(whole, tmp_path):
    run = cut(whole, tmp_path, 10 ** 9)
    before = (run / "trials.jsonl").read_bytes()
    done = resume(run)
    assert done.returncode == 0 and "complete" in done.stdout and str(run) in done.stdout
    assert (run / "trials.jsonl").read_bytes() == before
    assert [entry.name for entry in run.iterdir()] == ["trials.jsonl"]


@pytest.mark.parametrize("given", ["folder/", "journal", "latest"])
def test_the_run_may_be_named_in_other_ways(given, whole, tmp_path):
    run = cut(whole, tmp_path, moments(whole)[-1])
    (tmp_path / "out" / "latest").symlink_to(run.name)
    name = {"folder/": f"{run}/", "journal": run / "trials.jsonl", "latest": tmp_path / "out" / "latest"}[given]
    assert resume(name).returncode == 0
    assert measured(run) == measured(whole)


def test_an_interrupted_run_is_resumed(tmp_path):
    process = start_run(tmp_path / "out", write_scenario(tmp_path, models=["threads", "coroutines"]),
                        "--blocks", "6", "--seed", "3")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    run, = runs_in(tmp_path / "out")
    assert lines_of(run)[-1]["type"] == "footer" and lines_of(run)[-1]["complete"] is False
    done = resume(run)
    assert done.returncode == 0, done.stderr
    results = json.loads((run / "results.json").read_text())
    assert results["run"]["complete"] is True and results["run"]["seed"] == 3
    for cell in results["cells"]:
        assert {trial["block"] for trial in cell["trials"]} == set(range(6))
    assert os.readlink(tmp_path / "out" / "latest") == run.name


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A run with a budget, with controls and with a pass for system calls."""
    folder = tmp_path_factory.mktemp("everything")
    path = write_scenario(folder, models=["sequential", "threads"], load={"concurrency": [2], "requests": 8}, task="sleep",
                          origin=None, options={"sleep_ms": 1})
    done = concbench("run", path, "--out", folder / "out", "--budget", "1h", "--blocks", 4, "--seed", 7, "--no-report", "--syscalls", "--preset", "rigorous")
    assert done.returncode == 0, done.stderr
    found, = runs_in(folder / "out")
    return found


def cells_of(run):
    """By list, of each cell: its blocks, and whether its memory and its system calls are there."""
    results = json.loads((run / "results.json").read_text())
    assert errors("results", results) == [] and results["run"]["complete"] is True
    return results, {what: [(cell["model"], sorted({trial["block"] for trial in cell["trials"]}), cell["memory"] is not None,
                             "syscalls" in cell) for cell in results[what]] for what in ("cells", "controls")}


@pytest.mark.parametrize("after", ["warm", "timed", "memory", "syscalls"])
def test_budget_controls_and_system_calls_are_resumed(after, everything, tmp_path):
    """Killed after the first line of each pass: it ends with the same cells, none of them measured for nothing."""
    lines = (everything / "trials.jsonl").read_bytes().splitlines(keepends=True)
    last = next(i for i, line in enumerate(lines) if after in (json.loads(line)["type"], json.loads(line).get("pass")))
    run = cut(everything, tmp_path, sum(map(len, lines[:last + 1])))
    done = resume(run)
    assert done.returncode == 0, done.stderr
    expected, cells = cells_of(everything)[1], cells_of(run)[1]
    assert cells == expected and len(cells["controls"]) > 0 and all(cell[3] for cell in cells["cells"])
    results = cells_of(run)[0]
    assert results["run"]["budget_s"] == 3600 and results["run"]["blocks"] == 4
    kept = lines_of(run)
    if after in ("memory", "syscalls"):  # the passes before it are done
        again = [line for line in kept[last + 1:] if line.get("pass") == "timed"]
        assert again == []
    assert not [errors("journal", line) for line in kept if errors("journal", line)]


# --- what is refused

def refused(done, *words):
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("args", [["slow-origin"], ["--models", "threads"], ["--blocks", "3"], ["--seed", "7"],
                                  ["--preset", "quick"], ["--out", "x"], ["--syscalls"], ["--budget", "1m"],
                                  ["--delta", "2"], ["--requests", "5"]])
def test_the_plan_is_not_said_again(args, whole, tmp_path):
    run = cut(whole, tmp_path, moments(whole)[3])
    before = (run / "trials.jsonl").read_bytes()
    refused(resume(run, *args), "leave out", args[0] if args[0].startswith("--") else "scenario")
    assert (run / "trials.jsonl").read_bytes() == before


def edit_header(run, change):
    lines = (run / "trials.jsonl").read_text().splitlines(keepends=True)
    header = json.loads(lines[0])
    change(header)
    (run / "trials.jsonl").write_text(json.dumps(header) + "\n" + "".join(lines[1:]))


OTHERS = {
    "host.name": lambda header: header["environment"]["host"].update(name="elsewhere"),
    "cpu.model": lambda header: header["environment"]["cpu"].update(model="another"),
    "cpu.count": lambda header: header["environment"]["cpu"].update(count=999),
    "kernel.release": lambda header: header["environment"]["kernel"].update(release="2.4"),
    "memory.total_bytes": lambda header: header["environment"]["memory"].update(total_bytes=4096),
    "runner-threads": lambda header: header["resume"]["programs"].update({"runner-threads": "0" * 64}),
    "concbench-launch": lambda header: header["resume"]["programs"].update({"concbench-launch": "1" * 64}),
    "runner-gone": lambda header: header["resume"]["programs"].update({"runner-gone": "1" * 64}),
    "the cell": lambda header: header["plan"][0].update(requests=9),
    "--insecure": lambda header: header["run"].update(insecure=True),
    "--cacert": lambda header: header["run"].update(ca_file="ca.pem"),
    "older suite": lambda header: header.pop("resume"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_differs_is_named(what, whole, tmp_path):
    run = cut(whole, tmp_path, moments(whole)[5])
    edit_header(run, OTHERS[what])
    before = (run / "trials.jsonl").read_bytes()
    refused(resume(run), what, str(run))
    assert (run / "trials.jsonl").read_bytes() == before


def test_libraries_are_programs_too(whole):
    programs = json.loads((whole / "trials.jsonl").read_text().splitlines()[0])["resume"]["programs"]
    assert {"concbench-launch", "concbench-origin", "runner-threads", "runner-coroutines", "libc.so.6"} <= set(programs)
    assert any(name.startswith("libcurl.so") for name in programs)
    assert all(programs.values())


def test_a_program_that_was_built_again(whole, tmp_path):
    """The suite copied, and then one of its runners changed."""
    suite = tmp_path / "suite"
    (suite / "share").mkdir(parents=True)
    shutil.copytree(BIN, suite / "bin", ignore=shutil.ignore_patterns("test_*"))
    shutil.copytree(BIN.parent / "share" / "concbench", suite / "share" / "concbench")
    run = cut(whole, tmp_path, moments(whole)[5])
    command = [suite / "bin" / "concbench", "run", "--resume", run, "--no-report"]
    with open(suite / "bin" / "runner-threads", "ab") as file:
        file.write(b"\0")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    refused(done, "runner-threads")
    shutil.copy(BIN / "runner-threads", suite / "bin")
    assert subprocess.run(command, capture_output=True, timeout=600).returncode == 0


@pytest.mark.parametrize("text, word", [("", "header"), ("{}\n", "header"), ("nonsense\n{}\n", "entry 1")])
def test_what_is_no_journal(text, word, tmp_path):
    run = tmp_path / "out" / "run"
    run.mkdir(parents=True)
    refused(resume(run), "trials.jsonl")
    (run / "trials.jsonl").write_text(text)
    refused(resume(run), word)
    refused(resume(tmp_path / "nowhere"), "nowhere")


def test_a_masked_address_has_to_be_said_again(origin, tmp_path):
    url = (origin.rstrip("/") + "/bytes/100").replace("http://", "http://me:geheim@")
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 4})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 2, "--no-report", "--url", url)
    assert done.returncode == 0, done.stderr
    run, = runs_in(tmp_path / "out")
    lines = (run / "trials.jsonl").read_text().splitlines(keepends=True)
    (run / "trials.jsonl").write_text("".join(lines[:4]))
    refused(resume(run), "--url", "***")
    refused(resume(run, "--url", url.replace("/100", "/200")), "--url")
    done = resume(run, "--url", url)
    assert done.returncode == 0, done.stderr
    assert "geheim" not in (run / "trials.jsonl").read_text() + done.stdout + done.stderr


@pytest.mark.parametrize("sweep", [[], ["--sweep", "buffer_bytes=2048,4096"]], ids=["plain", "swept"])
def test_a_command_that_the_journal_does_not_have_whole(whole, tmp_path, sweep):
    command = tmp_path / "elsewhere" / "my-runner"
    command.parent.mkdir()
    shutil.copy(BIN / "runner-threads", command)
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 4})
    done = concbench("run", path, "--out", tmp_path / "out", "--blocks", 2, "--no-report", "--runner",
                     f"mine={command}", *sweep, cwd=SOURCE)
    assert done.returncode == 0, done.stderr
    run, = runs_in(tmp_path / "out")
    lines = (run / "trials.jsonl").read_text().splitlines(keepends=True)
    (run / "trials.jsonl").write_text("".join(lines[:5]))
    refused(concbench("run", "--resume", run, "--no-report", cwd=SOURCE), "mine")
    done = concbench("run", "--resume", run, "--no-report", "--runner", f"mine={command}", cwd=SOURCE)
    assert done.returncode == 0, done.stderr
    assert json.loads((run / "results.json").read_text())["run"]["complete"] is True
