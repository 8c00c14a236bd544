"""`concbench lesson`: a worksheet without answers, a key with them, slides; from made-up runs of this machine."""

import base64
import html
import json
import re
import stat

import browser
import make_results
import pytest
import test_every_page
from conftest import SOURCE, run_program

LESSONS = sorted(path.stem for path in (SOURCE / "lessons").glob("*.json"))


def lesson_of(name):
    return json.loads((SOURCE / f"lessons/{name}.json").read_text())


def made_run(name, cpu):
    """Results of the scenarios of a lesson, as if measured here."""
    texts = {q["scenario"]: json.loads((SOURCE / f"scenarios/{q['scenario']}.json").read_text()) for q in lesson_of(name)["questions"]}
    specs = [{"name": key, "title": s["title"], "question": s["question"], "concurrency": [2, 32], "requests": 400, "per_worker": 1,
              "delay": 20, "bytes": 1024, "base_us": 60} for key, s in texts.items()]
    doc = make_results.build(blocks=4, scenarios=specs)
    doc["environment"]["cpu"] = cpu
    doc["expectations"] = [
        {"scenario": key, "says": item["says"], "because": None, "inequality": f"0.5 <= {item['metric']}(threads, 32) <= 2",
         "outcome": "held", "measured": "1.02 ms", "reason": None} for key, s in texts.items() for item in s["expect"]]
    for scenario in doc["scenarios"]:
        scenario["why"] = texts[scenario["name"]]["why"]
    return doc


@pytest.fixture(scope="session", name="cpu")
def this_cpu(tmp_path_factory):
    """What a run notes of the processor of this machine."""
    out = tmp_path_factory.mktemp("cpu")
    small = out / "small.json"
    small.write_text(json.dumps({"title": "T", "question": "Q?", "task": "none", "models": ["sequential"],
                                 "load": {"concurrency": [1], "requests": 1}}))
    done = run_program("concbench", "run", small, "--blocks", 1, "--no-report", "--progress", "none", "--out", out)
    assert done.returncode in (0, 4), done.stderr
    return json.loads((out / "latest/results.json").read_text())["environment"]["cpu"]


@pytest.fixture(name="make")
def maker(tmp_path, cpu):
    def make(name, *flags):
        run = tmp_path / "runs/20261120T071500Z-0001"
        run.mkdir(parents=True, exist_ok=True)
        (run / "results.json").write_text(json.dumps(made_run(name, cpu)))
        return run_program("concbench", "lesson", name, "--results", tmp_path / "runs", "--out", tmp_path / "out", *flags)
    return make


def test_there_are_three():
    assert LESSONS == ["computing", "cost", "waiting"]


@pytest.mark.usefixtures("detect_leaks")
@pytest.mark.parametrize("name", LESSONS)
def test_only_the_key_has_answers(make, tmp_path, name):
    done = make(name)
    assert done.returncode == 0, done.stderr
    sheet, key = (html.unescape((tmp_path / "out" / page).read_text()).replace("\u00a0", " ") for page in ("worksheet.html", "key.html"))
    for q in lesson_of(name)["questions"]:
        assert all(a["text"][:20] in sheet and a["text"][:20] in key for a in q["answers"])
        for belief in (a["belief"] for a in q["answers"] if "belief" in a):
            words = belief.split(".")[0]
            assert words not in sheet and words in key
        assert q["why"][:30] not in sheet and q["why"][:30] in key
    assert key.count("<b>Theory:</b>") == 6 and "(held: threads 1.02 ms)" in key
    assert key.count("✓") == 3 and key.count("Measured here") == 3 and key.count("<svg class=\"p") == 3
    body = sheet.split("<body>")[1]
    assert not re.search(r"✓|class=\"right\"|belief|svg|key|[0-9]+\.[0-9]+ (MiB|µs)|<!--|hidden", body)
    slides = sorted(path.name for path in (tmp_path / "out/slides").iterdir())
    assert slides == [f"{i}{kind}.png" for i in (1, 2, 3) for kind in ("a-question", "b-answer")]
    for path in (tmp_path / "out/slides").iterdir():
        head = path.read_bytes()[16:24]
        assert (int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")) == (1920, 1080)


@pytest.mark.skipif(browser.find() is None, reason="chromium is not installed")
@pytest.mark.parametrize("name", LESSONS)
def test_each_fits(make, tmp_path, name):
    """Pages and slides are one sheet of paper each, and nothing is cut off at the edge of a slide."""
    assert make(name).returncode == 0
    slides = [f"slides/{i}{kind}.png" for i in (1, 2, 3) for kind in ("a-question", "b-answer")]
    with browser.Browser() as chromium:
        for page in ("worksheet.html", "key.html", *slides):
            chromium.open(f"file://{tmp_path}/out/{page}", width=1920, height=1080)
            if page in slides:
                edges = [chromium.pixels(*edge) for edge in ((0, 0, 20, 1080), (1860, 0, 60, 1080), (0, 0, 1920, 20), (0, 1060, 1920, 20))]
                assert edges == [{(255, 255, 255)}] * 4, page
            else:
                for width, dark in ((320, True), (1280, False)):
                    chromium.show(width, dark=dark)
                    assert chromium.evaluate("document.documentElement.scrollWidth") <= width, page
                    assert chromium.evaluate(test_every_page.COVERED) == [] and chromium.evaluate(test_every_page.PALE) == [], page
            pdf = base64.b64decode(chromium.call("Page.printToPDF", preferCSSPageSize=True)["data"])
            assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, page


HOSTILE = "</style><script>pwned=1</script>\"'\\ \u202eevil\u202c \u05e9\u05dc\u05d5\u05dd \U0001f600\U0001f600 a\nb\tc " + "W" * 70


def hostile_lesson(folder):
    """A lesson, and results of it, in which everything that is text is hostile."""
    lesson, run = lesson_of("waiting"), made_run("waiting", {})
    lesson["title"] = HOSTILE[:50]
    for q in lesson["questions"]:
        q.update(ask=HOSTILE, why=HOSTILE)
        for answer in q["answers"]:
            answer.update({key: key + HOSTILE for key in answer})
    run = json.loads(json.dumps(run).replace('"threads"', json.dumps(HOSTILE[:60])))
    for scenario in run["scenarios"]:
        scenario.update(title=HOSTILE, question=HOSTILE, why=HOSTILE)
        scenario["headline"] = {"metric": "throughput_per_s", "as": HOSTILE, "noun": HOSTILE[:44], "unit": "per_s", "better": "more"}
    for item in run["expectations"]:
        item.update(says=HOSTILE, measured=HOSTILE, inequality=HOSTILE if item["scenario"] == "ten-requests" else item["inequality"])
    for name, document in (("lesson.json", lesson), ("results.json", make_results.with_traces(run))):
        (folder / name).write_text(json.dumps(document))
    return run_program("concbench-report", "--lesson", folder / "lesson.json", "--out", folder / "out", folder / "results.json")


@pytest.mark.skipif(browser.find() is None, reason="chromium is not installed")
def test_hostile_text_stays_text(tmp_path):
    done = hostile_lesson(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with browser.Browser() as chromium:
        for page in ("worksheet", "key"):
            url = f"file://{tmp_path}/out/{page}.html"
            for width, dark in ((390, False), (1280, True)):
                chromium.open(url, width=width, dark=dark)
                assert chromium.complaints() == [url] and chromium.evaluate("window.pwned") is None
                assert chromium.evaluate("document.documentElement.scrollWidth") <= width
                assert chromium.evaluate("document.querySelectorAll('script').length") == 0
                assert chromium.evaluate(test_every_page.COVERED) == [] and chromium.evaluate(test_every_page.PALE) == []
            assert chromium.evaluate("document.body.textContent").count("<script>pwned=1</script>") >= 12
        for path in sorted((tmp_path / "out/slides").iterdir()):
            chromium.open(f"file://{path}", width=1920, height=1080)
            assert chromium.pixels(1860, 0, 60, 1080) == {(255, 255, 255)}, path


@pytest.mark.parametrize("given, told", [("wating", "did you mean 'waiting'?"), ("x", "there are: computing, cost, waiting"), ("../cost", "no lesson")])
def test_a_name_that_no_lesson_has(given, told, tmp_path):
    done = run_program("concbench", "lesson", given, "--out", tmp_path / "out")
    assert done.returncode == 2 and told in done.stderr and not (tmp_path / "out").exists()


def test_what_cannot_be_written_is_told_before_anything_is_measured(make, tmp_path):
    (tmp_path / "out").write_text("a file")
    done = make("cost")
    assert done.returncode == 3 and f"{tmp_path}/out" in done.stderr and "measuring" not in done.stderr
    assert stat.S_ISREG((tmp_path / "out").stat().st_mode)


def test_what_is_of_another_machine_or_older_is_measured_anew(tmp_path, cpu):
    """The run fails here at once: no lock can have so long a name."""
    for number, change in enumerate([{"cpu": {**cpu, "model": "Another"}}, {"why": "Because."}, {"url": "http://other/"}]):
        runs = tmp_path / f"runs{number}"
        (runs / "1").mkdir(parents=True)
        doc = made_run("cost", change.get("cpu", cpu))
        doc["run"]["url"] = change.get("url")
        doc["scenarios"][0]["why"] = change.get("why", doc["scenarios"][0]["why"])
        (runs / "1/results.json").write_text(json.dumps(doc))
        done = run_program("concbench", "lesson", "cost", "--results", runs, "--out", tmp_path / "out",
                           env={"PATH": "/usr/bin:/bin", "CONCBENCH_LOCK_NAME": "x" * 200})
        assert "mini-ab is not in" in done.stderr and "measuring it with preset quick" in done.stderr, done.stderr
        assert done.returncode != 0 and not (tmp_path / "out/key.html").exists()


def test_results_without_the_scenario_are_told(tmp_path):
    make_results.dump(make_results.build(blocks=2), tmp_path / "results.json")
    done = run_program("concbench-report", "--lesson", SOURCE / "lessons/waiting.json", "--out", tmp_path / "out", tmp_path / "results.json")
    assert done.returncode == 2 and "no results have scenario ten-requests" in done.stderr
