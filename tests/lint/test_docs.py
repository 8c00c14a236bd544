"""The documentation holds together: its links lead somewhere, and what it repeats is what the programs say."""

import json
import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])


def pages():
    """Those that people wrote: not what was built, nor the summaries of runs."""
    def is_written(path):
        parts = path.relative_to(SOURCE).parts
        return parts[0] != "build" and not parts[0].startswith(".") and (parts[0] != "results" or len(parts) == 2)
    return [path for path in sorted(SOURCE.rglob("*.md")) if is_written(path)]


def without_code(text):
    return re.sub(r"```.*?```", "", re.sub(r"^    .*$", "", text, flags=re.M), flags=re.S)


def anchor(heading):
    """As GitHub makes it of a heading."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def faults_of(path):
    """The links of a page that lead nowhere."""
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, part = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists():
            found.append(f"{link}: no such file")
        elif part and part not in map(anchor, re.findall(r"^#+ (.*)$", without_code(target.read_text()), re.M)):
            found.append(f"{link}: no such heading")
    return found


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_links_lead_somewhere(path):
    assert faults_of(path) == []


def test_a_wrong_link_is_found(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("# A `b`: c\n\n[1](a.md) [2](#a-b-c) [3](b.md) [4](a.md#d) [5](https://example.org)\n\n    [6](code.md)\n")
    assert faults_of(page) == ["b.md: no such file", "a.md#d: no such heading"]


def files_named(text):
    """The source files that a page names by their path from the top."""
    tops = "|".join(path.name for path in SOURCE.iterdir() if path.is_dir() and path.name not in ("build", "results"))
    return re.findall(rf"(?<![\w./<-])((?:{tops})/[\w./-]+\.(?:c|h|py|css|json|jsonl|gp))\b", text)


@pytest.mark.parametrize("path", [path for path in pages() if path.name != "CHANGELOG.md"],
                         ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_that_a_page_names_exist(path):
    """A word in capitals stands for any name."""
    named = [name for name in files_named(path.read_text()) if not re.search("[A-Z]{4}", name)]
    assert [name for name in named if not (SOURCE / name).exists()] == []


def test_every_page_is_found_from_the_index():
    linked = re.findall(r"\]\(([^)#\s]+)", (SOURCE / "docs/README.md").read_text())
    here = {path.name for path in (SOURCE / "docs").glob("*.md")} - {"README.md"}
    assert here <= set(linked), here - set(linked)


def test_the_readme_is_short_and_quotes_the_sample():
    text = (SOURCE / "README.md").read_text()
    lines = text.splitlines()
    assert len(lines) <= 105 and max(map(len, lines)) <= 120
    quote = " ".join(re.findall(r"^> (.*)$", text, re.M))
    sample = (SOURCE / "results/sample/summary.md").read_text()
    assert quote and quote in re.sub(r"\\([\[\]])", r"\1", sample)


def test_words_are_sorted_within_their_group():
    for group in (SOURCE / "docs/glossary.md").read_text().split("\n## ")[1:]:
        words = re.findall(r"^\| \*\*(.*?)\*\* \|", group, re.M)
        assert words and words == sorted(words, key=str.lower), group.splitlines()[0]


def said_of_help(*words):
    done = subprocess.run([BIN / "concbench", *words, "--help"], capture_output=True, text=True, timeout=300, check=True)
    return done.stdout


def test_the_page_of_commands_has_all_of_them():
    text = (SOURCE / "docs/commands.md").read_text()
    verbs = re.findall(r"^  ([a-z]+)  +\S", said_of_help(), re.M)
    assert len(verbs) >= 9 and re.findall(r"^\| `([a-z]+)` \|", text, re.M) == verbs
    targets = set(re.findall(r"^(bench[a-z-]*|test[a-z-]*):.*##", (SOURCE / "Makefile").read_text(), re.M))
    assert targets <= set(re.findall(r"`make ([a-z-]+)`", text))
    programs = {path.name for path in BIN.iterdir()}
    for verb, rest in re.findall(r"^    build/release/bin/concbench ([a-z]+)(.*)$", text, re.M):
        taken = said_of_help(verb) + (said_of_help("report") if verb == "report" else "")
        assert verb in verbs
        for option in re.findall(r"(?<= )--[a-z-]+", rest.split("#")[0]):
            assert option in taken, f"{verb} {option}"
    assert {"runner-coroutines", "concbench-origin"} <= programs


def test_the_page_of_tasks_says_which_models_refuse_one():
    """As the runners say it of themselves; io-uring is not built everywhere."""
    offered = {}
    for path in sorted(BIN.glob("runner-*")):
        done = subprocess.run([path, "--describe"], capture_output=True, text=True, timeout=300, check=True)
        described = json.loads(done.stdout)
        if described["name"] != "null":
            offered[described["name"]] = set(described["tasks"])
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\|.*\| (.*) \|$", (SOURCE / "docs/tasks.md").read_text(), re.M)
    every = set().union(*offered.values())
    rows = [(task, refusing) for task, refusing in rows if task in every or task != "db"]  # which needs libpq to build
    assert {task for task, _ in rows} == every
    for task, refusing in rows:
        said = set(re.findall(r"`([a-z-]+)`", refusing)) & offered.keys()
        assert said == {model for model, tasks in offered.items() if task not in tasks}, task
