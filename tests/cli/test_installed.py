"""concbench installed under a prefix, run from elsewhere by an ordinary user."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest
from conftest import BIN, SOURCE, folder_for_all

# Whoever else measures on this machine does not keep a test waiting.
LOCK = {"CONCBENCH_LOCK_NAME": os.environ["CONCBENCH_LOCK_NAME"]}


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def place():
    with folder_for_all("concbench-installed-") as folder:
        yield folder


@pytest.fixture(scope="module")
def prefix(place):
    """Installed, then moved: nothing may depend on where it was put."""
    done = subprocess.run(["cmake", "--install", BIN.parent, "--prefix", place / "usr"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (place / "usr").rename(place / "opt")
    return place / "opt"


@pytest.fixture
def home(place):
    """The home of somebody who owns nothing else."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        os.chmod(folder, 0o777)
        yield pathlib.Path(folder)


@pytest.fixture
def concbench(prefix, home):
    """Runs the installed program in / as somebody with that home; returns what subprocess does."""
    as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}

    def run(*args, **environment):
        return subprocess.run([prefix / "bin" / "concbench", *args], capture_output=True, text=True, cwd="/", **as_nobody,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(home), **LOCK, **environment})
    return run


def test_a_run_goes_to_the_state_folder_and_nothing_under_the_prefix(prefix, concbench, home):
    before = tree(prefix)
    done = concbench("run", "ten-sleeps", "--models", "threads", "-b", "1", "--no-report")
    assert done.returncode in (0, 4), done.stderr
    state = home / ".local/state/concbench"
    assert (state / "latest/results.json").exists()
    assert concbench("validate", "latest").returncode == 0
    assert tree(prefix) == before


def test_results_go_where_the_environment_says(concbench, home):
    for variable, place in (("CONCBENCH_RESULTS", "a/b"), ("XDG_STATE_HOME", "c")):
        done = concbench("run", "ten-sleeps", "--models", "threads", "-b", "1", "--no-report",
                         **{variable: str(home / place)})
        assert done.returncode in (0, 4), done.stderr
    assert (home / "a/b/latest/results.json").exists()
    assert (home / "c/concbench/latest/results.json").exists()


def test_every_scenario_can_be_planned(prefix, concbench):
    names = [path.stem for path in (prefix / "share/concbench/scenarios").glob("*.json")]
    assert len(names) > 30
    for name in names:
        done = concbench("run", name, "--dry-run")
        assert done.returncode in (0, 3), (name, done.stderr)  # 3: this machine lacks something
        assert "No such file" not in done.stderr and "Error" not in done.stderr, done.stderr


def test_scripts_find_their_modules_and_write_nothing(prefix):
    """By whoever may write there, who would leave bytecode behind when concbench is removed."""
    before = tree(prefix)
    programs = {path: ["check"] for path in (prefix / "share/concbench/scripts").glob("private-*")}
    programs.update({path: ["--describe"] for path in (prefix / "share/concbench/runners/external").glob("py-*/runner.py")})
    assert len(programs) >= 4
    for path, words in programs.items():
        done = subprocess.run([path, *words], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode in (0, 3) and "Traceback" not in done.stderr, done.stderr  # 3: what it starts is missing
        ours = re.search(r"No module named '(\w+)'", done.stdout + done.stderr)
        assert not ours or not list(SOURCE.rglob(f"{ours[1]}.py")), done.stderr
    assert tree(prefix) == before


def test_a_missing_share_is_told(prefix, concbench):
    share = prefix / "share/concbench"
    share.rename(prefix / "share/away")
    try:
        done = concbench("run", "fast-origin")
    finally:
        (prefix / "share/away").rename(share)
    assert done.returncode == 3
    assert "share/concbench/scenarios" in done.stderr and "install it again" in done.stderr
    assert "make build" not in done.stderr


def test_each_verb_has_a_page(prefix, concbench):
    verbs = [line.split()[0] for line in concbench("--help").stdout.split("Verbs:\n")[1].split("\n\n")[0].splitlines()]
    for page in ["concbench", "concbench-origin", "concbench-runner", *(f"concbench-{verb}" for verb in verbs)]:
        text = (prefix / f"share/man/man1/{page}.1").read_text()
        assert text.startswith(".TH") and text.count("\n.SH ") >= 4, page
        if shutil.which("man"):
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", prefix / f"share/man/man1/{page}.1"],
                                  capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
            assert done.returncode == 0 and not done.stderr, (page, done.stderr)


def test_pages_that_programs_name_are_there(prefix):
    """In help, which the manual repeats, and in errors, which are in the programs."""
    texts = [path.read_bytes() for folder in ("share/man/man1", "lib/concbench/bin") for path in (prefix / folder).iterdir()]
    named = {name.decode() for text in texts for name in re.findall(rb"\bdocs/[\w/-]+\.md\b", text)}
    assert len(named) >= 4
    assert [name for name in named if not (prefix / "share/doc/concbench" / name).exists()] == []


def completed(prefix, *words):
    """What bash offers for the last of the words."""
    script = (f"PATH={prefix}/bin:$PATH; . {prefix}/share/bash-completion/completions/concbench; cd /; "
              f'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _concbench; printf "%s\n" "${{COMPREPLY[@]}}"')
    return subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True).stdout.split()


def test_bash_completes_verbs_options_choices_and_scenarios(prefix):
    assert completed(prefix, "concbench", "rep") == ["report"]
    assert completed(prefix, "concbench", "run", "--arr") == ["--arrivals"]
    assert completed(prefix, "concbench", "run", "--preset", "q") == ["quick"]
    assert completed(prefix, "concbench", "run", "slow-") == ["slow-origin"]


@pytest.mark.parametrize("shell, file", [("zsh", "zsh/vendor-completions/_concbench"),
                                         ("fish", "fish/vendor_completions.d/concbench.fish")])
def test_completions_are_read_by_their_shell(prefix, shell, file):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n", prefix / "share" / file], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
