"""The words of a command line: help for a verb, near misses, values joined to their option, units."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from cli_helpers import concbench, write_scenario
from conftest import BIN, MODELS, SOURCE, run_program, why_not

PROGRAMS = [f"runner-{model}" for model in MODELS] + ["runner-null"]


def verbs():
    done = concbench("help")
    assert done.returncode == 0
    return re.findall(r"^  ([a-z]+) +\S", done.stdout, re.M)


def refused(*args):
    """The one line on stderr of a command line that is refused."""
    done = concbench(*args)
    assert done.returncode == 2 and done.stdout == "", done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_help_of_a_verb_is_that_verbs_help():
    assert len(verbs()) >= 9
    for verb in verbs():
        asked, said = concbench("help", verb), concbench(verb, "--help")
        assert said.returncode == asked.returncode == 0
        assert asked.stdout == said.stdout and re.match(f"Usage: concbench[ -]{verb}", asked.stdout)


def test_help_has_examples_and_exit_codes():
    for verb in verbs():
        text = concbench("help", verb).stdout
        examples = re.findall("^  (.*)$", text.partition("\nExamples:\n")[2].partition("\n\n")[0], re.M)
        assert examples and all(example.startswith(f"concbench {verb}") for example in examples)
        for flag in re.findall(r" (--?[a-z][a-z0-9-]*)", " ".join(examples)):
            assert re.search(rf"^ .*(^|[ ,]){flag[:2] if flag[1] != '-' else flag}\b", text, re.M), f"{verb}: {flag}"
        codes = re.findall(r"^  ([0-6])  \S", text.partition("\nExit codes:\n")[2], re.M)
        assert codes == sorted(codes) and codes[:3] == ["0", "1", "2"]


def too_wide(text, columns):
    """The lines that a terminal would break; a single word longer than it cannot be helped."""
    return [line for line in text.splitlines() if len(line) > columns and " " in line.strip()]


@pytest.mark.parametrize("columns", [None, 40, 65, 100])
def test_help_and_lists_are_as_wide_as_they_may_be(columns):
    env = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | ({"COLUMNS": str(columns)} if columns else {})
    commands = [["concbench", "help"], ["concbench", "list"], ["concbench-origin", "--help"], ["runner-null", "--help"],
                *(["concbench", "help", verb] for verb in verbs())]
    for command in commands:
        done = run_program(*command, env=env)
        assert done.returncode == 0 and too_wide(done.stdout, columns or 80) == [], command


@pytest.mark.parametrize("columns", [None, 40, 100])
def test_make_help(columns):
    env = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | ({"COLUMNS": str(columns)} if columns else {})
    done = subprocess.run(["make", "-C", SOURCE, "--no-print-directory", "help"], capture_output=True, text=True, check=True, env=env)
    assert too_wide(done.stdout, columns or 80) == []
    told = " ".join(done.stdout.split())
    assert "make bench ARGS=ten-requests" in told and told.startswith("make bench measure the default set")
    targets = re.findall(r"^([a-z-]+):.*## ", (SOURCE / "Makefile").read_text(), re.M)
    assert re.findall(r"^  make ([a-z-]+)", done.stdout, re.M) == targets


def in_terminal(columns, *command):
    """What a terminal of that width gets to see."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {"TERM": "xterm"}
    process = subprocess.Popen([BIN / command[0], *command[1:]], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65536):
            seen += part
    except OSError:  # nobody has it open any more
        pass
    process.wait()
    os.close(ours)
    return re.sub("\033\\[[0-9;]*m", "", seen.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize("args", [
    ["--help"], ["help", "run"], ["list"], ["doctor"], ["run", "slow-origin", "--dry-run"], ["run", "slow-orign"],
    ["compare", SOURCE / "results/sample", SOURCE / "results/sample", "--color", "always"]])
def test_a_narrow_terminal_breaks_no_line(args):
    seen = in_terminal(40, "concbench", *args)
    assert seen.strip() and too_wide(seen, 40) == []
    assert len(seen.splitlines()) > len(in_terminal(200, "concbench", *args).splitlines())


def test_a_runner_and_the_progress_of_a_run_keep_to_the_terminal(tmp_path):
    seen = in_terminal(40, "runner-null", "-n20", "--timeout-ms", "5", "http://127.0.0.1:1/")
    assert "requests/s" in seen and "(needs" in seen and too_wide(seen, 40) == []
    path = write_scenario(tmp_path, "a-scenario-with-a-long-name", models=["threads"])
    seen = in_terminal(40, "concbench", "run", path, "--blocks", "2", "--out", tmp_path / "out", "--no-report")
    shown = re.findall("\r\033\\[K([^\r\n]*)", seen)
    assert any("a-scenario" in line for line in shown) and all(len(line) < 40 for line in shown)
    assert too_wide(re.sub("[^\n]*\r\033\\[K", "", seen), 40) == []


def test_latest_is_the_newest_run(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/latest").symlink_to(SOURCE / "results/sample")
    env = os.environ | {"CONCBENCH_RESULTS": str(tmp_path / "kept")}
    for args in (["validate", "latest"], ["compare", "latest", "latest"], ["export", "-f", "junit", "latest"],
                 ["report", "latest", "--no-png", "--out", tmp_path / "page"]):
        done = run_program("concbench", *args, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
    (tmp_path / "latest").write_text("{}")  # a file of that name is meant first
    assert run_program("concbench", "validate", "latest", cwd=tmp_path, env=env).returncode == 2
    nowhere = {key: value for key, value in env.items() if key != "CONCBENCH_RESULTS"} | {"HOME": str(tmp_path)}
    (tmp_path / "checkout/results/schema").mkdir(parents=True)
    (tmp_path / "checkout/results/schema/results.schema.json").touch()
    (tmp_path / "checkout/results/latest").symlink_to(SOURCE / "results/sample")
    assert run_program("concbench", "validate", "latest", cwd=tmp_path / "checkout", env=nowhere).returncode == 0
    assert "latest" in run_program("concbench", "compare", "latest", "latest", cwd=tmp_path / "page", env=nowhere).stderr


def test_what_programs_read_is_not_folded_outside_a_terminal():
    env = os.environ | {"COLUMNS": "40"}
    for args in (["compare", SOURCE / "results/sample", SOURCE / "results/sample"], ["run", "slow-orign"], ["doctor"]):
        done = run_program("concbench", *args, env=env)
        assert too_wide(done.stdout + done.stderr, 40) != []


def test_json_is_never_folded():
    seen = in_terminal(40, "concbench", "list", "--json")
    assert any(len(line) > 40 for line in seen.splitlines())


@pytest.mark.parametrize("args, word", [
    (["help", "rum"], "did you mean 'run'?"), (["rum"], "did you mean 'run'?"),
    (["comapre"], "did you mean 'compare'?"), (["help", "VALIDATE"], "did you mean 'validate'?"),
    (["hlep"], "did you mean 'help'?"), (["help", "banana"], "see `concbench help`"),
    (["help", "run", "list"], "one verb"), (["help", "--frobnicate"], "unknown verb")])
def test_help_of_no_verb(args, word):
    assert word in refused(*args)


@pytest.mark.parametrize("args, word", [
    (["run", "--model", "threads"], "'--models'"), (["run", "--dryrun"], "'--dry-run'"),
    (["run", "--no_report"], "'--no-report'"), (["run", "-models", "threads"], "'--models'"),
    (["compare", "--fail-on-regresion"], "'--fail-on-regression'"), (["list", "--jsno"], "'--json'"),
    (["run", "--preset", "quik"], "'quick'"), (["run", "slow-orign"], "'slow-origin'"),
    (["run", "mini_ab"], "'mini-ab'"), (["run", "slow-origin", "--models", "corutines"], "'coroutines'"),
    (["run", "slow-origin", "--models", "threads,proceses"], "'processes'"),
    (["run", "slow-origin", "--sweep", "swich=fcontext"], "'switch'"),
    (["run", "slow-origin", "--models", "coroutines", "--sweep", "switch=fcontxt"], "'fcontext'")])
def test_a_near_miss_is_answered_with_the_word(args, word):
    assert f"did you mean {word}?" in refused(*args)


@pytest.mark.parametrize("args", [
    ["run", "banana"], ["run", "--banana"], ["run", "slow-origin", "--models", "banana"], ["run", "--preset", "banana"]])
def test_another_word_is_answered_without_one(args):
    assert "did you mean" not in refused(*args)


@pytest.mark.parametrize("args, words", [
    (["run", "--budget", "5"], "write 5s, 5m or 5h"), (["run", "--budget=300"], "write 300s, 300m or 300h"),
    (["run", "--budget", "5ms"], "90s, 5m or 1h"), (["run", "--delta", "2.5"], "write 2.5%"),
    (["run", "--delta", "2.5ms"], "2.5%")])
def test_a_number_without_its_unit_is_refused(args, words):
    assert words in refused(*args)


def asked(*cases):
    """All programs are asked the first case, which shows that they share one parser, and one of them the others."""
    return [(program, *case) for program in PROGRAMS for case in (cases if program == "runner-threads" else cases[:1])]


@pytest.mark.parametrize("program, args", asked((["-n12", "-c13"],), (["-n=12", "-c=13"],),
                                                (["--requests=12", "--concurrency=13"],)))
def test_a_value_may_be_joined_to_its_option(program, args):
    if why_not(program.removeprefix("runner-")):
        pytest.skip("it cannot run here")
    done = run_program(program, *args, "http://127.0.0.1/")
    assert done.returncode == 2 and "--concurrency 13 is more than --requests 12" in done.stderr


@pytest.mark.parametrize("program, args, words", asked(
    (["--reqests", "5"], "did you mean '--requests'?"), (["-n"], "--requests (-n) needs a value N"),
    (["-nx"], "'x' is not a whole number"), (["-n0"], "'0' is not a whole number"),
    (["-c", "--json"], "the option '--json'"), (["--task", "htpp"], "did you mean 'http'?")))
def test_what_a_runner_refuses(program, args, words):
    if why_not(program.removeprefix("runner-")):
        pytest.skip("it cannot run here")
    done = run_program(program, *args)
    assert done.returncode == 2 and words in done.stderr, done.stderr


@pytest.mark.parametrize("changes, word", [
    ({"modles": ["threads"]}, "models"), ({"load": {"concurency": [1], "requests": 8}}, "concurrency"),
    ({"origin": {"bytes": 1, "delay-ms": 1}}, "delay_ms"), ({"task": "htpp"}, "http"),
    ({"placement": "spilt"}, "split"), ({"baseline": "thread"}, "threads"), ({"options": {"work-us": 5}}, "work_us"),
    ({"origin": {"bytes": 1, "fault": "stal"}}, "stall"), ({"sweep": {"cpu": [1]}}, "cpus"),
    ({"load": {"concurrency": [1], "requests": 8, "rate_per_s": 5, "arrivals": "fixd"}}, "fixed"),
    ({"runners": [{"name": "x", "model": "corutines", "flags": ["--cpus", "1"]}]}, "coroutines"),
    ({"expect": [{"says": "x", "metric": "latency_p5_ns", "model": "threads", "concurrency": 1, "at_most": 1}]},
     "latency_p50_ns"),
    ({"expect": [{"says": "x", "metric": "wall_ns", "model": "treads", "concurrency": 1, "at_most": 1}]}, "threads")])
def test_a_near_miss_in_a_scenario(tmp_path, changes, word):
    path = write_scenario(tmp_path, **changes)
    for verb in (["validate"], ["run", "--dry-run"]):
        assert f"did you mean '{word}'?" in refused(*verb, path)


FORTY = {f"m{i}": {"name": f"m{i}", "command": ["true"]} for i in range(23)}
UNSOUND = {
    "an unknown model": {"models": ["corutines"]},
    "an unknown model among others": {"models": ["threads", "procs"]},
    "a model that only quick has": {"quick": {"models": ["sequental"], "baseline": "sequental"}},
    "a runner of an unknown model": {"runners": [{"name": "x", "model": "tread", "flags": ["--cpus", "1"]}]},
    "an unknown baseline": {"baseline": "processes"},
    "an unknown server": {"origin": {"bytes": 1, "server": "apache"}},
    "an option of another task": {"options": {"sleep_ms": 5}},
    "an unknown option": {"options": {"colour": 5}},
    "an option out of range": {"options": {"work_us": 1000001}},
    "a knob out of range": {"sweep": {"stack_bytes": [1]}},
    "a knob that no model has": {"models": ["sequential"], "sweep": {"switch": ["ucontext"]}},
    "an origin's parameter out of range": {"origin": {"bytes": 1, "chunked": 65536}},
    "no requests": {"load": {"concurrency": [1], "requests": 0}},
    "a prediction for a cell there is not": {"expect": [
        {"says": "x", "metric": "wall_ns", "model": "threads", "concurrency": 7, "at_most": 1}]},
    "more models than there may be": {"models": [*FORTY, "threads"], "runners": [*FORTY.values()],
                                     "sweep": {"stack_bytes": [16384, 32768]}},
}
SOUND = {
    "fewer requests than are in flight": {"load": {"concurrency": [64], "requests": 1}},
    "a runner of the scenario's own": {"models": ["mine", "threads"], "runners": [{"name": "mine", "command": ["no-such"]}]},
    "a model that cannot run here": {"models": ["threads", "null"]},
    "a sweep of executor": {"models": ["executor"], "sweep": {"guard": ["canary"], "stack_bytes": [65536]}},
}


def said(done):
    return done.stderr.strip().split("small.json: ", 1)[-1].removeprefix("with --preset quick: ")


@pytest.mark.parametrize("what", UNSOUND)
def test_validate_refuses_what_a_dry_run_refuses(tmp_path, what):
    path = write_scenario(tmp_path, **UNSOUND[what])
    checked = concbench("validate", path)
    planned = [concbench("run", "--dry-run", "--preset", preset, path) for preset in ("default", "quick")]
    refusals = [done for done in planned if done.returncode == 2]
    assert refusals and checked.returncode == 2, checked.stdout
    assert said(checked) == said(refusals[0])


@pytest.mark.parametrize("what", SOUND)
def test_validate_passes_what_a_dry_run_passes(tmp_path, what):
    path = write_scenario(tmp_path, **SOUND[what])
    assert concbench("validate", path).returncode == 0
    assert concbench("run", "--dry-run", path).returncode == 0


def test_validate_starts_nothing_of_the_file(tmp_path):
    witness = tmp_path / "it-ran"
    path = write_scenario(tmp_path, models=["mine", "threads"], runners=[
        {"name": "mine", "command": ["true"], "probe": ["touch", str(witness)]}])
    assert concbench("validate", path).returncode == 0 and not witness.exists()


def test_the_harness_and_the_origin_take_them_joined():
    done = concbench("run", "mini-ab", "-n200", "-c4", "-b3", "-pquick", "-mthreads", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert '"requests": 200' in done.stdout and '"concurrency": 4' in done.stdout and '"blocks": 3' in done.stdout
    done = run_program("concbench-origin", "--ready_fd", "1")
    assert done.returncode == 2 and "did you mean '--ready-fd'?" in done.stderr


def test_the_pages_of_decisions_have_one_form():
    index = (SOURCE / "docs/adr/README.md").read_text()
    for path in sorted((SOURCE / "docs/adr").glob("0*.md")):
        lines = path.read_text().splitlines()
        assert re.match(rf"# {int(path.name[:4])}\. \S", lines[0]), path.name
        assert re.search(rf"^\| {int(path.name[:4])} \| .*\({path.name}\)", index, re.MULTILINE), path.name
