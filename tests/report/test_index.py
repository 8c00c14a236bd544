"""The index over many runs, and scripts/bench-all, which makes them: closed to the world, every link resolves, what is missing
is said with its reason, and one scenario that fails stops no other."""

import fcntl
import html.parser
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse

import pytest

import browser
import make_results
from conftest import wait_until, wait_until_gone
from test_compare_page import Outline
from test_report import HOSTILE

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])

sys.path.append(str(SOURCE / "tests" / "cli"))
from schemas import errors  # noqa: E402


def program(name, *args, timeout=300):
    return subprocess.run([BIN / name, *map(str, args)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)


def entry(name, **changes):
    made = {"name": name, "title": f"Title of {name}", "question": f"What of {name}?", "family": "Waiting", "status": "done",
            "reason": None, "estimate_s": 10, "wall_s": 12.3, "exit_code": 0}
    return {**made, **changes}


def write_catalogue(folder, entries, **changes):
    made = {"catalogue_version": 1, "started": "2026-11-20T07:15:00Z", "preset": "quick", "limit_s": 1500, "wall_s": 75.2,
            "complete": True, "scenarios": entries}
    made.update(changes)
    (folder / "catalogue.json").write_text(json.dumps(made))
    return made


def write_run(folder, document, report=True):
    """A run's folder, as concbench run leaves it, named by its scenario."""
    place = folder / document["scenarios"][0]["name"]
    place.mkdir()
    make_results.dump(document, place / "results.json")
    if report:
        done = program("concbench-report", "--no-png", place)
        assert done.returncode == 0, done.stderr


def one_scenario(number, **options):
    return make_results.build(scenarios=make_results.SCENARIOS[number:number + 1], **options)


def skip_a_cell(document, reason):
    cell = document["cells"][-1]
    cell.update(status="skipped", reason=reason, summary=None, trials=[])


def make_index(folder):
    done = program("concbench-report", "--index", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{folder}/index.html\n"
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module", name="folder")
def make_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("all")
    waiting = make_results.with_everything(one_scenario(0, blocks=6, names=make_results.SUITE))
    fast = one_scenario(1, blocks=4)
    skip_a_cell(fast, "the limit of open files is 256; 600 are needed")
    make_results.say(fast, HOSTILE)
    hundred = one_scenario(2, blocks=6)
    hundred["expectations"] = [{"scenario": "mini-ab", "says": "A loop needs less.", "inequality": "x <= 1", "outcome": "held",
                                "metric": "tree_memory_bytes"}]
    for document in (waiting, fast, hundred):
        write_run(folder, document)
    (folder / "torn").mkdir()
    (folder / "torn" / "results.json").write_text('{"schema_version": 1, ')
    write_catalogue(folder, [
        entry("slow-origin"), entry("mini-ab"), entry("fast-origin", family=HOSTILE, title=HOSTILE, question=HOSTILE),
        entry("torn", family="Limits"), entry("absent", family="Limits"),
        entry("database", family="Limits", status="skipped", reason="no cell of it can run here: " + HOSTILE, wall_s=None),
        entry("last", family="Limits", status="not-run", reason="interrupted before its turn", title=None, wall_s=None)],
        complete=False)
    make_index(folder)
    return folder


@pytest.fixture(scope="module", name="page")
def read_page(folder):
    return (folder / "index.html").read_text(encoding="utf-8")


def test_closed_to_the_world(page):
    head = page[:page.index("</head>")]
    assert head.index("Content-Security-Policy") < head.index("<meta charset") and "default-src 'none'" in head
    assert not re.search(r'(src|href)="(https?:)?//', page)
    outline = Outline(page)
    assert "script" not in outline.tags and "img" not in outline.tags and outline.tags.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))


def links_of(page):
    return [link for link in Outline(page).links if not link.startswith("#")]


def test_every_link_resolves_also_where_the_folder_is_moved(folder, page, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    links = links_of(page)
    assert len(links) >= 3 * 4 + 1
    for link in links:
        assert not link.startswith(("/", "..")) and (moved / urllib.parse.unquote(link)).exists(), link
    outline = Outline(page)
    assert all(link[1:] in outline.ids for link in outline.links if link.startswith("#"))
    for name in ("slow-origin", "fast-origin", "mini-ab"):
        for file in ("report.html", "results.json", "summary.csv", "charts/"):
            assert f"{name}/{file}" in links
    again = program("concbench", "report", "--index", moved)
    assert again.returncode == 0, again.stderr
    assert (moved / "index.html").read_text(encoding="utf-8") == page, "it does not depend on where it lies, and is the same each time"


class Cards(html.parser.HTMLParser):
    """id -> text of each article."""

    def __init__(self, page):
        super().__init__()
        self.cards, self.here = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "article":
            self.here = dict(attrs)["id"]
            self.cards[self.here] = ""

    def handle_endtag(self, tag):
        if tag == "article":
            self.here = None

    def handle_data(self, data):
        if self.here:
            self.cards[self.here] += data


def cards_of(page):
    return {name.removeprefix("scenario-"): " ".join(text.split()) for name, text in Cards(page).cards.items()}


def test_what_a_card_says(folder, page):
    cards = cards_of(page)
    slow = json.loads((folder / "slow-origin" / "results.json").read_text())
    assert "What of slow-origin?" in cards["slow-origin"]
    assert slow["scenarios"][0]["verdict"]["sentence"] in cards["slow-origin"]
    assert "1 held, 1 did not hold, 1 unknown" in cards["slow-origin"]
    assert "1 warning" in cards["slow-origin"] and "took 12 s" in cards["slow-origin"]
    assert ">= 80: measured 31.2" in cards["slow-origin"]
    assert "threads at 32 has 1 valid trial; 2 are needed" in cards["slow-origin"]
    assert "no predictions" in cards["fast-origin"]
    assert "1 of 7 cells skipped" in cards["fast-origin"]
    assert "coroutines at 64: the limit of open files is 256; 600 are needed" in cards["fast-origin"]


def test_what_has_no_results_has_a_reason(page):
    cards = cards_of(page)
    assert "torn failed" in cards["torn"] and " torn/results.json:" in cards["torn"]
    assert "absent failed" in cards["absent"] and "results.json is not there" in cards["absent"]
    assert "skipped" in cards["database"] and "no cell of it can run here" in cards["database"]
    assert "not run" in cards["last"] and "interrupted before its turn" in cards["last"]


def test_the_sums_at_the_top(folder, page):
    text = " ".join(Outline(page).text.split())
    runs = [json.loads(path.read_text()) for path in folder.glob("*/results.json") if path.parent.name != "torn"]
    trials = sum(len(cell["trials"]) for run in runs for cell in run["cells"])
    assert "7 scenarios on AMD EPYC 7B13" in text and "3 of 7 scenarios measured" in text
    assert f"{trials} of {trials} trials valid" in text
    assert "predictions: 2 held, 1 did not hold, 1 unknown" in text
    assert "took 1 min 15 s of at most 25 min" in text and "Partial: interrupted" in text


def test_the_table_has_a_row_for_each(page):
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page)]
    assert [row[0] for row in rows] == ["slow-origin", "mini-ab", "fast-origin", "torn", "absent", "database", "last"]
    assert rows[0] == ["slow-origin", "winner", "1", "1", "1", "0", "1", "12"]
    assert rows[2][1:6] == ["descriptive", "0", "0", "0", "1"]
    assert rows[3] == ["torn", "failed", "–", "–", "–", "–", "–", "12"]
    assert rows[6] == ["last", "not", "run", "–", "–", "–", "–", "–", "–"]


def test_families_in_their_order_each_once(page):
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings[0] == "Waiting" and headings[2] == "Limits" and len(headings) == 3


def test_nothing_is_claimed_of_our_origin_where_another_server_was_measured(tmp_path):
    url = "http://198.51.100.7/page?<x>"
    document = one_scenario(0, blocks=2)
    document["run"]["url"] = url
    name = document["scenarios"][0]["name"]
    write_run(tmp_path, document, report=False)
    write_catalogue(tmp_path, [entry(name, title="Waits of 77 ms", question="What does a wait of 77 ms cost?")])
    page = html.unescape(make_index(tmp_path))
    assert f'<p class="question">{name} against {url}</p>' in page
    assert "77 ms" not in page.replace(document["scenarios"][0]["verdict"]["sentence"], "")


def test_hostile_text_is_shown_as_it_is(page):
    assert HOSTILE not in page, "it would be markup"
    assert "img" not in Outline(page).tags and "<img src=x" not in page
    assert cards_of(page)["fast-origin"].count("<img src=x onerror=alert(1)>") >= 2


def pictures_of(page):
    """The alternative text of each card's picture."""
    return dict(re.findall(r'<article class="entry" id="scenario-([a-z-]+)">(?:(?!</article>).)*?role="img" aria-label="([^"]*)"',
                           page, re.S))


def test_the_picture_is_of_the_headline(page, tmp_path):
    pictures = pictures_of(page)
    assert set(pictures) == {"slow-origin", "fast-origin", "mini-ab"}
    assert all(text.startswith("Throughput, ") for text in pictures.values()) and len(page) < 150_000
    document = one_scenario(0, blocks=2)
    document["scenarios"][0]["headline"] = {"metric": "measured_ns", "as": "time for all ten", "noun": "page", "better": "less"}
    write_run(tmp_path, document, report=False)
    write_catalogue(tmp_path, [entry(document["scenarios"][0]["name"])])
    assert [text.split(" over")[0] for text in pictures_of(make_index(tmp_path)).values()] == ["Time for all ten, ms"]


@pytest.mark.usefixtures("detect_leaks")
def test_the_picture_of_waiting_is_its_timeline(tmp_path):
    """Of computing it is the headline, whether or not there are traces."""
    def pictures(name, document):
        folder = tmp_path / name
        folder.mkdir()
        write_run(folder, document, report=False)
        write_catalogue(folder, [entry(document["scenarios"][0]["name"])])
        return make_index(folder)
    waits = make_results.with_traces(one_scenario(0, blocks=2), lanes=4)
    page = pictures("waits", waits)
    assert re.search(r'<polygon class="w"', page) and list(pictures_of(page).values())[0].startswith("Time, ms")
    for cell in waits["cells"]:
        cell["trace"]["rows"] = [[number, start, end, lane, start, cpu] for number, start, end, lane, _, cpu in cell["trace"]["rows"]]
    page = pictures("computes", waits)
    assert not re.search(r'<polygon class="w"', page) and list(pictures_of(page).values())[0].startswith("Throughput, ")


def pages_of(tmp_path, document):
    write_run(tmp_path, document)
    write_catalogue(tmp_path, [entry("fast-origin")])
    return make_index(tmp_path), (tmp_path / "fast-origin" / "report.html").read_text()


def test_the_pieces_say_what_is_a_model_and_what_an_interval(tmp_path):
    document = one_scenario(1, blocks=4, names=["threads", "threads.new"])
    make_results.say(document, "threads of ", {"model": "threads.new"}, ": 2.0x ", {"model": "<b>"}, " ", {"interval": "[1.9, 2.1]"}, ".")
    for page in pages_of(tmp_path, document):
        assert 'threads of <b>threads.new</b>: 2.0x <b>&lt;b&gt;</b> <span class="ci">[1.9, 2.1]</span>.' in page


def test_a_sentence_without_pieces_is_plain(tmp_path):
    document = one_scenario(1, blocks=4, names=["threads", "threads.new"])
    del document["scenarios"][0]["verdict"]["pieces"]
    document["scenarios"][0]["verdict"]["sentence"] = "threads.new needs 2.0x threads [1.9, 2.1]."
    for page in pages_of(tmp_path, document):
        assert ">threads.new needs 2.0x threads [1.9, 2.1].</p>" in page


@pytest.mark.parametrize("change, said", [
    ({"catalogue_version": 2}, "catalogue_version"), ({"scenarios": {}}, "scenarios"),
    ({"scenarios": [entry("../up")]}, "scenarios[0].name"), ({"scenarios": [entry("a"), entry("a")]}, "scenarios[1].name"),
    ({"scenarios": [entry("a", status="perhaps")]}, "scenarios[0].status"), ({"scenarios": [7]}, "scenarios[0]"),
    ({"wall_s": "long"}, "wall_s"), ({"scenarios": [entry(f"s{n}") for n in range(65)]}, "scenarios")])
def test_what_is_no_catalogue(tmp_path, change, said):
    assert errors("catalogue", write_catalogue(tmp_path, [], **change)) or said.endswith("[1].name")
    done = program("concbench-report", "--index", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and f"catalogue.json: {said}" in done.stderr
    assert not (tmp_path / "index.html").exists()


def test_without_a_catalogue_or_a_scenario(tmp_path):
    done = program("concbench-report", "--index", tmp_path)
    assert done.returncode == 2 and "catalogue.json" in done.stderr
    write_catalogue(tmp_path, [])
    assert "0 scenarios on this machine" in make_index(tmp_path)


# --- in a browser

OVERLAPS = """(() => {
  const box = e => e.getBoundingClientRect(), found = [];
  const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
  const check = list => list.forEach((a, i) => list.slice(i + 1).forEach(b => {
    if (box(a).height && box(b).height && !apart(box(a), box(b))) found.push(a.outerHTML.slice(0, 80) + ' / ' + b.outerHTML.slice(0, 80)); }));
  document.querySelectorAll('main, main section, article, article > div, article ul').forEach(e => check([...e.children]));
  return found; })()"""


@pytest.mark.skipif(not browser.find(), reason="chromium is not installed")
@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")
def test_in_a_browser(folder):
    url = f"file://{folder}/index.html"
    with browser.Browser() as b:
        b.open(url)
        for script in ("0", "document.querySelectorAll('details').forEach(d => d.open = true)"):
            b.evaluate(script)
            for width, dark in ((1200, False), (1200, True), (800, False), (390, False), (390, True), (320, False)):
                b.show(width=width, dark=dark)
                assert b.evaluate("document.documentElement.scrollWidth") <= width
                assert b.evaluate(OVERLAPS) == []
                assert b.evaluate("[...document.querySelectorAll('svg.p')].every(i => i.getBoundingClientRect().width > 200)")
        assert b.complaints() == [url]
        b.open(url, width=390)  # the rules of a row's cells, the one that stays included, are one line
        assert b.evaluate("[...document.querySelectorAll('tbody tr')].every(r => "
                          "new Set([...r.cells].map(c => Math.round(4 * c.getBoundingClientRect().bottom))).size == 1)")
        assert b.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "separate"
        assert b.evaluate("[...document.links].filter(a => a.protocol != 'file:').length") == 0


# --- scripts/bench-all

SMALL = {"title": "A small one", "question": "Does it work?", "models": ["sequential", "threads"],
         "origin": {"bytes": 100, "delay_ms": 1}, "load": {"concurrency": [1, 4], "requests": 8}}
IMPOSSIBLE = {**SMALL, "models": ["ghost"], "runners": [{"name": "ghost", "command": ["no-such-program-anywhere"]}]}
PREDICTION = {"says": "A thread needs no memory.", "metric": "max_rss_bytes", "model": "threads", "concurrency": 4, "at_most": 1}


def scenario_file(folder, name, base=None, **changes):
    made = {key: value for key, value in {**(base or SMALL), **changes}.items() if value is not None}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(made))
    return path


def words(results, names, *more):
    return [SOURCE / "scripts" / "bench-all", "--bin", BIN, "--results", results, "--only", ",".join(map(str, names)), *more]


def bench_all(results, names, *more, timeout=600):
    return subprocess.run([str(word) for word in words(results, names, *more)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)


def catalogue_of(results):
    folder = results / "latest-all"
    catalogue = json.loads((folder / "catalogue.json").read_text())
    assert errors("catalogue", catalogue) == []
    return {made["name"]: made for made in catalogue["scenarios"]}, catalogue


@pytest.fixture(scope="module", name="real")
def make_real(tmp_path_factory):
    """A good scenario, one that is wrong, one that cannot run, and another good one."""
    top = tmp_path_factory.mktemp("real")
    results = top / "results"
    results.mkdir()
    (results / "latest").symlink_to("an-older-run")
    (top / "wrong.json").write_text('{"title": "Wrong"}')
    names = [scenario_file(top, "good"), top / "wrong.json", scenario_file(top, "impossible", IMPOSSIBLE),
             scenario_file(top, "other", title="Another one")]
    return results, bench_all(results, names, "--blocks", 3)


def test_one_that_fails_stops_no_other(real):
    results, done = real
    assert done.returncode == 1, done.stderr
    told, catalogue = catalogue_of(results)
    assert {name: made["status"] for name, made in told.items()} == {"good": "done", "wrong": "failed", "impossible": "skipped",
                                                                      "other": "done"}
    assert (told["wrong"]["reason"], told["wrong"]["exit_code"]) == ("wrong.json: load: missing", 2)
    assert told["impossible"]["reason"].startswith("no cell of it can run here: ")
    assert "no-such-program-anywhere" in told["impossible"]["reason"]
    assert catalogue["complete"] is True and told["good"]["wall_s"] > 0
    for name in ("good", "other"):
        assert errors("results", json.loads((results / "latest-all" / name / "results.json").read_text())) == []


def unfolded(text):
    """Lines are folded at the width of the terminal, or else at 80."""
    return " ".join(text.split())


def test_the_folder_is_whole_and_latest_is_left_alone(real):
    results, done = real
    folder = results / "latest-all"
    assert os.readlink(results / "latest") == "an-older-run"
    assert sorted(path.name for path in folder.iterdir()) == ["catalogue.json", "good", "index.html", "other"]
    assert f" index {folder.resolve()}/index.html" in unfolded(done.stdout)
    page = (folder / "index.html").read_text()
    assert all((folder / link).exists() for link in links_of(page))
    assert program("concbench", "validate", folder / "catalogue.json").returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    (row,) = [line[2:] for line in lines if line[:1] == ["good"]]
    assert row[:3] == ["0", "0", "0"]
    assert row[3] in ("descriptive", "not-publishable")  # the latter where other programs disturb most trials
    assert str(results.parent) not in json.dumps(json.loads((folder / "catalogue.json").read_text())["scenarios"][0])


def test_a_prediction_that_did_not_hold_is_exit_5(tmp_path):
    why = "What is tested is what becomes of a prediction that no machine can keep, from the file to the exit code. " * 3
    path = scenario_file(tmp_path, "broken", expect=[PREDICTION], why=why.strip())
    done = bench_all(tmp_path / "results", [path], "--blocks", 3)
    assert done.returncode == 5, done.stderr
    assert "1 did not hold" in (tmp_path / "results/latest-all/index.html").read_text()


def loaded():
    """scripts/bench-all as a module."""
    loader = importlib.machinery.SourceFileLoader("bench_all", str(SOURCE / "scripts/bench-all"))
    sys.path.insert(0, str(SOURCE / "scripts"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_all", loader))
    loader.exec_module(module)
    return module


def test_what_fits_into_the_limit_is_run_in_order(tmp_path):
    paths = [scenario_file(tmp_path, "long", load={"concurrency": [1], "requests": 8000}, models=["threads"],
                           origin={"bytes": 100, "delay_ms": 1}), scenario_file(tmp_path, "small", models=["threads"])]
    done = bench_all(tmp_path / "results", paths, "--limit", "1 min", "--blocks", 20, "--dry-run")
    assert done.returncode == 0 and "1 of 2 scenarios" in done.stdout and not (tmp_path / "results").exists()
    done = bench_all(tmp_path / "results", paths, "--limit", "1 min", "--blocks", 4, "--dry-run")
    assert done.returncode == 0 and "left out" not in done.stderr, done.stderr
    assert "2 of 2 scenarios: about" in done.stdout, done.stdout
    done = bench_all(tmp_path / "results", paths, "--limit", "50s", "--blocks", 20)
    assert done.returncode in (0, 4), done.stderr  # 4: a busy machine made a trial invalid
    assert "1 of 2 scenarios do not fit into --limit 50 s and are left out" in done.stderr
    told, catalogue = catalogue_of(tmp_path / "results")
    assert {name: made["status"] for name, made in told.items()} == {"long": "skipped", "small": "done"}
    assert "did not fit into --limit 50 s" in told["long"]["reason"] and catalogue["complete"] is True


def test_a_limit_into_which_nothing_fits_is_refused(tmp_path):
    path = scenario_file(tmp_path, "small")
    done = bench_all(tmp_path / "results", [path], "--limit", "1s", "--blocks", 100)
    assert done.returncode == 2 and "no scenario fits into --limit 1 s" in done.stderr and not (tmp_path / "results").exists()


def test_three_minutes_of_the_catalogue_begin_at_its_beginning():
    done = subprocess.run([SOURCE / "scripts/bench-all", "--bin", BIN, "--dry-run", "--limit", "3m"], capture_output=True, text=True,
                          timeout=3600, check=True)
    first = (SOURCE / "scenarios/ORDER").read_text().split()[1]
    rows = re.findall(r"^([a-z0-9-]+) +((?:\d+ (?:min|s) ?)+|skipped) ", done.stdout, re.M)
    assert rows[0][0] == first and "skipped" not in rows[0][1]
    assert "did not fit into --limit 3 min" in unfolded(done.stdout)
    assert re.search(r"scenarios: about (2 min \d+ s|3 min)$", done.stdout, re.M), done.stdout


def test_noise_alone_is_no_failure():
    bench_all = loaded()
    values = {("threads", 4, "x"): {"0": 10.0, "1": 8.0}, ("sequential", 1, "x"): {"0": 2.0, "1": 4.0}}
    def noise(busy=False, **changes):
        item = {"model": "threads", "concurrency": 4, "metric": "x", "to": None, "to_concurrency": None, "at_least": None,
                "at_most": None, "value": 9.0, **changes}
        return bench_all.is_noise(item, values, busy)
    assert noise(at_least=9.5) and noise(at_most=8.5)  # it held in one block
    assert not noise(at_least=11) and not noise(at_most=7)
    assert noise(at_least=11, busy=True) and noise(at_most=7, busy=True)
    assert not noise(at_least=19, busy=True) and not noise(at_most=4, busy=True)  # no noise is that large
    ratio = {"to": "sequential", "to_concurrency": 1, "value": 3.0}
    assert noise(at_least=4, **ratio) and not noise(at_least=5.5, **ratio) and noise(at_least=5.5, busy=True, **ratio)
    assert not noise(metric="unknown", at_least=19)


def test_times_are_those_of_concbench():
    bench_all = loaded()
    for text, seconds in {"90s": 90, "3m": 180, "1h": 3600, "1h30m": 5400, "6 min 30 s": 390, "2 h 5 min": 7500}.items():
        assert bench_all.seconds_of(text) == seconds
    for seconds, text in {0: "0 s", 55.4: "55 s", 59.6: "1 min", 390: "6 min 30 s", 3599.6: "1 h", 7500: "2 h 5 min"}.items():
        assert bench_all.duration(seconds) == text
    assert bench_all.slips("corutines", "coroutines") == 1 and bench_all.slips("rnu", "run") == 1


@pytest.mark.parametrize("flags, said", [
    (["--limt", "3m"], "'--limit'"), (["--only", "ten-reqests"], "'ten-requests'"), (["--skip", "mini_ab"], "'mini-ab'"),
    (["--preset", "quik"], "'quick'"), (["--only", "mini-ab", "--modles", "threads"], "'--models'")])
def test_a_near_miss_is_answered_with_the_word(tmp_path, flags, said):
    done = subprocess.run([SOURCE / "scripts/bench-all", "--bin", BIN, "--results", tmp_path / "results", *flags],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2 and f"did you mean {said}?" in unfolded(done.stderr) and not (tmp_path / "results").exists()


def test_its_lines_are_as_wide_as_they_may_be(tmp_path):
    for words in (["--help"], ["--dry-run", "--only", "ten-requests,mini-ab", "--limit", "9s"]):
        done = subprocess.run([SOURCE / "scripts/bench-all", "--bin", BIN, *words], capture_output=True, text=True, timeout=300,
                              check=True, env={**os.environ, "COLUMNS": "40"})
        assert done.stdout and all(len(line) <= 40 or " " not in line.strip() for line in done.stdout.splitlines())


@pytest.mark.parametrize("flags", [["--only", "no-such"], ["--skip", "no-such"], ["--limit", "soon"], ["--limit", "5"], ["--limit", ""], ["--out", "x"], ["--json"]])
def test_usage(tmp_path, flags):
    done = subprocess.run([SOURCE / "scripts" / "bench-all", "--bin", BIN, "--results", tmp_path / "results", *flags],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and not (tmp_path / "results").exists()


def test_two_do_not_measure_at_once(tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    with open(results / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\n")
        lock.flush()
        done = bench_all(results, [scenario_file(tmp_path, "small")])
    assert done.returncode == 3 and "process 4711" in done.stderr
    assert [path.name for path in results.iterdir()] == [".lock"]


def start_three(tmp_path, token="none"):
    """bench-all on three long scenarios, the first of which is being measured."""
    names = [scenario_file(tmp_path, name) for name in ("first", "second", "third")]
    more = ["--progress", "plain", "--blocks", 50, "--limit", "1h"]
    process = subprocess.Popen([str(word) for word in words(tmp_path / "results", names, *more)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "TEST_TOKEN": token})
    for line in process.stderr:
        if line.startswith("warm-up done"):
            return process
    raise AssertionError("it ended before its warm-up did")


def test_a_silent_run_ends_when_its_bench_all_is_killed(tmp_path):
    """A run that says nothing meets no closed pipe: only the death signal ends it."""
    token, results = f"silent-{os.getpid()}", tmp_path / "results"
    process = subprocess.Popen([str(word) for word in words(results, [scenario_file(tmp_path, "one")], "--blocks", 60)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "TEST_TOKEN": token, "CONCBENCH_LOCK_NAME": token})

    def journal():
        return [path.read_text().splitlines() for path in results.glob("all-*/*/trials.jsonl")]
    wait_until(lambda: process.poll() is not None or any('"pass":"timed"' in line for lines in journal() for line in lines), "a trial")
    assert process.poll() is None, "it ended by itself"
    process.kill()
    process.wait()
    wait_until_gone(token)
    footer = json.loads(journal()[0][-1])
    assert footer["type"] == "footer" and footer["complete"] is False


def test_it_holds_the_machine_from_first_to_last(tmp_path):
    """Its own lock, not that of the run which is being measured: there is none between two runs. Its runs go on."""
    process = start_three(tmp_path)
    (tmp_path / "again").mkdir()
    for done in (program("concbench", "run", scenario_file(tmp_path / "again", "one"), "--out", tmp_path / "other"),
                 bench_all(tmp_path / "another", [scenario_file(tmp_path / "again", "two")])):
        assert done.returncode == 3, done.stderr
        assert f"another concbench measures on this machine (process {process.pid})" in done.stderr
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=300)
    assert catalogue_of(tmp_path / "results")[0]["first"]["status"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_well_and_says_partial(tmp_path, number):
    results, process = tmp_path / "results", start_three(tmp_path)
    os.killpg(process.pid, number)  # as a terminal does
    out, said = process.communicate(timeout=300)
    assert process.returncode == -number, said
    told, catalogue = catalogue_of(results)
    assert [told[name]["status"] for name in ("first", "second", "third")] == ["interrupted", "not-run", "not-run"]
    assert catalogue["complete"] is False and "interrupted" in out
    page = (results / "latest-all" / "index.html").read_text()
    assert "Partial" in page and all((results / "latest-all" / link).exists() for link in links_of(page))


@pytest.mark.parametrize("numbers", [[signal.SIGINT, signal.SIGINT], [signal.SIGKILL]])
def test_nothing_outlives_it(tmp_path, numbers):
    token = f"bench-all-{os.getpid()}-{len(numbers)}"
    process = start_three(tmp_path, token)
    for number in numbers:
        os.kill(process.pid, number)
    process.communicate(timeout=300)
    assert process.returncode == -numbers[-1]
    wait_until_gone(token)
