"""The report in a real browser: quiet, offline, and readable on a phone, in the dark, on paper."""

import os
import pathlib
import subprocess

import pytest

import browser
import make_results
from test_report import HOSTILE

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])

pytestmark = pytest.mark.skipif(browser.find() is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def chromium():
    with browser.Browser() as started:
        yield started


@pytest.fixture(scope="module", params=["ordinary", "everything", "twelve models", "hostile", "nothing"])
def url(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    document = make_results.build(blocks=0 if request.param == "nothing" else 6,
                                  model_count=12 if request.param == "twelve models" else 4)
    if request.param == "everything":
        make_results.with_everything(document)
    if request.param == "hostile":
        for scenario in document["scenarios"]:
            scenario["title"] = scenario["question"] = HOSTILE
            scenario["verdict"]["sentence"] = "x" * 300 + HOSTILE
        document["warnings"] = [{"id": HOSTILE, "text": HOSTILE * 5, "where": HOSTILE}]
        document["environment"]["cpu"]["model"] = "y" * 200 + HOSTILE
    make_results.dump(document, folder / "results.json")
    subprocess.run([BIN / "concbench-report", folder], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return f"file://{folder}/report.html"


def test_nothing_is_asked_of_the_network_and_the_console_is_quiet(chromium, url):
    for dark in (False, True):
        chromium.open(url, dark=dark)
        assert chromium.complaints() == [url]
        assert chromium.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.parametrize("width", [320, 740, 870, 1000, 1400])
def test_the_page_never_scrolls_sideways(chromium, url, width):
    chromium.open(url, width=width)
    for script in ("0", "document.querySelectorAll('details').forEach(d => d.open = true)"):
        chromium.evaluate(script)
        assert chromium.evaluate("document.documentElement.scrollWidth") <= width


def test_text_in_pictures_stays_readable_on_a_phone(chromium, url):
    chromium.open(url, width=320)
    scale = chromium.evaluate("Math.min(1, ...[...document.images].map(i => i.width / i.naturalWidth))")
    assert 12.5 * scale >= 9.5


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
    for dark in (False, True):
        chromium.open(url, dark=dark)
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


@pytest.mark.parametrize("dark", [False, True])
def test_pictures_keep_their_colours_in_the_dark(chromium, tmp_path, dark):
    """The label of coroutines is vermilion in both schemes, and lighter in the dark: seen in the pixels."""
    make_results.dump(make_results.build(blocks=6), tmp_path / "results.json")
    subprocess.run([BIN / "concbench-report", tmp_path], check=True, stdout=subprocess.DEVNULL, timeout=60)
    chromium.open(f"file://{tmp_path}/report.html", dark=dark)
    box = chromium.evaluate("(r => [r.x, r.y + scrollY, r.width, r.height])(document.images[0].getBoundingClientRect())")
    pixels = chromium.pixels(*box)
    light, at_night = (0xD5, 0x5E, 0x00), (0xFF, 0x8A, 0x3D)
    assert ((at_night if dark else light) in pixels) and ((light if dark else at_night) not in pixels)
