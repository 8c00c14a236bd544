"""Every kind of page, at three widths, light and dark: nothing is cut off, covered, too pale to read, or out of reach."""

import gzip
import json
import os
import pathlib
import re
import subprocess

import pytest

import browser
import make_results
from test_hosts_page import host, merged, not_quotable, page_of, won_by
from test_index import entry, one_scenario, write_catalogue, write_run

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
WIDTHS = (320, 390, 1280)

pytestmark = [pytest.mark.skipif(browser.find() is None, reason="chromium is not installed"),
              pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")]


def program(name, *args):
    return subprocess.run([BIN / name, *map(str, args)], check=True, capture_output=True, text=True, timeout=300).stdout


def sample(folder):
    (folder / "results.json").write_bytes((SOURCE / "results" / "sample" / "results.json").read_bytes())
    program("concbench-report", "--no-png", folder)
    return folder / "report.html"


# 96 cores in eight NUMA nodes, as a run on them would store it.
NODES = [{"package": 0, "node": 0, "cache": 0, "cache_bytes": 33554432, "cores": 6, "threads": 2, "kind": "fast",
          "cpus": cpus, "use": use} for cpus, use in (("0-5,96-101", "origin"), ("6-11,102-107", "runner"))]
NODES += [{"package": node // 4, "node": node, "cache": node, "cache_bytes": 33554432, "cores": 12, "threads": 2, "kind": "fast",
           "cpus": f"{12 * node}-{12 * node + 11},{12 * node + 96}-{12 * node + 107}", "use": "unused"} for node in range(1, 8)]


def every_model(folder):
    document = make_results.build(scenarios=make_results.SCENARIOS[:1], names=make_results.SUITE)
    document["environment"]["placement"]["machine"] = NODES
    make_results.dump(make_results.with_everything(document), folder / "results.json")
    program("concbench-report", "--no-png", folder)
    return folder / "report.html"


def comparison(folder):
    old = json.loads(gzip.decompress((SOURCE / "tests" / "data" / "first-results.json.gz").read_bytes()))
    new = json.loads(json.dumps(old))
    new["run"]["id"] = "another"
    for cell in new["cells"]:
        for trial in cell["trials"]:
            trial["document"]["measured_ns"] *= 2 if cell["model"] == "threads" else 1
    for name, document in (("old.json", old), ("new.json", new)):
        (folder / name).write_text(json.dumps(document))
    program("concbench", "compare", folder / "old.json", folder / "new.json", "--html", folder / "compare.html")
    return folder / "compare.html"


def index(folder):
    entries = []
    for number in range(3):
        document = one_scenario(number)
        write_run(folder, document)
        entries.append(entry(document["scenarios"][0]["name"]))
    write_catalogue(folder, [*entries, entry("not-made", status="skipped", reason="its library is missing")])
    program("concbench-report", "--index", folder)
    return folder / "index.html"


def hosts(folder):
    documents = {"n1": host(), "a-laptop-with-a-long-name": host(not_quotable), "n3": host(won_by("threads"))}
    for document in documents.values():
        document["scenarios"].append({**document["scenarios"][0], "name": "another"})
    page_of(merged(folder, documents, "--missing", "n4"))
    return folder / "hosts.html"


@pytest.fixture(scope="module", params=[sample, every_model, comparison, hosts, index], ids=lambda make: make.__name__)
def page(request, tmp_path_factory):
    return f"file://{request.param(tmp_path_factory.mktemp('page'))}"


@pytest.fixture(scope="module")
def chromium():
    with browser.Browser() as started:
        yield started


COVERED = """[...document.querySelectorAll('svg[role=img]')].flatMap(picture => {
  const outer = picture.getBoundingClientRect();
  const texts = [...picture.querySelectorAll('text')].filter(t => t.textContent.trim() && t.getClientRects().length)
    .map(t => [t.textContent, t.getBoundingClientRect()]);
  const bad = texts.filter(([, r]) => r.left < outer.left - 1 || r.right > outer.right + 1 || r.top < outer.top - 1
                                   || r.bottom > outer.bottom + 1).map(([t]) => t + ' leaves its picture');
  texts.forEach(([a, r], i) => texts.slice(i + 1).forEach(([b, s]) => {
    if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1
        && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 2) bad.push(a + ' covers ' + b) }));
  return bad })"""

# The contrast (WCAG 2.1, 1.4.3) of what is seen with the page's own colour behind it; what is too pale.
PALE = """(least => {
  const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const parse = text => { const n = text.match(/[\\d.]+/g); return n && (n[3] === undefined || n[3] > 0) ? n.map(Number) : null };
  const luminance = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c) return c }
                        return parse(getComputedStyle(document.body).backgroundColor) };
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
  const seen = e => e.getClientRects().length > 0;
  const texts = [...document.querySelectorAll('body *')].filter(e => seen(e) && [...e.childNodes].some(
    n => n.nodeType == 3 && n.textContent.trim()) && !e.closest('.skip'));
  const marks = [...document.querySelectorAll('svg [class*="m"] path, svg[class*="m"] path')].filter(seen);
  const pale = (e, colour, limit) => { const c = parse(colour); return c && contrast(c, behind(e)) < limit; };
  return [...texts.filter(e => pale(e, e.closest('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color, 4.5)),
          ...marks.filter(e => { const s = getComputedStyle(e);
            return pale(e, s.fill == 'none' ? s.stroke : s.fill, 3) })]
    .map(e => e.tagName + ' ' + (e.getAttribute('class') || '') + ': ' + e.textContent.trim().slice(0, 40)) })()"""

# Markers that refer to a shape which the page does not have: they are not drawn, and nothing complains.
LOST = """[...document.querySelectorAll('use')].map(u => u.getAttribute('href')).filter(h => !document.getElementById(h.slice(1)))"""

OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_can_be_read(chromium, page, width, dark):
    chromium.open(page, width=width, dark=dark)
    assert chromium.complaints() == [page], "a message on the console, or a request"
    for folded in (True, False):
        if not folded:
            chromium.evaluate(OPEN)
            assert chromium.evaluate("document.querySelectorAll('details:not([open])').length") == 0
        assert chromium.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.evaluate(COVERED) == []
        assert chromium.evaluate(PALE) == []
    assert chromium.evaluate(LOST) == []


def test_the_keyboard_reaches_all(chromium, page):
    chromium.open(page, width=1280)
    targets = chromium.evaluate("""(() => { const all = [...document.querySelectorAll('a[href], summary, input, button, [tabindex="0"]')]
      .filter(e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) || e.className == 'skip'); all.forEach((e, i) => e.dataset.n = i); return all.length })()""")
    reached = set()
    for _ in range(targets + 5):
        chromium.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        reached.add(chromium.evaluate("document.activeElement.dataset.n"))
    assert {str(n) for n in range(targets)} <= reached and targets > 10


def test_on_paper_nothing_is_torn(chromium, page, tmp_path):
    chromium.open(page)
    chromium.print_pdf(tmp_path / "page.pdf")
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "page.pdf").read_bytes()))
    assert 1 <= pages <= 8
    chromium.call("Emulation.setEmulatedMedia", media="print", features=[])
    torn = chromium.evaluate("""[...document.querySelectorAll('figure, tr, article')].filter(e => e.getClientRects().length
      && getComputedStyle(e).breakInside != 'avoid').map(e => e.outerHTML.slice(0, 80))""")
    chromium.call("Emulation.setEmulatedMedia", media="")
    assert torn == []
