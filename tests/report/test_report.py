"""concbench-report as a program: the same page for the same input, one line for a bad one."""

import copy
import csv
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import make_results

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
SAMPLE = SOURCE / "results" / "sample"
TEXTS = ("report.html", "summary.md", "summary.csv")

sys.path.append(str(SOURCE / "tests" / "cli"))
from schemas import errors  # noqa: E402


def report(*args, **options):
    return subprocess.run([BIN / "concbench-report", *map(str, args)], capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL, **options)


def render(folder, document, *options):
    """The page that is drawn of the document. The PNGs take most of the time, and few tests look at them."""
    folder.mkdir(exist_ok=True)
    make_results.dump(document, folder / "results.json")
    done = report(folder, *(options or ["--no-png"]))
    assert done.returncode == 0, done.stderr
    return (folder / "report.html").read_text(encoding="utf-8")


def files_of(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def without_pictures(html):
    """Where gnuplot puts a mark depends on its version; what the page says does not."""
    return re.sub(r'(<svg class="p"[^>]*>).*?</svg>', r"\1</svg>", html, flags=re.S)


@pytest.fixture(scope="module")
def ordinary():
    return make_results.build()


@pytest.fixture(scope="module")
def page(tmp_path_factory, ordinary):
    """The folder of an ordinary report."""
    folder = tmp_path_factory.mktemp("ordinary")
    render(folder, ordinary, "--out", folder)
    return folder


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="no program of ours runs in it")
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [{"blocks": 6}, {"blocks": 0}, {"blocks": 1}, {"blocks": 1, "model_count": 12},
                                   {"blocks": 1, "names": make_results.SUITE}])
def test_the_made_up_results_follow_the_schema(shape, full):
    document = make_results.build(**shape)
    assert errors("results", make_results.with_everything(document) if full else document) == []


# --- the same bytes

def test_the_sample_renders_as_committed(tmp_path):
    done = report("--out", tmp_path, SAMPLE)
    assert done.returncode == 0, done.stderr
    for name in TEXTS:
        got = without_pictures((tmp_path / name).read_bytes().decode())
        wanted = without_pictures((SAMPLE / name).read_bytes().decode())
        assert got == wanted, f"{name} changed; if that is wanted: scripts/refresh-sample"


def test_a_file_of_the_first_days_is_still_drawn(tmp_path):
    (tmp_path / "results.json").write_bytes(
        gzip.decompress((SOURCE / "tests" / "data" / "first-results.json.gz").read_bytes()))
    done = report("--no-png", tmp_path)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "report.html").read_text()
    assert "differences count" not in html and "not known" in html and html.count("<figure") == 3 * 7


def test_same_input_same_bytes_in_another_folder_locale_and_zone(page, tmp_path):
    document = page / "results.json"
    environment = dict(os.environ, LC_ALL="de_DE.UTF-8", LANG="tr_TR.UTF-8", TZ="Asia/Tokyo", HOME="/nonexistent")
    done = report("--out", tmp_path / "elsewhere", os.path.relpath(document, tmp_path), cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    first = {n: b for n, b in files_of(page).items() if n != "results.json"}
    assert files_of(tmp_path / "elsewhere") == first
    text = first["report.html"].decode()
    assert str(page) not in text and "/tmp" not in text


def test_a_memory_that_may_be_more_is_marked(tmp_path):
    document = make_results.build(blocks=1)
    before = [cell for cell in document["cells"] if cell["model"] == document["scenarios"][0]["models"][1]]
    for cell in before:
        cell["memory"]["is_on_plateau"] = False
    render(tmp_path, document, "--no-png")
    html, markdown = ((tmp_path / name).read_text() for name in ("report.html", "summary.md"))
    highest = len({cell["scenario"] for cell in before})
    assert html.count("≥\u00a0") >= len(before) + 2 * highest and markdown.count("≥\u00a0") >= highest


def test_stdout_is_the_path_of_the_page(tmp_path):
    make_results.dump(make_results.build(blocks=1), tmp_path / "results.json")
    assert report("--no-png", tmp_path / "results.json").stdout == f"{tmp_path}/report.html\n"
    assert report("--no-png", "results.json", cwd=tmp_path).stdout == "./report.html\n"


def test_files_and_size(page):
    names = files_of(page)
    for scenario in ("slow-origin", "fast-origin", "mini-ab"):
        for chart in ("throughput", "cpu", "memory", "speedup", "largest-process", "latency", "startup",
                      "throughput-in-order", "cpu-in-order", "connect", "first-byte"):
            gp, tsv, svg, png = (names[f"charts/{scenario}-{chart}.{kind}"] for kind in ("gp", "tsv", "svg", "png"))
            assert gp.startswith(b"# ") and b"\tcoroutines\t" in tsv
            assert svg.strip().endswith(b"</svg>") and png.startswith(b"\x89PNG")
    linked = set(re.findall(r'href="(charts/[^"]*)"', names["report.html"].decode()))
    assert linked == {name for name in names if name.startswith("charts/")}
    assert len(names["report.html"]) < 500_000


def test_a_person_can_draw_each_chart_again(page, tmp_path):
    """gnuplot, as anybody runs it, makes the same picture of the files of a chart."""
    folder = shutil.copytree(page / "charts", tmp_path / "charts")
    scripts = sorted(folder.glob("*.gp"))
    wanted = {path.stem: path.with_suffix(".svg").read_bytes() for path in scripts}
    assert len(wanted) >= 30
    for path in [*folder.glob("*.svg"), *folder.glob("*.png")]:
        path.unlink()
    for path in scripts:
        done = subprocess.run(["gnuplot", path.name], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert path.with_suffix(".svg").read_bytes() == wanted[path.stem], path.name
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_the_first_chart_is_that_of_the_headline(tmp_path):
    """As wide as the page, with a small one for small screens; then two other costs, none of them twice."""
    document = make_results.build(blocks=6)
    for scenario, key, name in zip(document["scenarios"], ("measured_ns", "cpu_per_request_ns", "origin_cpu_ratio"),
                                   ("time for all ten", "CPU per page", "share {of} the_time")):
        scenario["headline"] = {"metric": key, "as": name, "noun": "page", "better": "less"}
    html = render(tmp_path, document)
    for scenario, file, title, others in zip(document["scenarios"], ("measured", "cpu-per-request", "origin-cpu-ratio"),
                                             ("Time for all ten, ms", "CPU per page, µs", "Share {of} the_time, %"),
                                             (("cpu", "memory"), ("memory", "throughput"), ("cpu", "memory"))):
        figure = re.search(r"<figure.*?</figure>", html[html.index(f'id="scenario-{scenario["name"]}"'):], re.S).group()
        assert re.findall(r'href="charts/([^"]*)\.gp"', figure) == [f"{scenario['name']}-{k}" for k in (file, *others)]
        wide = figure[figure.index('<div class="chart wide">'):].split("</div>")[0]
        assert wide.count(f'aria-label="{title}') == 2 and wide.count('class="p narrow"') == 1
        assert figure.count('class="p narrow"') == 1 and 'viewBox="0 0 1040 ' in wide and 'viewBox="0 0 360 ' in wide


def test_a_chart_can_be_edited(page, tmp_path):
    """A value of the data moves its mark, and a colour of the script is that of its line."""
    for kind in ("gp", "tsv"):
        shutil.copy(page / "charts" / f"slow-origin-cpu.{kind}", tmp_path)
    script, data = tmp_path / "slow-origin-cpu.gp", tmp_path / "slow-origin-cpu.tsv"
    script.write_text(re.sub(r"(set style line 2 lc rgb) '#\w+'", r"\1 '#123456'", script.read_text()))
    data.write_text(data.read_text().replace("CPU per request", "Costs"))
    done = subprocess.run(["gnuplot", script.name], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    svg = (tmp_path / "slow-origin-cpu.svg").read_text()
    assert done.returncode == 0 and "rgb( 18,  52,  86)" in svg and "<text>Costs, " in svg


def test_without_png(page, tmp_path):
    """Nothing else is lost, nothing is linked that is not there, and no picture of an older report stays."""
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "slow-origin-throughput.png").write_text("older")
    (tmp_path / "charts" / "mine.png").write_text("of somebody else")
    assert report("--no-png", "--out", tmp_path, page).returncode == 0
    made, whole = files_of(tmp_path), files_of(page)
    assert made.pop("charts/mine.png") == b"of somebody else"
    assert set(made) == {name for name in whole if not name.endswith(".png") and name != "results.json"}
    for name in set(made) - {"report.html"}:
        assert made[name] == whole[name], name
    html = whole["report.html"].decode()
    assert html.count(">PNG</a>") == html.count('<svg class="p"') > 30
    assert made["report.html"].decode() == re.sub(r' <a href="charts/[^"]*">PNG</a>', "", html)


# --- what the page is

def test_head_is_closed_to_the_world(page):
    html = (page / "report.html").read_text()
    head = html[:html.index("</head>")]
    assert head.index("Content-Security-Policy") < head.index("<meta charset")
    assert "default-src 'none'" in head
    assert "<script" not in html and "javascript:" not in html and not re.search(r"\son\w+=", html.split("</style>")[1])
    assert not re.search(r'(src|href)="(https?:)?//', html)
    style = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
    import base64
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in head.replace("&#39;", "'")


def test_page_order_and_accessibility(page, ordinary):
    html = (page / "report.html").read_text()
    part = ['class="question"', "<h2", 'class="answer cards"', 'class="trust"', "<figure", 'class="load"', 'class="measured"']
    marks = (["<h1>"] + [m for name in ("slow-origin", "fast-origin", "mini-ab") for m in [f'id="scenario-{name}"', *part]]
             + ['id="measured"', 'class="strip"', 'id="method"', 'id="environment"', 'id="reproduce"', 'id="data"', "results.json"])
    place = html.index("</head>")
    for mark in marks:  # each after the one before it
        place = html.index(mark, place) + 1
    assert html.count("<h1>") == 1 and '<html lang="en">' in html and 'class="skip"' in html
    figures = re.findall(r"<figure>.*?</figure>", html, re.S)  # that of the machine has no numbers behind it
    assert len(figures) == 3 * 7
    for figure in figures:
        assert re.findall(r'<svg class="p"[^>]* role="img" aria-label="[^"]{20,}"', figure)
        assert "<figcaption>" in figure and "<details>" in figure and "<table>" in figure
    for scenario in ordinary["scenarios"]:
        plain = re.sub(r"</?b>|</?span[^>]*>", "", html).replace("\u00a0", " ")
        assert scenario["verdict"]["sentence"] in plain and scenario["verdict"]["caveat"] in plain
        assert "<b>coroutines</b> served" in html


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_what_the_run_says_of_itself_is_shown(tmp_path):
    document = make_results.with_everything(make_results.build())
    html = render(tmp_path, document)
    strip = text_of(re.search(r'<ul class="strip">.*?</ul>', html, re.S).group())
    assert "differences below 1.2 % in requests per second, 3.1 % in CPU per request, 1.0 % in tree memory count as none" in strip
    assert "the noise floor that concbench check found" in strip
    assert "the baseline against itself (A/A): 1 same, 1 inconclusive" in strip
    assert "1 of 276 trials disturbed from outside" in strip
    assert "the baseline against itself" in (tmp_path / "summary.md").read_text().replace("\\", "")
    facts = text_of(html[html.index('class="facts"'):])
    assert "governor no cpufreq here" in facts and "not affected mds, tsa" in facts
    # percentiles have their intervals
    section = html[html.index('id="scenario-fast-origin"'):]
    cell = next(c for c in document["cells"] if c["scenario"] == "fast-origin" and c["model"] == "threads" and c["concurrency"] == 64)
    assert re.search(r'data-label="p99">[\d.]+ ms <span class="ci">\[[\d.]+, [\d.]+\]<', section) and cell["summary"]["latency_ns"]["p99_low"]


def test_system_calls_and_counters_are_tables(tmp_path):
    html = render(tmp_path, make_results.with_everything(make_results.build()))
    table = re.search(r"<summary>System calls per request</summary>.*?</table>", html, re.S).group()
    assert re.findall(r'<th scope="col">([^<]*)', table) == ["model", "all", "poll", "recvfrom", "sendto", "epoll_wait",
                                                             "timerfd_settime", "futex"]
    rows = [text_of(r).split() for r in re.findall(r"<tr.*?</tr>", table, re.S)[1:]]
    threads = next(r for r in rows if r[0] == "threads")
    assert threads[1:] == ["7.40", "5.00", "1.00", "1.00", "0", "0", "0.40"]
    assert "neither strace nor perf is installed" in text_of(table)  # processes has none
    counters = re.search(r"<summary>Counters and energy</summary>.*?</details>", html, re.S).group()
    assert "91,000" in counters and "no powercap here" in counters
    assert "coroutines: 5.09 (epoll_wait 0.55, poll 2.00" in (tmp_path / "summary.md").read_text().replace("\\", "")


def test_what_was_not_counted_is_one_sentence(tmp_path, page):
    html = render(tmp_path, make_results.with_everything(make_results.build(blocks=1), counters=False, traced=False))
    assert "<summary>Counters" not in html and "<summary>System" not in html
    text = text_of(html)
    assert "System calls were not counted: neither strace nor perf is installed ." in text or \
        "System calls were not counted: neither strace nor perf is installed." in text
    assert "Counters and energy are not known: instructions per request: no counter of instructions" in text
    older = (page / "report.html").read_text()
    assert "System calls" not in older and "Counters and energy" not in older


def test_the_columns_of_details_are_of_like_height(page):
    html = (page / "report.html").read_text()
    for part in re.findall(r'<div class="figures">\n(.*?)</div>\n</section>', html, re.S):
        columns = part.split("</div>\n<div>\n<figure")
        assert len(columns) == 3 and all("<figcaption>" in c for c in columns)


def test_latency_says_closed_loop(page):
    for scenario in ("slow-origin", "fast-origin", "mini-ab"):
        assert "closed loop" in (page / f"charts/{scenario}-latency.svg").read_text()


def test_the_page_and_not_the_picture_has_the_colours(page):
    """So that they follow the scheme; a file of its own is the light one, on white."""
    html = (page / "report.html").read_text()
    pictures = re.findall(r'<svg class="p".*?\n</svg>', html, re.S)
    assert len(pictures) > 30 and "prefers-color-scheme:dark" in html
    for picture in pictures:
        assert "rgb(" not in picture and not re.search(r"#[0-9a-f]{6}", picture) and " id=" not in picture
        for kind in set(re.findall(r'class="(\w+)', picture)) - {"p"}:
            assert re.search(rf"\.{kind}\b[^}}]*{{", html[:html.index("</style>")]), kind
    for path in (page / "charts").glob("*.svg"):
        assert 'fill="#ffffff"' in path.read_text()


def labels_of(svg):
    """(x, y, text) of all texts of a picture."""
    return [(float(x), float(y), text.strip())
            for x, y, text in re.findall(r'<g transform="translate\(([-\d.]+),([-\d.]+)\)[^>]*>\s*<text>([^<]*)</text>', svg)]


@pytest.mark.parametrize("names", [make_results.MODELS[:4], make_results.MODELS, make_results.SUITE])
def test_direct_labels_never_overlap_and_none_is_dropped(tmp_path, names):
    render(tmp_path, make_results.build(blocks=6, names=names))
    for path in (tmp_path / "charts").glob("*.svg"):
        svg = path.read_text()
        labels = [l for l in labels_of(svg) if l[2] in {*names, "ideal"}]
        expected = len(names) - path.name.startswith("mini-ab")  # sequential has no part in it
        assert len([l for l in labels if l[2] != "ideal"]) >= expected - ("speedup" in path.name), path.name
        for i, (x, y, text) in enumerate(labels):
            for x2, y2, other in labels[i + 1:]:
                assert abs(x - x2) > 60 or abs(y - y2) >= 12, f"{path.name}: {text} and {other}"


def test_captions_claim_no_order_that_was_not_found(tmp_path, ordinary):
    document = copy.deepcopy(ordinary)
    assert "Most requests per second at 128" in render(tmp_path / "a", document)
    for scenario in document["scenarios"]:
        scenario["verdict"]["form"] = "not-publishable"
    html = render(tmp_path / "b", document)
    assert "Most requests per second" not in html and re.search(r"Requests per second at 128 in flight: from [^.;]* to [^.;]*\.", html)
    assert "publishable <b>no</b>: slow-origin is not publishable" in html
    few = render(tmp_path / "c", make_results.build(blocks=4))
    assert "Most requests per second" not in few and "descriptive only" in few


def test_a_dashed_line_is_explained_where_there_is_one(tmp_path, ordinary):
    said = "A model measured at one concurrency only is drawn as a dashed line."
    assert render(tmp_path / "with", ordinary).count(said) == 2  # mini-ab has no sweep
    document = make_results.build(names=["threads", "coroutines"])
    page = render(tmp_path / "without", document)
    assert said not in page and "drawn across" not in page


def test_a_process_larger_than_its_tree_is_explained(tmp_path, ordinary):
    said = "It can be more than the whole tree"
    document = copy.deepcopy(ordinary)
    for cell in document["cells"]:
        cell["summary"]["max_rss_bytes"]["median"] = cell["summary"]["tree_memory_bytes"]["median"] // 2
    assert said not in render(tmp_path / "shorter", document)
    document["cells"][0]["summary"]["max_rss_bytes"]["median"] *= 3
    assert render(tmp_path / "longer", document).count(said) == 1


def test_phases_do_not_claim_to_add_up(page):
    html = (page / "report.html").read_text()
    assert "Where one request" not in html and "do not add up to a request" in html and "includes queueing" in html


def test_captions_say_why_there_is_no_number(tmp_path):
    """Too few requests for a percentile, and no request that was served, are not a run without a valid trial."""
    document = make_results.build(blocks=6)
    gather, refused = document["scenarios"][:2]
    gather["load"].update(rate_per_s=20, arrivals="fixed")
    for cell in document["cells"]:
        summary = cell["summary"]
        if summary and cell["scenario"] == gather["name"]:
            none = {"median": None, "low": None, "high": None, "coverage": None, "n": 0, "reason": "too few requests"}
            summary["response_p99_ns"] = none
        if summary and cell["scenario"] == refused["name"]:
            summary["throughput_per_s"].update(median=0, low=0, high=0)
    html = render(tmp_path, document).replace("\u00a0", " ")
    section = {s["name"]: html[html.index(f'id="scenario-{s["name"]}"'):].split("</section>")[0] for s in (gather, refused)}
    assert "99 % response time: no model has a value at " in section[gather["name"]]
    assert "No request was served at " in section[refused["name"]]
    assert "No cell has a valid trial" not in html


# --- nothing, one, equal

@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_few_samples_are_said_in_words(tmp_path, blocks):
    html = render(tmp_path, make_results.build(blocks=blocks))
    if blocks == 0:
        assert ".</b> Not measured." in html and '<svg class="p"' not in html
    else:
        assert "no interval" in html or "too few for an interval" in html


def test_equal_and_zero_values_draw(tmp_path):
    document = make_results.build(blocks=6)
    for cell in document["cells"]:
        for value in cell["summary"].values():
            if isinstance(value, dict) and value.get("median") is not None:
                value.update(median=0 if cell["scenario"] == "fast-origin" else 7, low=None, high=None)
        cell["summary"]["latency_ns"]["spectrum"] = [[0, 5], [0.5, 5], [0.9, 5]]
        for trial in cell["trials"]:
            trial["started_s"] = 0
    assert "nan" not in without_pictures(render(tmp_path, document)).lower().replace("nanosecond", "")


def test_no_scenarios_at_all(tmp_path):
    document = make_results.build(blocks=1)
    document.update(scenarios=[], cells=[], comparisons=[], warnings=[])
    assert "The run has no scenario." in render(tmp_path, document)


def test_unknown_keys_are_ignored(tmp_path, ordinary):
    document = copy.deepcopy(ordinary)
    document["future"] = document["run"]["future"] = document["cells"][0]["future"] = {"a": [1]}
    render(tmp_path, document)


def test_ratios_are_against_the_scenarios_baseline_only(tmp_path, ordinary):
    document = copy.deepcopy(ordinary)
    others = [dict(c, baseline="coroutines", ratio=987.0) for c in document["comparisons"]]
    document["comparisons"] = others + document["comparisons"]
    assert "987×" not in render(tmp_path, document)


# --- input that means harm or is broken

HOSTILE = "<img src=x onerror=alert(1)>\"'`id`$(id)\\@_{x}^2 &amp; \u202eevil =1+1 %d |x| #a"


def test_hostile_strings_show_literally(tmp_path):
    document = make_results.build(blocks=6)
    canary = pathlib.Path(f"/tmp/canary-{os.getpid()}")  # short: the texts may be cut
    attack = HOSTILE + f" `touch {canary}` \" system('touch {canary}')"
    old = "threads"
    text = json.dumps(document).replace('"threads"', json.dumps("=" + HOSTILE))
    document = json.loads(text)
    document["run"]["id"] = document["environment"]["cpu"]["model"] = attack
    document["environment"][attack] = {attack: attack}
    document["warnings"] = [{"id": attack, "text": attack, "where": attack}]
    for scenario in document["scenarios"]:
        scenario["title"] = scenario["question"] = attack
        scenario["verdict"]["sentence"] = scenario["verdict"]["caveat"] = attack
        scenario["verdict"]["pieces"] = [{"text": attack}, {"model": attack}, {"interval": attack}]
    for cell in document["cells"]:
        cell["trials"][0]["command"] = [attack]
    html = render(tmp_path / "run", document)
    assert not canary.exists()
    assert "<img src=x" not in html and "\u202e" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html and "[U+202E]evil" in html
    charts = tmp_path / "run" / "charts"
    for path in charts.glob("*.svg"):
        assert "<img" not in path.read_text()
    # no text of the results is in a script: with other texts it is the same script
    render(tmp_path / "plain", make_results.build(blocks=6))
    for path in charts.glob("*.gp"):
        plain = (tmp_path / "plain" / "charts" / path.name).read_text()
        numbers = re.compile(r"^(set style line .*|label_colours = .*|(top|left|right|gap) = .*)$", re.M)  # its length and colour differ
        assert numbers.sub("", path.read_text()) == numbers.sub("", plain), path.name
    assert any("onerror" in path.read_text() for path in charts.glob("*.tsv"))
    # and drawn by anybody, in the folder
    for path in sorted(charts.glob("slow-origin-*.gp")):
        done = subprocess.run(["gnuplot", path.name], cwd=charts, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
    assert not canary.exists()
    rows = list(csv.reader(io.StringIO((tmp_path / "run" / "summary.csv").read_text())))
    assert len({len(r) for r in rows}) == 1 and len(rows) == len(document["cells"]) + 1
    assert not any(field[:1] in "=+-@" for row in rows for field in row if field)
    assert any(field.startswith("'=<img") for row in rows for field in row)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a\nb", "-o", "x" * 65])
def test_scenario_names_cannot_leave_the_folder(tmp_path, name):
    document = json.loads(json.dumps(make_results.build(blocks=1)).replace('"slow-origin"', json.dumps(name)))
    make_results.dump(document, tmp_path / "results.json")
    done = report(tmp_path)
    assert done.returncode == 2 and "scenarios[0].name" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


BAD = [  # a text, or what to change in good results; and what the error says
    ("", "results.json:1"),
    ("[]", "not an object"),
    ("{}", "schema_version: missing"),
    ('{"schema_version": 1, "schema_version": 1}', "duplicate"),
    ("[" * 100, "deeper"),
    ('{"schema_version": "1"}', "schema_version: expected"),
    (lambda d: d.update(schema_version=2), "schema_version: 2 is not understood"),
    (lambda d: d.pop("run"), "run: missing"),
    (lambda d: d.update(cells={}), "cells: expected an array"),
    (lambda d: d["cells"][3].pop("model"), "cells[3].model: missing"),
    (lambda d: d["cells"][3].update(scenario="nowhere"), "cells: some belong to a scenario"),
    (lambda d: d["cells"][1].update(concurrency=-4), "cells[1].concurrency: expected a whole number"),
    (lambda d: d["cells"][1]["summary"].update(wall_ns=[]), "cells[1].summary.wall_ns: expected an object"),
    (lambda d: d["cells"][1]["summary"]["wall_ns"].update(median="x"), "wall_ns.median: expected a number"),
    (lambda d: d["cells"][1]["summary"]["latency_ns"].update(spectrum=[[1]]), "latency_ns.spectrum[0]"),
    (lambda d: d["cells"][0].update(trials=[7]), "cells[0].trials[0]: expected an object"),
    (lambda d: d["scenarios"][1]["verdict"].update(form="best"), "scenarios[1].verdict.form: 'best'"),
    (lambda d: d["scenarios"][1]["verdict"].update(pieces={}), "scenarios[1].verdict.pieces: expected an array"),
    (lambda d: d["scenarios"][1]["verdict"].update(pieces=[{"text": "a"}, {"bold": "b"}]), "scenarios[1].verdict.pieces[1]: expected a"),
    (lambda d: d["scenarios"].append(d["scenarios"][0]), "appears twice"),
    (lambda d: d["comparisons"][2].update(ratio="2"), "comparisons[2].ratio: expected a number"),
    (lambda d: d["environment"].update(cpu=3), "environment.cpu: expected an object"),
    (lambda d: d["scenarios"][0].update(why=7), "scenarios[0].why: expected a string"),
    (lambda d: d.update(expectations={}), "expectations: expected an array"),
    (lambda d: d.update(expectations=["x"]), "expectations[0]: expected an object"),
    (lambda d: make_results.with_expectations(d)["expectations"][1].update(outcome="yes"), "expectations[1].outcome: 'yes'"),
    (lambda d: make_results.with_expectations(d)["expectations"][1].pop("says"), "expectations[1].says: missing"),
    (lambda d: d["warnings"].append("x"), "warnings[1]: expected an object"),
]


@pytest.mark.parametrize("bad, said", BAD, ids=[said for _, said in BAD])
def test_bad_results_name_the_place(tmp_path, bad, said):
    document = make_results.build(blocks=1)
    if callable(bad):
        bad(document)
    (tmp_path / "results.json").write_text(json.dumps(document) if callable(bad) else bad)
    done = report(tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_invalid_utf8_and_a_missing_file(tmp_path):
    (tmp_path / "results.json").write_bytes(b'{"schema_version": "\xff"}')
    assert report(tmp_path).returncode == 2
    done = report(tmp_path / "none.json")
    assert done.returncode == 2 and "none.json" in done.stderr
    assert report().returncode == 2 and report("--nonsense", tmp_path).returncode == 2


# --- an environment that cannot

def test_missing_gnuplot_is_named(page, tmp_path):
    done = report("--out", tmp_path / "out", page, env={"PATH": str(tmp_path)})
    assert done.returncode == 3 and done.stderr.count("\n") == 1
    assert "install the package gnuplot-nox" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("script, said", [
    ("exit 0", "left no picture"),
    ("echo cannot draw >&2; exit 1", "cannot draw"),
    ("for n in *.gp; do : >${n%.gp}.svg; : >${n%.gp}.png; done", "only a part of picture"),
    ("kill -9 $$", "gnuplot failed"),
])
def test_a_gnuplot_that_fails_is_noticed(page, tmp_path, script, said):
    fake = tmp_path / "bin" / "gnuplot"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    done = report("--out", tmp_path / "out", page, env={"PATH": str(fake.parent), "TMPDIR": str(tmp_path / "tmp")})
    assert done.returncode == 3 and said in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists() and not list((tmp_path / "tmp").iterdir())


def test_gnuplot_reads_nobodys_start_up_file(page, tmp_path):
    (tmp_path / ".gnuplot").write_text(f"system('touch {tmp_path}/canary')\n")
    done = report("--no-png", "--out", tmp_path / "out", page, env=dict(os.environ, HOME=str(tmp_path)))
    assert done.returncode == 0 and not (tmp_path / "canary").exists()


def test_unwritable_folder(page, tmp_path):
    (tmp_path / "file").write_text("")
    for out in ("/proc/concbench", tmp_path / "file", tmp_path / "file" / "below"):
        done = report("--no-png", "--out", out, page)
        assert done.returncode == 3 and str(out) in done.stderr and done.stderr.count("\n") == 1


def test_help():
    done = report("--help")
    assert done.returncode == 0 and "--out" in done.stdout and done.stderr == ""


# --- open loop

def test_an_open_loop_shows_response_and_service_time(tmp_path, ordinary):
    document = copy.deepcopy(ordinary)
    scenario = document["scenarios"][0]
    scenario["load"].update(rate_per_s=200, arrivals="poisson")
    scenario["origin"].update(freeze_after_ms=2000, freeze_ms=500)
    spectrum = [[0, 20_000_000], [.5, 21_000_000], [.9, 400_000_000], [.99, 490_000_000]]
    for cell in document["cells"]:
        if cell["scenario"] == scenario["name"] and cell["summary"]:
            response = dict(cell["summary"]["latency_ns"], p99=490_000_000, mean=None, min=None, spectrum=spectrum)
            cell["summary"].update(response_ns=response, lag_ns=response,
                                   response_p99_ns=dict(cell["summary"]["wall_ns"], median=490_000_000))
    html = render(tmp_path, document)
    section = html[html.index(f'id="scenario-{scenario["name"]}"'):].split("</section>")[0]
    assert "<li>open loop, 200 requests/s, Poisson arrivals</li>" in section
    assert "hangs in every trial for 500 ms" in section
    assert "what a closed loop hides" in section and "Closed loop:" not in section
    assert "threads</th>" in section.replace("</svg> ", "") and "threads service</th>" in section
    assert "490 ms" in section and "99 % response time" in section
    rest = html.replace(section, "")
    assert "<li>closed loop</li>" in rest and "Closed loop:" in rest
    rows = csv.DictReader(io.StringIO((tmp_path / "summary.csv").read_text()))
    row = next(r for r in rows if r["scenario"] == scenario["name"] and r["p99_ms"])
    assert (row["headline"], row["headline_unit"], row["p99_ms"]) == ("490", "ms, 99 % response time", "490")
    assert "response time, from when a request was due" in (tmp_path / "summary.md").read_text()


# --- many models

MANY = [*make_results.SUITE, "py-aiohttp", "coroutines.ucontext"]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The page of sixteen models."""
    folder = tmp_path_factory.mktemp("many")
    return render(folder, make_results.with_everything(make_results.build(blocks=6, names=MANY)))


def test_few_models_have_no_picker_and_no_families(page):
    html = (page / "report.html").read_text()
    body = html[html.index("<body>"):]
    assert "<input" not in html and "<form" not in html and 'class="family' not in html and "picker" not in body
    assert "#p0" not in html  # nor rules for one


def test_many_models_stand_by_family(many):
    picker = re.search(r'<details class="picker">.*?</details>', many, re.S).group()
    families = re.findall(r'id="q\d"> ([^<]*)</label></legend>', picker)
    assert families == ["one request at a time", "threads that block", "processes", "coroutines with a stack",
                        "event loops by hand", "sockets without libcurl", "others"]
    inside = {re.search(r'id="q\d"> ([^<]*)<', f).group(1): re.findall(r"</svg> ([^<]*)</label>", f)
              for f in re.findall(r"<fieldset>.*?</fieldset>", picker, re.S)}
    assert inside["coroutines with a stack"] == ["coroutines", "coroutine-threads", "coroutines.ucontext"]
    assert inside["others"] == ["py-aiohttp"] and sorted(sum(inside.values(), [])) == sorted(MANY)
    assert picker.count('type="checkbox" checked') == len(MANY) + len(families) and 'type="reset"' in picker
    tables = [t for t in re.findall(r"<table.*?</table>", many, re.S) if 'class="mark' in t and 'class="answer' not in t]
    assert len(tables) > 30
    for table in tables:
        headings = re.findall(r'<tr class="family q\d"><th scope="rowgroup" colspan="\d+"><span>([^<]*)', table)
        assert headings == [f for f in families if f in headings] and len(headings) >= 6
        assert table.count("<tbody>") == table.count("</tbody>") == len(headings) + (">ideal<" in table)


def test_each_row_and_group_of_a_model_has_its_class(many):
    """What the picker hides: rows of tables, and in pictures all marks of a model, by one class each."""
    numbers = {name: number for number, name in re.findall(r'id="p(\d+)"> <svg.*?</svg> ([^<]*)</label>', many)}
    main = many[many.index("<main"):]
    for row in re.findall(r"<tr.*?</tr>", main, re.S):
        model = re.search(r'<th scope="row"><svg[^>]*><use[^>]*></svg> ([^< ]*)', row)
        if model:
            assert row.startswith(f'<tr class="m{numbers[model.group(1)]}">')
    for picture in re.findall(r'<svg class="p".*?\n</svg>', main, re.S):
        for number, group in re.findall(r'<g class="m(\d+)">(.*?)</g>', picture, re.S):
            names = re.findall(r'<text class="n[ e]*"[^>]*>([^<]*)', group)
            assert names and {numbers[n] for n in names} == {number}
        nobody = re.sub(r"<g class=.*?</g>", "", picture, flags=re.S)
        assert not set(re.findall(r'class="([a-z])[ a-z]*"', nobody)) & set("btkorvn" if ">ideal<" not in nobody else "bkorv")
    for name, number in numbers.items():
        assert f"body:has(#p{number}:not(:checked)) main .m{number}{{display:none}}" in many, name


@pytest.mark.parametrize("without", ["sequential", "threads", "coroutines"])
def test_a_model_without_a_value_does_not_give_its_marks_to_another(tmp_path, without):
    """The first, one in the middle, the last: each mark and label is still in the group of its model."""
    document = make_results.build(blocks=6)
    slots = {"sequential": "0", "threads": "1", "processes": "2", "coroutines": "3"}
    none = {"median": None, "low": None, "high": None, "coverage": None, "n": 0, "reason": "not counted"}
    for cell in document["cells"]:
        if cell["model"] == without:
            cell["summary"]["cpu_per_request_ns"] = none
    html = render(tmp_path, document)
    pictures = [p for p in re.findall(r'<svg class="p".*?\n</svg>', html, re.S) if 'aria-label="CPU per request, ' in p]
    assert len(pictures) == 3
    for picture in pictures:
        groups = dict(re.findall(r'<g class="m(\d+)">\n(.*?)</g>', picture, re.S))
        for name, slot in slots.items():
            body = groups.pop(slot, "")
            marks = len(re.findall(r'class="[kb]"', body))
            is_bar = 'class="v"' in body
            assert set(re.findall(r'<text class="n[ e]*"[^>]*>([^<]*)', body)) <= {name}
            if name == without:
                assert marks == 0 and ("no value" in body or not is_bar)
            elif body:
                assert marks or name == "sequential"
        assert not groups


def test_numbers_of_an_axis_lie_apart(many):
    """Also where long names leave little room for the axis."""
    pictures = re.findall(r'<svg class="p[^"]*".*?\n</svg>', many, re.S)
    assert len(pictures) > 30
    for picture in pictures:
        size = 14 if 'viewBox="0 0 1040 ' in picture else 12.5
        ticks = re.findall(r'<text class="d c" x="([\d.]+)" y="([\d.]+)">([^<]*)</text>', picture)
        for (x, y, text), (x2, y2, other) in zip(ticks, ticks[1:]):
            room = .6 * size * (len(text) + len(other)) / 2
            assert y != y2 or abs(float(x) - float(x2)) >= room, (picture[:99], text, other)


def test_the_page_of_fourteen_models_stays_small(tmp_path):
    assert len(render(tmp_path, make_results.build(names=make_results.SUITE))) < 900_000


def test_verdicts_of_many_models_are_against_the_baseline(many):
    """No table holds a model against each other one."""
    table = re.search(r'<table class="cards many">.*?</table>', many, re.S).group()
    assert len(re.findall(r"<tr class=\"m", table)) == len(MANY)
    assert len(re.findall(r'<th scope="col">×', table)) == 3 and table.count('class="ratio"') == 3 * len(MANY)


def test_reasons_of_many_models_stand_below_the_table(tmp_path, ordinary):
    for names in (make_results.SUITE[:4], make_results.SUITE):
        document = make_results.build(blocks=6, names=names)
        for comparison in document["comparisons"]:
            if comparison["verdict"]:
                comparison.update(verdict="inconclusive", reason=f"too noisy here for {comparison['model']}")
        html = render(tmp_path / str(len(names)), document)
        table = re.search(r'<table class="cards.*?</table>', html, re.S).group()
        whys = re.findall(r'<ul class="whys">.*?</ul>', html, re.S)
        assert "inconclusive" in table
        if len(names) == 4:
            assert "inconclusive: too noisy here for threads" in table and not whys
        else:
            assert "too noisy" not in table and len(whys) == 3
            assert re.search(r'<li class="m\d+"><svg[^>]*><use[^>]*></svg> epoll: requests/s too noisy here for epoll; CPU per', whys[0])


def test_one_model_out_of_scale_does_not_flatten_many(tmp_path):
    for names, wide in ((make_results.SUITE[:4], 100), (make_results.SUITE, 100), (make_results.SUITE, 4)):
        document = make_results.build(blocks=6, names=names, scenarios=make_results.SCENARIOS[:1])
        for cell in document["cells"]:
            if cell["model"] == "processes" and cell["concurrency"] > 1:
                for key in ("median", "low", "high"):
                    cell["summary"]["cpu_per_request_ns"][key] *= wide
        html = render(tmp_path / f"{len(names)}-{wide}", document)
        label = re.search(r'aria-label="(CPU per request[^:]*) over requests in flight', html).group(1)
        assert ("(log)" in label) == (wide == 100)


def test_what_theory_predicts_is_folded_away(tmp_path):
    document = make_results.with_expectations(make_results.build(blocks=4))
    html = render(tmp_path, document)
    sections = html.split('<section class="scenario"')
    shown = sections[1]
    assert document["scenarios"][0]["why"].strip() in shown
    folded = re.search(r'<details class="expect">(.*?)</details>', shown, re.S).group(1)
    summary, table = folded.split("</summary>")
    assert "guess first" in summary and "and what held" in summary and "did not hold" not in summary
    assert table.count("32 wait together.") == 1 and table.count("Nobody computes.") == 1  # once for both models
    assert table.count(">31.2</td>") == 2 and "<strong>did not hold</strong>" in table
    assert "unknown: threads at 32 has 1 valid trial; 2 are needed" in table
    assert "throughput_per_s(threads, 32) / throughput_per_s(sequential, 1) &gt;= 8</code>" in table
    assert "&lt;b&gt;Nobody" in table and "<b>Nobody" not in html
    assert "guess first" not in "".join(sections[2:]) and "did not hold" not in html.replace(folded, "")
    text = (tmp_path / "summary.md").read_text()
    assert text.count("What theory predicts:") == 1 and text.count("- 32 wait together.\n") == 1
    assert "  - held: throughput\\_per\\_s(threads, 32)" in text and "&gt;= 8, measured 31.2\n" in text
    assert "  - unknown: " in text and "; threads at 32 has 1 valid trial" in text
    assert "Waiting needs no CPU." in text and "&lt;b&gt;Nobody" in text
