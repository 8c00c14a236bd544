"""The page of a comparison: closed to the world, whole, literal, the same bytes each time."""

import base64
import hashlib
import html.parser
import gzip
import json
import os
import pathlib
import re
import subprocess

import pytest

import browser

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
SAMPLE = json.loads(gzip.decompress((SOURCE / "tests" / "data" / "first-results.json.gz").read_bytes()))
HOSTS = ("alpha", "a-host-with-a-long-name", '<b onload="x">&amp;')


def program(name, *args):
    return subprocess.run([BIN / name, *map(str, args)], capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """A comparison of three hosts as JSON, in a file."""
    folder = tmp_path_factory.mktemp("comparison")
    for number, host in enumerate(HOSTS):
        made = json.loads(json.dumps(SAMPLE))
        made["run"]["id"] = f"run-{number}"
        made["environment"]["host"]["name"] = host
        made["environment"]["cpu"]["model"] = f"CPU {number}"
        for cell in made["cells"]:
            for trial in cell["trials"]:
                trial["document"]["measured_ns"] *= 1 + number
        (folder / f"{number}.json").write_text(json.dumps(made))
    done = program("concbench", "merge", folder / "merged.json", *(folder / f"{n}.json" for n in range(3)))
    assert done.returncode == 0, done.stderr
    done = program("concbench", "compare", "--json", folder / "merged.json")
    assert done.returncode == 0, done.stderr
    (folder / "compare.json").write_text(done.stdout)
    return folder / "compare.json"


def draw(path, out):
    done = program("concbench-report", "--compare", path, out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out}\n"
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(comparison):
    return draw(comparison, comparison.parent / "page.html")


class Outline(html.parser.HTMLParser):
    """Open elements must close in order; counts and texts are kept."""
    VOID = {"meta", "img", "br", "path", "!doctype"}

    def __init__(self, text):
        super().__init__()
        self.stack, self.tags, self.ids, self.links, self.images, self.text = [], [], [], [], [], ""
        self.feed(text)
        assert self.stack == []

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if tag == "a" else []
        self.images += [attrs] if tag == "svg" and attrs["class"] == "p" else []
        assert not [name for name in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_closed_to_the_world(page):
    head = page[:page.index("</head>")]
    assert head.index("Content-Security-Policy") < head.index("<meta charset")
    assert "default-src 'none'" in head
    assert not re.search(r'(src|href)="(https?:)?//', page)
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in head.replace("&#39;", "'")


def test_structure(page, comparison):
    outline = Outline(page)
    assert outline.tags.count("h1") == 1 and "script" not in outline.tags and "b" in outline.tags
    assert len(outline.ids) == len(set(outline.ids))
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    shown = {"throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes", "latency_p50_ns", "latency_p99_ns"}
    panels = {(cell["scenario"], metric, cell["model"]) for cell in json.loads(comparison.read_text())["cells"]
              for metric, value in cell["metrics"].items() if metric in shown and value["n"]}
    figures = {panel[:2] for panel in panels}
    assert outline.tags.count("figure") == page.count("Numbers of this figure") == len(figures) == 14
    assert len(outline.images) == len(panels)
    for image in outline.images:
        assert image["role"] == "img" and "table below" in image["aria-label"]
        assert "each run" in image["aria-label"] or "per run" in image["aria-label"]
    assert len(page) < 900_000


def test_facts_and_words(page):
    text = Outline(page).text
    assert "Runs against alpha" in text
    assert "cpu.model" in text and "CPU 0" in text and "CPU 2" in text
    assert "regression" not in text.lower()
    assert '<b onload="x">&amp;' in text, "shown as it is"
    assert "different, worse" in text and "not judged: one memory pass" in text


def test_long_labels_become_letters(page):
    assert "A alpha" in re.sub(r"\s+", " ", Outline(page).text)


def test_same_input_same_bytes(page, comparison, tmp_path):
    assert draw(comparison, tmp_path / "again.html") == page


@pytest.mark.parametrize("change", [
    lambda d: d.pop("files"), lambda d: d["files"].pop() and d["files"].pop(),
    lambda d: d.update(cells=3), lambda d: d["files"][1].update(label=""),
    lambda d: d.update(schema_version=2), lambda d: d.update(environment=[])])
def test_what_is_no_comparison(comparison, tmp_path, change):
    document = json.loads(comparison.read_text())
    change(document)
    (tmp_path / "bad.json").write_text(json.dumps(document))
    done = program("concbench-report", "--compare", tmp_path / "bad.json", tmp_path / "out.html")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "bad.json" in done.stderr
    assert not (tmp_path / "out.html").exists()


@pytest.mark.parametrize("key", ["scenarios", "cells", "comparisons", "skipped", "outcomes"])
def test_parts_of_any_shape_do_not_break_it(comparison, tmp_path, key):
    document = json.loads(comparison.read_text())
    document[key] = [None, 1, "x", [], {}, {"metrics": 1, "name": 5, "worse_cells": {}}]
    (tmp_path / "odd.json").write_text(json.dumps(document))
    Outline(draw(tmp_path / "odd.json", tmp_path / "odd.html"))


@pytest.mark.skipif(not browser.find(), reason="chromium is not installed")
@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")
def test_in_a_browser(page, comparison):
    with browser.Browser() as b:
        b.open(f"file://{comparison.parent / 'page.html'}")
        for dark in (False, True):
            b.show(dark=dark)
            assert b.complaints() == [f"file://{comparison.parent / 'page.html'}"]
            assert b.evaluate("[...document.querySelectorAll('svg.p')].every(i => i.getBoundingClientRect().width > 200)")
        b.show(width=320)
        assert b.evaluate("document.documentElement.scrollWidth") <= 320
        b.show(width=1280)
        b.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert b.evaluate("[...document.querySelectorAll('.scroll')].filter(e => !e.closest('.figures') && "
                          "e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)") == []
