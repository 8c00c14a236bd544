"""The report in a real browser: quiet, offline, and readable on a phone, in the dark, on paper."""

import os
import pathlib
import subprocess

import pytest

import browser
import make_results
from test_report import HOSTILE

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])

pytestmark = [pytest.mark.skipif(browser.find() is None, reason="chromium is not installed"),
              pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the browser is not built with sanitizers")]


@pytest.fixture(scope="module")
def chromium():
    with browser.Browser() as started:
        yield started


@pytest.fixture(scope="module", params=["ordinary", "everything", "twelve models", "the suite", "hostile", "nothing"])
def url(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    document = make_results.build(blocks=0 if request.param == "nothing" else 6,
                                  model_count=12 if request.param == "twelve models" else 4,
                                  names=make_results.SUITE if request.param == "the suite" else None)
    if request.param in ("everything", "the suite"):
        make_results.with_everything(document)
    if request.param == "hostile":
        for scenario in document["scenarios"]:
            scenario["title"] = scenario["question"] = HOSTILE
            scenario["verdict"]["sentence"] = "x" * 300 + HOSTILE
            scenario["verdict"]["pieces"] = [{"text": "x" * 300}, {"model": HOSTILE}]
        document["warnings"] = [{"id": HOSTILE, "text": HOSTILE * 5, "where": HOSTILE}]
        document["environment"]["cpu"]["model"] = "y" * 200 + HOSTILE
    make_results.dump(document, folder / "results.json")
    subprocess.run([BIN / "concbench-report", "--no-png", folder], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return f"file://{folder}/report.html"


def test_nothing_is_asked_of_the_network_and_the_console_is_quiet(chromium, url):
    chromium.open(url)
    for dark in (False, True):
        chromium.show(dark=dark)
        assert chromium.complaints() == [url]
        assert chromium.evaluate("[...document.querySelectorAll('svg.p:not(.narrow)')].every(i => i.getBoundingClientRect().width > 200)")


def test_the_page_never_scrolls_sideways(chromium, url):
    chromium.open(url)
    for script in ("0", "document.querySelectorAll('details').forEach(d => d.open = true)"):
        chromium.evaluate(script)
        for width in (320, 740, 870, 1000, 1400):
            chromium.show(width)
            assert chromium.evaluate("document.documentElement.scrollWidth") <= width, (script, width)


def test_no_table_is_cut_off_on_a_laptop(chromium, url):
    """Those of the page's width; a column of details has less, and shows that its tables go on."""
    chromium.open(url, width=1280)
    chromium.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert chromium.evaluate("document.querySelectorAll('.scroll').length") >= 4
    assert chromium.evaluate("[...document.querySelectorAll('.scroll')].filter(e => !e.closest('.figures') && "
                             "e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)") == []
    assert chromium.evaluate("[...document.querySelectorAll('.scroll')].every(e => getComputedStyle(e).backgroundImage != 'none')")


def test_text_in_pictures_stays_readable_on_a_phone(chromium, url):
    chromium.open(url, width=320)
    size = chromium.evaluate("Math.min(99, ...[...document.querySelectorAll('svg.p')].filter(i => i.getClientRects().length)"
                             ".map(i => i.getScreenCTM().a * parseFloat(getComputedStyle(i).fontSize)))")
    assert size >= 9.5
    shown = "[...document.querySelectorAll('.wide')].map(w => [...w.querySelectorAll('svg.p')].filter(i => i.getClientRects().length).length)"
    for width in (320, 740, 1280):  # of the two pictures of a wide chart there is always one
        chromium.show(width)
        assert set(chromium.evaluate(shown)) <= {1}


def test_the_keyboard_finds_its_way(chromium, url):
    chromium.open(url)
    assert chromium.evaluate("document.querySelectorAll('h1').length") == 1
    chromium.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert chromium.evaluate("document.activeElement.className") == "skip"
    assert chromium.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    assert chromium.evaluate("getComputedStyle(document.querySelector('nav a')).outlineStyle") == "none"
    chromium.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert chromium.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_page_follows_the_colour_scheme(chromium, url):
    colours = []
    chromium.open(url)
    for dark in (False, True):
        chromium.show(dark=dark)
        colours.append(chromium.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(27, 27, 31)"]


def test_it_prints(chromium, url, tmp_path):
    chromium.open(url, dark=True)
    chromium.print_pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    chromium.call("Emulation.setEmulatedMedia", media="print",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
    chromium.call("Emulation.setDeviceMetricsOverride", width=720, height=1000, deviceScaleFactor=1, mobile=False)
    assert chromium.evaluate("document.documentElement.scrollWidth") <= 720
    assert chromium.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    chromium.call("Emulation.setEmulatedMedia", media="")


def test_pictures_keep_their_colours_in_the_dark(chromium, tmp_path):
    """The label of coroutines is vermilion in both schemes, and lighter in the dark: seen in the pixels."""
    make_results.dump(make_results.build(blocks=6), tmp_path / "results.json")
    subprocess.run([BIN / "concbench-report", "--no-png", tmp_path], check=True, stdout=subprocess.DEVNULL, timeout=300)
    chromium.open(f"file://{tmp_path}/report.html")
    box = chromium.evaluate("(r => [r.x, r.y + scrollY, r.width, r.height])(document.querySelector('svg.p').getBoundingClientRect())")
    light, at_night = (0xD5, 0x5E, 0x00), (0xFF, 0x8A, 0x3D)
    for dark in (False, True):
        chromium.show(dark=dark)
        pixels = chromium.pixels(*box)
        assert ((at_night if dark else light) in pixels) and ((light if dark else at_night) not in pixels)


# --- many models: the picker, and labels

MANY = [*make_results.SUITE, "py-aiohttp", "coroutines.ucontext", "gamma-wwmm-mmwwaww"]

# How many things of a model are drawn: marks in pictures, direct labels, rows of open tables.
SEEN = """(name => {
  const box = [...document.querySelectorAll('.picker fieldset > label')].find(l => l.textContent.trim() == name);
  const seen = e => e.getClientRects().length > 0 && getComputedStyle(e).display != 'none';
  const all = [...document.querySelectorAll('main .m' + box.firstChild.id.slice(1))];
  return [all.filter(e => e.matches('g') && seen(e)).length, all.filter(e => e.matches('tr') && seen(e)).length,
          [...document.querySelectorAll('main svg.p text.n')].filter(e => e.textContent == name && seen(e)).length,
          seen(box)]
})(%r)"""
CLICK = """(name => { [...document.querySelectorAll('.picker label')].find(l => l.textContent.trim() == name)
  .querySelector('input').click() })(%r)"""


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    make_results.dump(make_results.build(blocks=6, names=MANY), folder / "results.json")
    subprocess.run([BIN / "concbench-report", "--no-png", folder], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return f"file://{folder}/report.html"


def open_wide(chromium, url, **options):
    chromium.open(url, **options)
    chromium.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def test_a_tick_taken_away_hides_the_model_everywhere_at_once(chromium, many):
    width = 390  # the tests below are wide
    open_wide(chromium, many, width=width)
    before = {name: chromium.evaluate(SEEN % name) for name in ("threads", "epoll", "coroutines.ucontext")}
    for marks, rows, labels, box in before.values():
        assert marks == labels >= 30 and rows >= 30 and box
    chromium.evaluate(CLICK % "epoll")
    assert chromium.evaluate(SEEN % "epoll") == [0, 0, 0, True]
    assert chromium.evaluate(SEEN % "threads") == before["threads"]
    assert chromium.evaluate("getComputedStyle(document.querySelector('.picked')).display") == "block"
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    chromium.evaluate(CLICK % "epoll")
    assert chromium.evaluate(SEEN % "epoll") == before["epoll"]
    assert chromium.evaluate("getComputedStyle(document.querySelector('.picked')).display") == "none"


def test_a_family_goes_as_a_whole_and_show_all_brings_it_back(chromium, many):
    open_wide(chromium, many)
    before = chromium.evaluate(SEEN % "coroutines")
    chromium.evaluate(CLICK % "coroutines with a stack")
    for name in ("coroutines", "coroutine-threads", "coroutines.ucontext"):
        assert chromium.evaluate(SEEN % name) == [0, 0, 0, True]
    headings = "[...document.querySelectorAll('main tr.family th')].filter(e => e.getClientRects().length).map(e => e.textContent)"
    assert "coroutines with a stack" not in chromium.evaluate(headings)
    chromium.evaluate(CLICK % "epoll")
    assert "sockets without libcurl" in chromium.evaluate(headings)
    chromium.evaluate(CLICK % "io-uring")  # the last of its family takes the heading along
    assert "sockets without libcurl" not in chromium.evaluate(headings)
    chromium.evaluate("document.querySelector('.picker button').click()")
    assert chromium.evaluate(SEEN % "coroutines") == before
    assert chromium.evaluate("document.querySelectorAll('.picker input:not(:checked)').length") == 0


def test_the_picker_needs_no_script_and_works_by_keyboard(chromium, many):
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(many)
        assert chromium.complaints() == [many]
        # skip link, three scenarios, how this was measured; then the door of the picker, and its boxes
        def press(key, code, text=None):
            keys = {"key": key, "code": key if key != " " else "Space", "windowsVirtualKeyCode": code}
            chromium.call("Input.dispatchKeyEvent", type="keyDown", **keys, **({"text": text} if text else {}))
            chromium.call("Input.dispatchKeyEvent", type="keyUp", **keys)
        for _ in range(6):
            press("Tab", 9)
        press(" ", 32, " ")
        for _ in range(4):
            press("Tab", 9)
        press(" ", 32, " ")
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    assert chromium.evaluate("document.querySelector('.picker').open")
    assert chromium.evaluate("document.activeElement.closest('label').textContent.trim()") == "threads"
    assert chromium.evaluate(SEEN % "threads")[:3] == [0, 0, 0] and chromium.evaluate(SEEN % "processes")[0] > 30


def test_without_has_every_model_is_shown(chromium, many):
    """A browser that does not know :has() drops the rules with it: what is left hides nothing."""
    open_wide(chromium, many)
    before = chromium.evaluate(SEEN % "epoll")
    chromium.evaluate("""(() => { const kept = new CSSStyleSheet();  // in one step: a page styled anew for each rule takes a minute
        kept.replaceSync([...document.styleSheets].flatMap(s => [...s.cssRules]).map(r => r.cssText).filter(t => !t.includes(':has(')).join('\\n'));
        [...document.styleSheets].forEach(s => { s.disabled = true }); document.adoptedStyleSheets = [kept] })()""")
    chromium.evaluate(CLICK % "epoll")
    assert chromium.evaluate(SEEN % "epoll") == before


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_lie_clear_of_each_other_as_drawn(chromium, many, width):
    """By the boxes of the letters themselves, in every picture; and within it."""
    chromium.open(many, width=width)
    found = chromium.evaluate("""[...document.querySelectorAll('svg.p')].flatMap(p => {
      const outer = p.getBoundingClientRect();
      const boxes = [...p.querySelectorAll('text.n')].map(t => [t.textContent, t.getBoundingClientRect()]);
      const bad = boxes.filter(([n, r]) => r.left < outer.left - 1 || r.right > outer.right + 1 || r.top < outer.top - 1
                                        || r.bottom > outer.bottom + 1).map(([n]) => n + ' leaves its picture');
      boxes.forEach(([a, r], i) => boxes.slice(i + 1).forEach(([b, s]) => {
        const across = Math.min(r.right, s.right) - Math.max(r.left, s.left);
        const down = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
        if (across > 0 && down > 1) bad.push(a + ' covers ' + b);
      }));
      return bad })""")
    assert found == []
    counts = chromium.evaluate("[...document.querySelectorAll('svg.p')].map(p => p.querySelectorAll('text.n').length)")
    assert min(counts) >= len(MANY) - 2 and len(counts) > 30


def test_a_hidden_model_leaves_no_ink(chromium, many):
    """Seen in the pixels: the violet of callbacks goes, the vermilion of coroutines stays."""
    chromium.open(many, width=1280)
    violet, vermilion = (0x82, 0x30, 0xD8), (0xD5, 0x5E, 0x00)
    box = chromium.evaluate("(r => [r.x, r.y + scrollY, r.width, r.height])(document.querySelector('svg.p').getBoundingClientRect())")
    assert {violet, vermilion} <= chromium.pixels(*box)
    chromium.evaluate(CLICK % "event loops by hand")
    pixels = chromium.pixels(*box)
    assert violet not in pixels and vermilion in pixels
