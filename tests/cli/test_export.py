"""concbench export: each format read by the reader that is there, and held against results.json."""

import csv
import io
import json
import math
import re
import shutil
import statistics
import subprocess
import xml.etree.ElementTree

import pytest

from conftest import BIN, SOURCE
from cli_helpers import concbench, write_scenario
from test_compare import few_cells, refused, results, write

FORMATS = ["csv-long", "benchmark-action", "junit", "openmetrics", "benchstat", "hyperfine"]
SAMPLE = SOURCE / "results" / "sample"
HOSTILE = "=cmd|' /C calc'!A0,\"q\"\n<b>&</failure>\x1b[31m\x01\u202e\\ run{a=\"b\"} 1 # EOF\ufffe"
ACTION_TYPES = {"name": str, "unit": str, "value": float, "range": str, "extra": str}
HYPERFINE_KEYS = {"command", "mean", "stddev", "median", "user", "system", "min", "max", "times", "exit_codes", "parameters"}


def exported(form, *args):
    done = concbench("export", "--format", form, *args)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def sample():
    return json.loads((SAMPLE / "results.json").read_text())


def counting(cell):
    """Of each block the attempt that counts, as docs/results.md says."""
    blocks = {}
    for trial in cell["trials"]:
        before = blocks.get(trial["block"])
        if trial["valid"] and (not before or not trial["disturbed"] or before["disturbed"]):
            blocks[trial["block"]] = trial
    return [blocks[block] for block in sorted(blocks)]


def near(value, other):
    return math.isclose(value, other, rel_tol=1e-8)


def hostile_run(run_id="run"):
    """A run whose every foreign text is hostile, with a cell that has no valid trial."""
    made = few_cells(run_id, host__name=HOSTILE, cpu__model=HOSTILE)
    made["run"]["id"] = run_id
    for trial in made["cells"][0]["trials"]:
        trial.update(valid=False, document=None)
    made["cells"][0].update(summary=None, memory=None, status="invalid", reason=HOSTILE)
    made["cells"][1]["summary"]["x{} 1\n# EOF"] = {"median": 1, "n": 1}
    made["expectations"] = [
        {"scenario": HOSTILE, "says": HOSTILE, "because": HOSTILE, "inequality": HOSTILE, "outcome": outcome,
         "measured": HOSTILE, "reason": HOSTILE} for outcome in ("held", "not-held", "unknown")]
    return made


# --- csv-long

def rows_of(*args):
    text = exported("csv-long", *args)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_long_form_has_a_row_for_each_metric_of_each_trial_that_counts():
    rows, cells = rows_of(SAMPLE), sample()["cells"]
    assert any(len(cell["trials"]) > len(counting(cell)) for cell in cells)  # one was repeated
    for cell in cells:
        mine = [row for row in rows if (row["scenario"], row["model"], int(row["concurrency"])) ==
                (cell["scenario"], cell["model"], cell["concurrency"])]
        for metric, summary in cell["summary"].items():
            values = [row for row in mine if row["metric"] == metric]
            if not metric.endswith(("_ns", "_per_s", "_bytes")) or "median" not in summary or metric.startswith("latency_"):
                continue
            assert len(values) == summary["n"]
            assert near(statistics.median(float(row["value"]) for row in values), summary["median"])
        walls = [(int(row["block"]), int(row["attempt"]), float(row["value"])) for row in mine if row["metric"] == "wall_ns"]
        assert walls == [(trial["block"], trial["attempt"], trial["wall_ns"]) for trial in counting(cell)]
        assert {row["disturbed"] for row in mine if row["block"]} <= {"true", "false"}
    assert {row["unit"] for row in rows if row["metric"] == "throughput_per_s"} == {"1/s"}
    assert all(row["value"] and math.isfinite(float(row["value"])) for row in rows)


def test_several_runs_are_told_apart_in_every_format(write):
    paths = [write("a", few_cells("a")), write("b", few_cells("b"))]
    assert {row["run"] for row in rows_of(*paths)} == {"a", "b"}
    assert {entry["parameters"]["run"] for entry in json.loads(exported("hyperfine", *paths))["results"]} == {"a", "b"}
    names = [entry["name"] for entry in json.loads(exported("benchmark-action", *paths))]
    assert len(set(names)) == len(names)
    families = open_metrics(exported("openmetrics", *paths))
    for family in families:
        keys = [tuple(sorted(one.labels.items())) for one in family.samples]
        assert len(set(keys)) == len(keys) and {one.labels["run"] for one in family.samples} == {"a", "b"}
    assert re.findall("^run: (.*)$", exported("benchstat", *paths), re.M) == ["a", "b"]


# --- benchmark-action

def test_the_action_reads_one_direction_at_a_time():
    cells = {f"{cell['scenario']}/{cell['model']}/{cell['concurrency']}": cell["summary"] for cell in sample()["cells"]}
    smaller = json.loads(exported("benchmark-action", SAMPLE))
    bigger = json.loads(exported("benchmark-action", "--better", "bigger", SAMPLE))
    assert json.loads(exported("benchmark-action", "--better", "smaller", SAMPLE)) == smaller
    assert {entry["name"].split(" ")[1] for entry in bigger} == {"throughput_per_s"}
    assert {"cpu_per_request_ns", "tree_memory_bytes", "latency_p99_ns"} <= {entry["name"].split(" ")[1] for entry in smaller}
    for entry in smaller + bigger:
        assert entry.keys() >= {"name", "unit", "value"}
        assert all(isinstance(value, ACTION_TYPES[key]) for key, value in entry.items())
        cell, metric = entry["name"].split(" ")
        percentile = re.fullmatch("latency_(p[0-9]+)_ns", metric)
        wanted = cells[cell]["latency_ns"][percentile[1]] if percentile else cells[cell][metric]["median"]
        assert near(entry["value"], wanted)
        assert re.fullmatch(r"± [0-9.e+-]+", entry.get("range", "± 1"))


# --- junit

def suites_of(*args):
    text = exported("junit", *args)
    root = xml.etree.ElementTree.fromstring(text.encode())
    assert root.tag == "testsuites"
    for suite in root:
        cases = suite.findall("testcase")
        assert len(cases) == len(suite) == int(suite.get("tests"))
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures"))
        assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped"))
        assert suite.get("errors") == "0" and suite.get("name") and suite.get("hostname")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
        for case in cases:
            assert case.get("name") and case.get("classname") and len(case) <= 1
            assert not case or case[0].get("message")
    junitparser = pytest.importorskip("junitparser")
    read = junitparser.JUnitXml.fromstring(text.encode())
    assert [len(list(suite)) for suite in read] == [len(suite) for suite in root]
    return list(root)


def test_each_prediction_is_a_case(write):
    made = few_cells("one")
    made["expectations"] = [
        {"scenario": "slow-origin", "says": "It is fast.", "because": "Nothing waits.", "inequality": f"x >= {at}",
         "outcome": outcome, "measured": "0.98", "reason": "the load was another"}
        for at, outcome in enumerate(("held", "not-held", "unknown", "not-held"))]
    (suite,) = suites_of(write("one", made))
    assert [[part.tag for part in case] for case in suite] == [[], ["failure"], ["skipped"], ["failure"]]
    assert suite[1][0].get("message") == "measured 0.98" and suite[1][0].text == "Nothing waits."
    assert suite[2][0].get("message") == "the load was another"
    assert suite[1].get("name") == "It is fast. [x >= 1]"


@pytest.mark.parametrize("as_option", [True, False])
def test_each_ratio_that_can_be_worse_is_a_case(write, as_option):
    old, new = write("old", results("old")), write("new", results("new", 3.0))
    (_, suite) = suites_of(*(["--baseline", old] if as_option else [old]), new)
    worse = json.loads(concbench("compare", "--json", old, new).stdout)["outcomes"][0]["worse_cells"]
    assert worse and suite.get("name") == "regressions of new against old"
    failed = [(case.get("classname"), case.get("name")) for case in suite if case.find("failure") is not None]
    assert failed == [(cell["scenario"], f"{cell['metric']} of {cell['model']} at {cell['concurrency']}") for cell in worse]
    (_, suite) = suites_of(new, old)
    assert suite.get("failures") == "0" and int(suite.get("tests")) > int(suite.get("skipped"))


def test_what_another_machine_does_worse_is_no_failure(write):
    (_, suite) = suites_of(write("old", results("old")), write("new", results("new", 3.0, kernel__release="9.9")))
    assert suite.get("failures") == "0"
    assert any("environments differ" in (skipped.text or "") for skipped in suite.iter("skipped"))


def test_what_has_no_counterpart_and_too_few_trials_are_skipped(write):
    old, new = few_cells("old"), few_cells("new", 3.0)
    del new["cells"][4]
    for cell in new["cells"]:
        cell["trials"] = cell["trials"][:2]
    (_, suite) = suites_of(write("old", old), write("new", new))
    assert suite.get("tests") == suite.get("skipped")
    assert any("only in old" in skipped.get("message") for skipped in suite.iter("skipped"))


# --- openmetrics

def open_metrics(text):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    assert text.endswith("\n# EOF\n")
    return list(parser.text_string_to_metric_families(text))


def test_open_metrics_are_in_base_units():
    families = {family.name: family for family in open_metrics(exported("openmetrics", SAMPLE))}
    scales = {"cpu_per_request_seconds": ("cpu_per_request_ns", 1e-9), "tree_memory_bytes": ("tree_memory_bytes", 1),
              "throughput_per_second": ("throughput_per_s", 1), "origin_cpu_ratio": ("origin_cpu_ratio", 1)}
    document = sample()
    cells, host = document["cells"], document["environment"]["host"]["name"]
    for name, (metric, scale) in scales.items():
        family = families["concbench_" + name]
        assert family.type == "gauge" and len(family.samples) == len(cells)
        for one, cell in zip(family.samples, cells):
            assert one.labels == {"scenario": cell["scenario"], "model": cell["model"],
                                  "concurrency": str(cell["concurrency"]), "host": host}
            assert near(one.value, cell["summary"][metric]["median"] * scale) and one.timestamp is None
    assert families["concbench_wall_seconds"].unit == "seconds"
    assert not any(family.unit == "" and re.search("_(ns|uj|ms)$", name) for name, family in families.items())
    assert "concbench_energy_per_request_joules" not in families  # null everywhere


def test_promtool_reads_the_metrics():
    if not shutil.which("promtool"):
        pytest.skip("no promtool here (Debian's package prometheus, whose service nobody needs)")
    done = subprocess.run(["promtool", "check", "metrics"], input=exported("openmetrics", SAMPLE), text=True,
                          capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# --- benchstat

def benchmarks_of(text):
    """What golang.org/x/perf/benchfmt makes of it: [(name, iterations, {unit: value})]. Any line that it would ignore fails."""
    lines = []
    for line in text.splitlines():
        words = line.split()
        if line.startswith("Benchmark"):
            assert len(words) >= 4 and len(words) % 2 == 0, line
            lines.append((words[0], int(words[1]), {unit: float(value) for value, unit in zip(words[2::2], words[3::2])}))
        else:
            assert re.match(r"Unit \S+ better=higher$|[a-z][^\sA-Z:]*:( .*)?$", line), line
    return lines


def test_benchstat_gets_a_line_for_each_trial():
    lines, cells = benchmarks_of(exported("benchstat", SAMPLE)), sample()["cells"]
    assert len(lines) == sum(len(counting(cell)) for cell in cells)
    cpus = sample()["environment"]["cpu"]["count"]
    for cell in cells:
        name = f"BenchmarkScenario/name={cell['scenario']}/model={cell['model']}/c={cell['concurrency']}-{cpus}"
        mine = [line for line in lines if line[0] == name]
        assert {line[1] for line in mine} == {cell["requests"]}
        for unit, metric in {"req/s": "throughput_per_s", "cpu-ns/op": "cpu_per_request_ns", "max-rss-B": "max_rss_bytes"}.items():
            assert near(statistics.median(line[2][unit] for line in mine), cell["summary"][metric]["median"])
        assert all(near(line[2]["ns/op"], 1e9 / line[2]["req/s"]) for line in mine)


def test_benchstat_compares_two_runs(write, tmp_path):
    if not shutil.which("benchstat"):
        pytest.skip("no benchstat here (golang.org/x/perf/cmd/benchstat)")
    for name, slower in (("old", 1.0), ("new", 3.0)):
        concbench("export", "-f", "benchstat", "-o", tmp_path / name, write(name, few_cells(name, slower)))
    done = subprocess.run(["benchstat", tmp_path / "old", tmp_path / "new"], text=True, capture_output=True, check=False)
    assert done.returncode == 0 and "sec/op" in done.stdout and "+200" in done.stdout


# --- hyperfine

def test_hyperfine_has_the_times_of_each_cell():
    entries, cells = json.loads(exported("hyperfine", SAMPLE))["results"], sample()["cells"]
    assert len(entries) == len(cells)
    for entry, cell in zip(entries, cells):
        trials = counting(cell)
        walls = [trial["wall_ns"] / 1e9 for trial in trials]
        assert set(entry) == HYPERFINE_KEYS and entry["command"] == f"{cell['scenario']}/{cell['model']}/{cell['concurrency']}"
        assert entry["parameters"] == {key: str(cell[key]) for key in ("scenario", "model", "concurrency")}
        assert all(near(a, b) for a, b in zip(entry["times"], walls)) and entry["exit_codes"] == [0] * len(walls)
        assert entry["min"] == min(entry["times"]) and entry["max"] == max(entry["times"])
        assert near(entry["mean"], statistics.mean(walls)) and near(entry["stddev"], statistics.stdev(walls))
        assert near(entry["median"], cell["summary"]["wall_ns"]["median"] / 1e9)
        assert near(entry["user"], statistics.mean(trial["cpu_user_ns"] for trial in trials) / 1e9)


def test_one_trial_has_no_deviation(write):
    made = few_cells("one")
    for cell in made["cells"]:
        cell["trials"] = cell["trials"][:1]
    entries = json.loads(exported("hyperfine", write("one", made)))["results"]
    assert {entry["stddev"] for entry in entries} == {None} and {len(entry["times"]) for entry in entries} == {1}


# --- the headline

@pytest.fixture(scope="module", name="asked")
def make_asked(tmp_path_factory):
    """Two runs of tiny scenarios, each with a headline of its own that is a quotient."""
    folder = tmp_path_factory.mktemp("asked")
    runs = {}
    for name, metric, per, more in (("memory", "tree_memory_bytes", "request", {}),
                                    ("turns", "latency_p50_ns", "turn", {"task": "switch", "options": {"turns": 5}, "origin": None})):
        path = write_scenario(folder, name, models=["threads"], load={"concurrency": [2], "requests": 40}, **more,
                              headline={"metric": metric, "per": per, "as": "what it costs", "noun": "thing"})
        done = concbench("run", path, "--blocks", 2, "--out", folder / ("out-" + name), "--no-report", "--progress", "none")
        assert done.returncode in (0, 4), done.stderr
        runs[name] = folder / ("out-" + name) / "latest"
    return runs


def only_cell(run):
    (cell,) = json.loads((run / "results.json").read_text())["cells"]
    return cell["summary"]


def test_a_headline_measured_once_per_cell(asked):
    median = only_cell(asked["memory"])["tree_memory_bytes_per_request"]["median"]
    (row,) = [row for row in rows_of(asked["memory"]) if row["headline"] == "true"]
    assert (row["metric"], row["unit"], row["block"]) == ("tree_memory_bytes_per_request", "bytes/request", "")
    assert near(float(row["value"]), median)
    (entry,) = [one for one in json.loads(exported("benchmark-action", asked["memory"])) if one["name"].endswith("_per_request")]
    assert near(entry["value"], median) and entry["unit"] == "bytes/request"
    families = {family.name: family for family in open_metrics(exported("openmetrics", asked["memory"]))}
    (one,) = families["concbench_tree_memory_per_request_bytes"].samples
    assert near(one.value, median) and families["concbench_tree_memory_per_request_bytes"].unit == "bytes"


def test_a_headline_of_each_trial(asked):
    median = only_cell(asked["turns"])["latency_p50_ns_per_turn"]["median"]
    rows = [row for row in rows_of(asked["turns"]) if row["headline"] == "true"]
    assert {(row["metric"], row["unit"]) for row in rows} == {("latency_p50_ns_per_turn", "ns/turn")} and len(rows) == 2
    # two workers take turns, five each
    whole = {row["block"]: float(row["value"]) for row in rows_of(asked["turns"]) if row["metric"] == "latency_p50_ns"}
    assert all(near(float(row["value"]) * 2 * 5, whole[row["block"]]) for row in rows)
    lines = benchmarks_of(exported("benchstat", asked["turns"]))
    assert [line[2]["latency-p50-ns/turn"] for line in lines] == [float(row["value"]) for row in rows]
    families = {family.name: family for family in open_metrics(exported("openmetrics", asked["turns"]))}
    assert near(families["concbench_latency_p50_per_turn_seconds"].samples[0].value, median / 1e9)


# --- all

def without_values(form, text):
    """The cells of which a format says something."""
    if form == "junit":
        return set()
    if form == "csv-long":
        return {(row["model"], row["concurrency"]) for row in csv.DictReader(io.StringIO(text, newline=""))}
    pattern = {"benchmark-action": r'"name": "(?:.*/)?slow-origin/([^/]*)/(\d+) ', "openmetrics": r'model="(.*?)",concurrency="(\d+)"',
               "benchstat": r"/model=(.*?)/c=(\d+)-", "hyperfine": r'"command": "(?:.*/)?slow-origin/(.*?)/(\d+)"'}[form]
    return set(re.findall(pattern, text))


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_breaks_no_format_and_null_is_no_zero(write, form):
    made = {"merged": [{"label": label, "results": hostile_run(label[:30])} for label in (HOSTILE, HOSTILE, "b")]}
    for path in (write("one", hostile_run()), write("two", made)):
        text = exported(form, path)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\ufffe]", text)
        readers = {"csv-long": lambda: list(csv.DictReader(io.StringIO(text, newline=""), strict=True)),
                   "junit": lambda: suites_of(path), "openmetrics": lambda: open_metrics(text),
                   "benchstat": lambda: benchmarks_of(text)}
        read = readers.get(form, lambda: json.loads(text))()
        assert read
        if form == "csv-long":
            assert all(None not in row and None not in row.values() for row in read)
            assert not any(value.startswith(("=", "+", "@")) for row in read for value in row.values())
        if form == "junit":
            assert [len(suite) for suite in read] == [3] * len(read)
        first = few_cells("x")["cells"][0]
        found = without_values(form, text)
        assert (first["model"], str(first["concurrency"])) not in found and (form == "junit" or len(found) == 4)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_gets_what_stdout_would(tmp_path, form):
    out = tmp_path / "out"
    done = concbench("export", "-f", form, "-o", out, SAMPLE / "results.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert form != "csv-long" or out.read_bytes().count(b"\r\n") == out.read_bytes().count(b"\n")
    assert out.read_bytes().decode() == subprocess.run(
        [BIN / "concbench", "export", "-f", form, SAMPLE], capture_output=True, check=True).stdout.decode()



def test_what_cannot_be_exported_is_refused(tmp_path):
    assert "needs --format, one of csv-long|" in refused("export", SAMPLE)
    assert "did you mean 'junit'" in refused("export", "-f", "junti", SAMPLE)
    assert "needs results" in refused("export", "-f", "junit")
    assert "--baseline is for --format junit" in refused("export", "-f", "csv-long", "--baseline", SAMPLE, SAMPLE)
    assert "--better is for --format benchmark-action" in refused("export", "-f", "junit", "--better", "bigger", SAMPLE)
    assert "nowhere" in refused("export", "-f", "junit", tmp_path / "nowhere")
    assert "no-folder" in refused("export", "-f", "junit", "-o", tmp_path / "no-folder" / "x", SAMPLE, code=3)
