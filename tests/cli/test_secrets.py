"""No secret is stored or printed: of a URL its user part, query and fragment, of a command what a name says."""

import json
import shutil

import pytest

from cli_helpers import concbench, runs_in, write_scenario
from conftest import BIN

SECRET = "geheim42"


def everything(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*"))
                    if path.is_file() and not path.is_symlink())


def clean(done, folder=None):
    assert SECRET not in done.stdout + done.stderr
    assert folder is None or SECRET.encode() not in everything(folder)


def run_clean(out, *args):
    """Runs it and draws its report; nothing of it shows the secret. Returns the exit code and the folder of the run."""
    done = concbench("run", *args, "--out", out, "--blocks", 1, "--no-report")
    clean(done)
    run, = runs_in(out)
    clean(concbench("report", "--no-png", run), out)
    return done.returncode, run


QUERIES = [f"?token={SECRET}", f"?a=1&sig={SECRET}", f"?{SECRET}", f"#{SECRET}", f"?a={SECRET};b=2#x"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_query_of_an_address(query, origin, tmp_path):
    path = write_scenario(tmp_path, models=["threads", "epoll"] if query == QUERIES[0] else ["threads"],
                          load={"concurrency": [2], "requests": 4})
    args = [path, "--url", origin.rstrip("/") + "/bytes/100" + query]
    clean(concbench("run", *args, "--dry-run", "--json"))
    clean(concbench("run", *args, "--dry-run"))
    _, run = run_clean(tmp_path / "out", *args)  # our origin refuses some of them
    results = json.loads((run / "results.json").read_text())
    assert "***" in results["run"]["url"] and results["run"]["url"].startswith(origin.rstrip("/") + "/bytes/100")
    assert any("***" in word for word in results["run"]["command"])
    assert all("***" in trial["command"][-1] for cell in results["cells"] for trial in cell["trials"])


def test_the_load_of_our_origin_is_no_secret(tmp_path):
    path = write_scenario(tmp_path, models=["threads"])
    assert concbench("run", path, "--out", tmp_path / "out", "--blocks", 1, "--no-report").returncode == 0
    run, = runs_in(tmp_path / "out")
    trial = json.loads((run / "results.json").read_text())["cells"][0]["trials"][0]
    assert trial["command"][-1].endswith("?delay_ms=1")


COMMANDS = ["--token {s}", "--token={s}", "--api-key={s}", "-H 'Authorization: Bearer {s}'", "-H 'X-Api-Key:{s}'",
            "--db 'host=x password={s}'", "PGPASSWORD={s}", "-u me:{s}", "--cookie 'a b {s}'",
            "https://me:{s}@nowhere/", "http://nowhere/?k={s}", "'--password=my {s} phrase'"]


def test_the_words_of_a_runner(tmp_path):
    """The runners refuse what they do not know, and say what that is: a failure that repeats the secret. Each way of
    writing a secret is a runner of its own in one run."""
    command = tmp_path / "elsewhere" / "mine"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho "cannot: $*" >&2\nexit 1\n')
    command.chmod(0o755)
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 4})
    args = [path]
    for number, words in enumerate(COMMANDS):
        args += ["--runner", f"mine{number}={command} {words.format(s=f'{SECRET}x{number}')} --plain kept"]
    clean(concbench("run", *args, "--dry-run", "--json"))
    code, run = run_clean(tmp_path / "out", *args)
    assert code == 4
    cells = {cell["model"]: cell for cell in json.loads((run / "results.json").read_text())["cells"]}
    for number, words in enumerate(COMMANDS):
        trial = cells[f"mine{number}"]["trials"][0]
        assert "***" in " ".join(trial["command"]) and "--plain kept" in " ".join(trial["command"]), words
        assert "cannot: " in trial["stderr"], words


@pytest.mark.parametrize("text", [f"no name --token {SECRET}", f"mine=./none --token '{SECRET}", f"mine= --token={SECRET}"])
def test_errors_of_the_command_line(text, tmp_path):
    done = concbench("run", write_scenario(tmp_path), "--runner", text, "--dry-run")
    assert done.returncode == 2
    clean(done)


def test_a_runner_document_that_repeats_the_address(origin, tmp_path):
    """A foreign runner that puts its address into a knob."""
    command = tmp_path / "mine"
    command.write_text('#!/usr/bin/python3\nimport json, subprocess, sys\n'
                       f'done = subprocess.run([{str(BIN / "runner-threads")!r}, "--json"] + [w for i, w in '
                       'enumerate(sys.argv[1:], 1) if w != "--result-fd" and sys.argv[i - 1] != "--result-fd"], '
                       'stdout=subprocess.PIPE)\n'
                       'document = json.loads(done.stdout)\ndocument["knobs"]["address"] = sys.argv[-1]\n'
                       'open(int(sys.argv[sys.argv.index("--result-fd") + 1]), "w").write(json.dumps(document))\n')
    command.chmod(0o755)
    path = write_scenario(tmp_path, models=["threads"], load={"concurrency": [2], "requests": 4})
    _, run = run_clean(tmp_path / "out", path, "--runner", f"mine={command}", "--url",
                       origin.rstrip("/") + f"/bytes/100?token={SECRET}")
    results = json.loads((run / "results.json").read_text())
    mine = next(cell for cell in results["cells"] if cell["model"] == "mine")
    if mine["trials"][0]["document"]:
        assert "*" in json.dumps(mine["trials"][0]["document"]["knobs"])
