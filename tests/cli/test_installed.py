"""concbench installed under a prefix, run from elsewhere by an ordinary user."""

import os
import pathlib
import pty
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


OTHER_SHELLS = {"zsh": "zsh/vendor-completions/_concbench", "fish": "fish/vendor_completions.d/concbench.fish"}


@pytest.mark.parametrize("shell", OTHER_SHELLS)
def test_the_other_shells_show_whole_sentences_of_the_help(prefix, shell):
    text = (prefix / "share" / OTHER_SHELLS[shell]).read_text(encoding="utf-8")
    for sentence in ("also this command as a model; may be given again (docs/scenarios.md)", "4, 12 or 24 blocks; quick also makes"):
        assert f"[{sentence}" in text or f"'{sentence}" in text, sentence


def offered_by_fish(prefix, line):
    script = f'set -x PATH {prefix}/bin $PATH; source {prefix}/share/{OTHER_SHELLS["fish"]}; complete -C "{line}"'
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd="/", capture_output=True, text=True, timeout=300, check=True)
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


def offered_by_zsh(prefix, line):
    """What a person's zsh makes of the line and a tab: the shell is told to print the line instead of running it."""
    setup = (f"PS1='' PATH={prefix}/bin:$PATH fpath=({prefix}/share/zsh/vendor-completions $fpath); autoload -Uz compinit; compinit -u -D; "
             "show() { print -r -- \"<$BUFFER>\"; exit }; zle -N show; bindkey '^X' show; cd /; print ready\n")
    master, terminal = pty.openpty()
    with subprocess.Popen(["zsh", "-f", "-i"], stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
                          env={**os.environ, "TERM": "dumb", "COLUMNS": "200"}) as zsh:
        os.close(terminal)
        seen = b""
        os.write(master, setup.encode())
        try:
            while b"\nready" not in seen.replace(b"\r", b""):
                seen += os.read(master, 4096)
            os.write(master, line.encode() + b"\t\x18")
            while b">" not in seen.rpartition(b"\n<")[2] or b"\n<" not in seen:
                seen += os.read(master, 4096)
        except OSError:  # it has ended
            pass
        finally:
            os.close(master)
            zsh.kill()
    return seen.decode(errors="replace").replace("\r", "").rpartition("<")[2].split(">")[0]


def test_fish_completes_verbs_options_choices_and_scenarios(prefix):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    assert offered_by_fish(prefix, "concbench rep") == ["report"]
    assert offered_by_fish(prefix, "concbench run --arr") == ["--arrivals"]
    assert offered_by_fish(prefix, "concbench run --preset q") == ["quick"]
    assert offered_by_fish(prefix, "concbench run slow-") == ["slow-origin"]


def test_zsh_completes_verbs_options_choices_and_scenarios(prefix):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    assert offered_by_zsh(prefix, "concbench rep").rstrip() == "concbench report"
    assert offered_by_zsh(prefix, "concbench run --arr").rstrip("= ") == "concbench run --arrivals"
    assert offered_by_zsh(prefix, "concbench run --preset q").rstrip() == "concbench run --preset quick"
    assert offered_by_zsh(prefix, "concbench run slow-").rstrip() == "concbench run slow-origin"
