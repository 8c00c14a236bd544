"""concbench compare and merge: what they say, write, refuse and exit with."""

import gzip
import json
import re
import resource

import pytest

from conftest import SOURCE
from cli_helpers import concbench
from schemas import errors

TEXT = gzip.decompress((SOURCE / "tests" / "data" / "first-results.json.gz").read_bytes())
SAMPLE = json.loads(TEXT)
HOSTILE = "a|b`id`<script>alert(1)</script>\x1b[31m\u202e\n*x*"


def copied(value):
    """A copy of what JSON can have, ten times as fast as copy.deepcopy."""
    return json.loads(json.dumps(value))


def results(run_id, slower=1.0, **facts):
    """The sample as another run: every measured time and CPU times `slower`; facts are
    group__fact=value."""
    made = json.loads(TEXT)
    made["run"]["id"] = run_id
    for name, value in facts.items():
        group, fact = name.split("__")
        made["environment"].setdefault(group, {})[fact] = value
    for cell in made["cells"]:
        for trial in cell["trials"]:
            for whole, part in (("wall_ns", "measured_ns"), ("cpu_total_ns", "cpu_measured_ns")):
                more = int(trial["document"][part] * (slower - 1))
                trial["document"][part] += more
                trial[whole] += more
    return made


def few_cells(*args, **facts):
    """The same with 5 of the 23 cells, for what takes long to validate."""
    made = results(*args, **facts)
    made["cells"] = made["cells"][:5]
    return made


@pytest.fixture
def write(tmp_path):
    def one(name, document):
        path = tmp_path / (name + ".json")
        path.write_text(json.dumps(document))
        return path
    return one


@pytest.fixture
def same_and_slow(write):
    return write("old", results("old")), write("new", results("new", 3.0))


def compared(*args):
    done = concbench("compare", "--json", *args)
    assert done.returncode == 0, done.stderr
    comparison = json.loads(done.stdout)
    assert errors("compare", comparison) == []
    return comparison


def refused(*args, code=2):
    done = concbench(*args)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("concbench: ")
    return done.stderr


# --- what it says

def test_a_run_against_itself(write):
    path = write("old", results("old"))
    comparison = compared(path, path)
    assert [f["label"] for f in comparison["files"]] == ["vm 2026-11-20", "vm 2026-11-20 (2)"]
    assert comparison["environment"]["differences"] == []
    assert {row["verdict"] for row in comparison["comparisons"]} <= {"same", "inconclusive", None}
    assert all(abs(row["ratio"] - 1) < 1e-9 for row in comparison["comparisons"] if row["ratio"])
    done = concbench("compare", "--fail-on-regression", path, path)
    assert done.returncode == 0 and "No regression was found." in done.stdout


def test_a_slower_run(same_and_slow):
    comparison = compared(*same_and_slow)
    assert comparison["baseline"] == "old"
    rows = [r for r in comparison["comparisons"] if r["metric"] == "throughput_per_s"]
    assert len(rows) == len(SAMPLE["cells"])
    for row in rows:
        assert row["file"] == "new" and row["against"] == "old"
        assert abs(row["ratio"] * 3 - 1) < .35 and row["n"] == row["against_n"] == 8
        assert row["low"] <= row["ratio"] <= row["high"]
    assert any(r["verdict"] == "different" and r["direction"] == "worse" for r in rows)
    assert all(r["verdict"] is None and r["n"] == 1 and "memory pass" in r["reason"]
               for r in comparison["comparisons"] if r["metric"] == "tree_memory_bytes")


def test_the_headline_comes_first_and_by_its_name(write):
    """Also of a metric that is compared nowhere else, and of one that is divided."""
    lead = {"slow-origin": {"metric": "measured_ns", "as": "time for all", "noun": "page", "unit": "ns", "better": "less"},
            "fast-origin": {"metric": "tree_memory_bytes_per_worker", "as": "memory of one", "per": "worker", "noun": "page",
                            "unit": "bytes", "better": "less"}}
    made = [results("base"), results("slow", 1.5)]
    for document in made:
        for scenario in document["scenarios"]:
            if scenario["name"] in lead:
                scenario["headline"] = lead[scenario["name"]]
    paths = [write(f"{i}.json", document) for i, document in enumerate(made)]
    told = json.loads(concbench("compare", *paths, "--json").stdout)
    assert errors("compare", told) == []
    first = [row for row in told["comparisons"] if "headline" in row]
    assert told["comparisons"][:len(first)] == first and {row["headline"] for row in first} == {"time for all", "memory of one"}
    for row in first:
        assert row["metric"] == lead[row["scenario"]]["metric"]
        if row["metric"] == "tree_memory_bytes_per_worker":
            whole = next(r for r in told["comparisons"] if r["metric"] == "tree_memory_bytes" and
                         all(r[k] == row[k] for k in ("scenario", "model", "concurrency")))
            assert row["value"] is None or abs(row["value"] * row["concurrency"] / whole["value"] - 1) < 1e-9
        else:
            assert abs(row["quotient"] - 1.5) < 0.01
    out = concbench("compare", *paths, "--all").stdout
    section = out.split("\nslow-origin: ")[1].split("\n\n")[0].splitlines()
    assert "time for all" in section[2] and "time for all" not in section[-1]


def test_stored_summaries_are_not_believed(write):
    other = results("new")
    for cell in other["cells"]:
        cell["summary"] = None
    other["comparisons"] = []
    comparison = compared(write("old", results("old")), write("new", other))
    assert comparison["outcomes"][0]["worse"] == 0
    assert all(r["ratio"] for r in comparison["comparisons"] if r["metric"] == "wall_ns")


def test_fail_on_regression(same_and_slow):
    done = concbench("compare", "--fail-on-regression", *same_and_slow)
    assert done.returncode == 5 and done.stderr == ""
    assert re.search(r"^  threads +128 +requests per second .* different, worse$", done.stdout, re.M)
    assert "the same, not settled or not judged" in done.stdout and " same\n" not in done.stdout
    assert re.search(r"\d+ regressions?\.", done.stdout)
    assert concbench("compare", *same_and_slow).returncode == 0
    assert concbench("compare", "--fail-on-regression", *reversed(same_and_slow)).returncode == 0


def test_other_machines_have_no_regressions(write, tmp_path):
    old = write("old", results("old"))
    new = write("new", results("new", 3.0, cpu__model="i7-1260P", cpu__load1_at_start=9.5))
    md, html = tmp_path / "c.md", tmp_path / "c.html"
    done = concbench("compare", "--all", old, new, "--markdown", md, "--html", html)
    assert done.returncode == 0
    for text in (done.stdout, md.read_text(), html.read_text(),
                 concbench("compare", "--json", old, new).stdout):
        assert "regression" not in text.lower()
        assert "i7-1260P" in text
    lines = done.stdout.splitlines()
    assert [line.endswith("counts") for line in lines if line.startswith("  cpu.")] == [False, True]
    said = refused("compare", "--fail-on-regression", old, new)
    assert "cpu.model" in said and "load1" not in said and "--force" in said
    forced = concbench("compare", "--fail-on-regression", "--force", old, new)
    assert forced.returncode == 5 and "regression" not in forced.stdout.lower()


def test_what_changes_all_the_time_does_not_count(write):
    new = results("new", cpu__load1_at_start=9.5, memory__available_bytes=1, host__name="other",
                  build__git_commit="0" * 40)
    old = write("old", results("old", build__git_commit="1" * 40))
    done = concbench("compare", "--fail-on-regression", old, write("new", new))
    assert done.returncode == 0 and "memory.available_bytes" in done.stdout


def test_another_load_is_not_compared(write):
    new = results("new")
    new["scenarios"][0]["origin"]["delay_ms"] = 21
    new["scenarios"][0]["load"]["timeout_ms"] = 9999
    comparison = compared(write("old", results("old")), write("new", new))
    assert comparison["skipped"] == [{
        "file": "new", "against": "old", "where": "slow-origin",
        "reason": "not the same load: load.timeout_ms, origin.delay_ms differ"}]
    for part in ("comparisons", "cells"):
        assert {r["scenario"] for r in comparison[part]} == {"fast-origin", "mini-ab"}


def test_cells_that_only_one_has(write):
    new = results("new")
    new["cells"] = [c for c in new["cells"] if c["model"] != "processes"]
    for trial in new["cells"][0]["trials"]:
        trial["valid"] = False
    comparison = compared(write("old", results("old")), write("new", new))
    reasons = {s["where"]: s["reason"] for s in comparison["skipped"]}
    assert reasons["slow-origin/processes/8"] == "this cell is only in old"
    assert reasons["slow-origin/sequential/1"] == "no valid trial in new"


def test_older_and_newer_files(write):
    old, new = results("old"), results("new", cpu__microcode="0x1", mitigations__meltdown="PTI")
    for cell in old["cells"]:
        for key in ("memory", "summary", "reason", "status"):
            del cell[key]
        for trial in cell["trials"]:
            for key in ("health", "origin", "placement", "attempt", "stderr"):
                del trial[key]
    del old["environment"]["placement"], old["warnings"], old["comparisons"]
    new["a_new_key"] = {"x": 1}
    new["cells"][0]["trials"][0]["another"] = [1]
    comparison = compared(write("old", old), write("new", new))
    assert comparison["outcomes"][0]["differing_facts"] == []
    assert "cpu.microcode" in comparison["environment"]["unrecorded"]
    assert {r["verdict"] for r in comparison["comparisons"]
            if r["metric"] == "cpu_per_request_ns"} <= {"same", "inconclusive"}


def test_the_larger_delta_is_taken(write):
    old, new = results("old"), results("new", 1.03)
    old["run"]["delta"] = {"cpu_per_request_ns": {"value": .2, "source": "floor"}}
    comparison = compared(write("old", old), write("new", new))
    deltas = {r["metric"]: r["delta_ratio"] for r in comparison["comparisons"]}
    assert deltas["cpu_per_request_ns"] == .2 and deltas["throughput_per_s"] == .01


def test_what_the_runs_warned_of_is_said(write):
    new = results("new")
    new["warnings"] = [{"id": name, "text": "x", "where": ""} for name in
                       ("load-high", "steal", "load-high", "no|\x1bname")]
    paths = write("old", results("old")), write("new", new)
    assert compared(*paths)["files"][1]["warnings"] == ["load-high", "steal"]
    assert "warnings of new: load-high, steal\n" in concbench("compare", *paths).stdout


def test_three_files(write):
    paths = [write(name, results(name, slower)) for name, slower in
             (("a", 1), ("b", 1.5), ("c", .5))]
    comparison = compared(*paths)
    assert [(o["file"], o["against"]) for o in comparison["outcomes"]] == [("b", "a"), ("c", "a")]
    done = concbench("compare", *paths)
    assert "slow-origin: b against a" in done.stdout and "slow-origin: c against a" in done.stdout


# --- hostile strings

def test_hostile_strings_are_literal(write, tmp_path):
    old, new = results("x"), results("x", cpu__model=HOSTILE)
    for document in (old, new):
        document["environment"]["host"]["name"] = HOSTILE
        document["scenarios"][0]["title"] = HOSTILE
    paths = write("old", old), write("new", new)
    md, html = tmp_path / "c.md", tmp_path / "c.html"
    done = concbench("compare", *paths, "--markdown", md, "--html", html)
    assert done.returncode == 0
    for text in (done.stdout, md.read_text(), html.read_text()):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert "a|b`id`<script>" in done.stdout
    assert "<script" not in md.read_text() and r"a\|b\`id\`&lt;script&gt;" in md.read_text()
    assert "<script" not in html.read_text() and "a|b`id`&lt;script&gt;" in html.read_text()
    rows = [line for line in md.read_text().splitlines() if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in rows} <= {5, 8, 9}


def test_colour_only_where_wanted(same_and_slow):
    assert "\x1b" not in concbench("compare", *same_and_slow).stdout
    assert "\x1b[31m" in concbench("compare", "--color", "always", *same_and_slow).stdout


def test_long_strings_are_cut_between_characters(write, tmp_path):
    long = "\u4e16" * 300
    old, new = few_cells("x"), few_cells("x")
    new["scenarios"][0]["load"][long] = 1
    for document in (old, new):
        document["run"]["started"] = long[:20]
        document["environment"]["host"]["name"] = long
        document["environment"][long] = {long: document is new, "e" + long: long}
    paths = write("old", old), write("new", new)
    comparison = compared(*paths)
    assert "load.\u4e16" in comparison["skipped"][0]["reason"]
    done = concbench("compare", *paths, "--html", tmp_path / "c.html", "--markdown", tmp_path / "c.md")
    assert done.returncode == 0
    refused("compare", "--fail-on-regression", *paths)


def test_memory_seen_in_two_ways_has_no_ratio(write):
    new = results("new")
    for cell in new["cells"]:
        cell["memory"]["source"] = "largest-process"
    rows = [r for r in compared(write("old", results("old")), write("new", new))["comparisons"]
            if r["metric"] == "tree_memory_bytes"]
    assert rows and all(r["ratio"] is None and "different ways" in r["reason"] for r in rows)


# --- refusals

@pytest.mark.parametrize("text,why", [
    ("", ""), ("[]", ""), ("{", ""), ('{"schema_version": 1}', "run"),
    ('{"a": 1, "a": 2}', "duplicate"), ("[" * 5000, ""), ('{"x": %s1%s}' % ("[" * 100, "]" * 100), ""),
    ('{"schema_version": 7, "run": {}}', "schema_version")])
def test_what_is_no_results_file(write, tmp_path, text, why):
    bad = tmp_path / "bad.json"
    bad.write_text(text)
    said = refused("compare", write("old", results("old")), bad)
    assert "bad.json" in said and why in said
    assert "bad.json" in refused("merge", tmp_path / "out.json", bad)
    assert not (tmp_path / "out.json").exists()


def test_usage(write, tmp_path):
    path = write("old", results("old"))
    assert "two or more" in refused("compare")
    assert "two or more" in refused("compare", path)
    assert "none.json" in refused("compare", path, tmp_path / "none.json")
    assert "frobnicate" in refused("compare", "--frobnicate", path, path)
    assert "more than 16" in refused("compare", *[path] * 17)
    for verb in ("compare", "merge"):
        done = concbench(verb, "--help")
        assert done.returncode == 0 and done.stdout.startswith("Usage: concbench " + verb)
        assert f"  {verb} " in concbench("help").stdout


def test_a_file_that_is_too_large(write, tmp_path):
    large = tmp_path / "large.json"
    with open(large, "wb") as file:
        file.truncate(65 << 20)
    assert "large.json" in refused("compare", write("old", results("old")), large)


def test_a_page_that_cannot_be_written(same_and_slow, tmp_path):
    for option in ("--markdown", "--html"):
        path = tmp_path / "none" / "c"
        done = concbench("compare", option, path, *same_and_slow)
        assert done.returncode == 3 and str(path) in done.stderr


# --- merge

def test_merge(write, tmp_path):
    paths = [write(host, few_cells(host + "-run", slower, host__name=host, cpu__model=host))
             for host, slower in (("alpha", 1), ("beta", 2), ("gamma", .7))]
    out = tmp_path / "merged.json"
    done = concbench("merge", out, *paths)
    assert (done.returncode, done.stdout) == (0, f"{out}: 3 runs\n")
    merged = json.loads(out.read_text())
    assert errors("merged", merged) == []
    assert [m["label"] for m in merged["merged"]] == ["alpha", "beta", "gamma"]
    assert merged["merged"][1]["results"] == json.loads(paths[1].read_text())
    assert concbench("validate", out).stdout.endswith("merged results, ok\n")
    comparison = compared(out)
    assert comparison["baseline"] == "alpha" and len(comparison["outcomes"]) == 2
    assert comparison["outcomes"][0]["differing_facts"] == ["cpu.model"]
    more = tmp_path / "more.json"
    assert concbench("merge", more, out, write("d", few_cells("d"))).returncode == 0
    labels = [m["label"] for m in json.loads(more.read_text())["merged"]]
    assert labels == ["alpha", "beta", "gamma", "vm"]


def test_hosts_that_are_one_go_by_run(write, tmp_path):
    out = tmp_path / "merged.json"
    assert concbench("merge", out, write("a", few_cells("a")), write("b", few_cells("b"))).returncode == 0
    assert [m["label"] for m in json.loads(out.read_text())["merged"]] == ["a", "b"]


def merged_labels(path):
    return [m["label"] for m in json.loads(path.read_text())["merged"]]


def test_names_of_hosts(write, tmp_path):
    """A given name comes first, then what tells a run from all others: node, folder, host, run."""
    a, b = tmp_path / "n1" / "attempt-0.json", tmp_path / "n2" / "r2" / "results.json"
    for path, document in ((a, few_cells("r1")), (b, few_cells("r2"))):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document))
    out = tmp_path / "m.json"
    assert concbench("merge", out, a, b).returncode == 0 and merged_labels(out) == ["n1", "n2"]
    assert concbench("merge", out, a, b.parent).returncode == 0 and merged_labels(out) == ["n1", "n2"]
    job = write("j", few_cells("r3", job__node="rack-7", job__id="9", job__attempt=1))
    done = concbench("merge", out, job, a, "--name", f"my laptop={b}", "--missing", "n3", "--missing", "n1")
    assert done.returncode == 0 and done.stdout == f"{out}: 3 runs, 1 missing\n", done.stderr
    assert merged_labels(out) == ["my laptop", "rack-7", "n1"]
    assert json.loads(out.read_text())["missing"] == ["n3"]
    assert concbench("validate", out).returncode == 0
    more = tmp_path / "more.json" # n3 has sent its results now
    assert concbench("merge", more, out, "--name", f"n3={write('late', few_cells('r4'))}").returncode == 0
    assert merged_labels(more) == ["n3", "my laptop", "rack-7", "n1"] and not json.loads(more.read_text()).get("missing")
    for wrong in ("n1", "=x.json", "n1="):
        assert "--name takes NAME=FILE" in refused("merge", out, a, "--name", wrong)
    assert "two runs are to be called 'x'" in refused("merge", out, "--name", f"x={a}", "--name", f"x={b}")
    assert "merged file" in refused("merge", more, "--name", f"x={out}")


def test_merge_refuses_other_versions_of_the_suite(write, tmp_path):
    made = {name: few_cells(name) for name in ("old", "new", "commit", "unknown")}
    made["new"]["run"]["suite_version"] = "9.1.0"
    made["commit"]["run"]["git_commit"] = "f" * 40
    made["unknown"]["run"]["git_commit"] = None
    paths = {name: write(name, document) for name, document in made.items()}
    version, out = made["old"]["run"]["suite_version"], tmp_path / "out.json"
    said = refused("merge", out, paths["old"], paths["new"])
    assert all(text in said for text in ("old.json", "new.json", version, "9.1.0")), said
    said = refused("merge", out, paths["old"], paths["commit"])
    assert "(fffffff)" in said and "old.json" in said and "commit.json" in said
    assert not out.exists()
    assert concbench("merge", out, paths["old"], paths["unknown"]).returncode == 0
    said = refused("merge", tmp_path / "more.json", out, paths["new"]) # also when it comes in a merged file
    assert str(out) in said and "9.1.0" in said


def test_no_job_counts_twice(write, tmp_path):
    first, second = (write(f"a{n}", few_cells(f"r{n}", job__node="n1", job__id="7", job__attempt=n)) for n in (0, 1))
    said = refused("merge", tmp_path / "out.json", first, second)
    assert "job 7 on node 'n1'" in said and "a0.json" in said and "a1.json" in said


def test_merge_refuses(write, tmp_path):
    out, good = tmp_path / "out.json", write("good", few_cells("good"))
    assert "is already in the merged file" in refused("merge", out, good, good)
    broken, partial = few_cells("broken"), few_cells("partial")
    broken["cells"][3]["status"] = "fine"
    partial["run"]["complete"] = False
    said = refused("merge", out, good, write("broken", broken))
    assert "broken.json" in said and "cells[3].status" in said
    assert "run.complete" in refused("merge", out, good, write("partial", partial))
    assert "got 1" in refused("merge", out)
    assert not out.exists()


def test_validate_knows_both(write, tmp_path):
    merged = {"schema_version": 1, "merged": [{"label": "a", "results": few_cells("a")},
                                              {"label": "a", "results": few_cells("b")}]}
    assert "merged[1].label" in refused("validate", write("m", merged))
    merged["merged"][1]["label"] = "b"
    merged["merged"][1]["results"]["cells"][0]["model"] = "unheard-of"
    assert "merged[1].results" in refused("validate", write("m", merged))
    path = write("old", results("old"))
    comparison = compared(path, path)
    kept = write("c", comparison)
    assert concbench("validate", kept).stdout == f"{kept}: comparison, ok\n"
    comparison["comparisons"][0]["verdict"] = "splendid"
    assert "comparisons[0].verdict" in refused("validate", write("c", comparison))


# --- which trials count

def with_replaced_attempts(document):
    """Each cell as if its run had repeated trials: attempts that do not count are far off."""
    for number, cell in enumerate(document["cells"]):
        off = copied(cell["trials"][0])
        off["document"]["measured_ns"] *= 7
        off["document"]["cpu_measured_ns"] *= 7
        off["disturbed"] = [{"reason": "steal", "value": 1, "limit": 0.05}]
        failed = dict(off, valid=False, invalid_reason={"class": "counts", "text": "-"}, document=None)
        trials = []
        for trial in cell["trials"]:
            before, after = [], []
            if trial["block"] % 4 == number % 4:
                before = [dict(off, block=trial["block"])]  # disturbed, then repeated
            elif trial["block"] % 4 == (number + 1) % 4:
                after = [dict(failed, block=trial["block"])]  # disturbed, and the repetition failed
                trial["disturbed"] = off["disturbed"]
            elif trial["block"] % 4 == (number + 2) % 4:
                before = [dict(failed, block=trial["block"]), dict(off, block=trial["block"])]
                trial["disturbed"] = off["disturbed"]  # all were disturbed: the last counts
            trials += [dict(t, attempt=attempt) for attempt, t in enumerate(before + [trial] + after)]
        cell["trials"] = trials
    return document


def numbers(comparison):
    comparison = copied(comparison)
    for part in comparison["files"]:
        part.pop("valid_trials"), part.pop("trials")
    return comparison


def test_of_a_block_one_trial_counts(write, tmp_path):
    old, new = few_cells("old"), few_cells("new", 1.4)
    plain = numbers(compared(write("old", old), write("new", new)))
    replaced = with_replaced_attempts(copied(old)), with_replaced_attempts(copied(new))
    paths = write("r-old", replaced[0]), write("r-new", replaced[1])
    assert numbers(compared(*paths)) == plain
    assert all(row["n"] == 8 for row in plain["comparisons"] if row["metric"] == "throughput_per_s")
    merged = tmp_path / "merged.json"
    with_hosts = [dict(document, environment=dict(document["environment"], host={"name": document["run"]["id"]}))
                  for document in replaced]
    assert concbench("merge", merged, write("h-old", with_hosts[0]), write("h-new", with_hosts[1])).returncode == 0
    assert [r["ratio"] for r in compared(merged)["comparisons"]] == [r["ratio"] for r in plain["comparisons"]]


def test_the_counts_of_a_file_are_those_of_its_report(write):
    document = with_replaced_attempts(few_cells("old"))
    trials = [trial for cell in document["cells"] for trial in cell["trials"]]
    path = write("old", document)
    said = f"{sum(t['valid'] for t in trials)} of {len(trials)} trials valid; every block has one"
    file = compared(path, path)["files"][0]
    assert file["trials"] == said and file["valid_trials"] == sum(t["valid"] for t in trials)


# --- what can be told

def with_blocks(document, blocks):
    for cell in document["cells"]:
        kept = [t for t in cell["trials"] if t["block"] < blocks]
        cell["trials"] = [dict(copied(kept[b % len(kept)]), block=b) for b in range(blocks)]
    return document


@pytest.mark.parametrize("blocks,code", [(2, 6), (5, 6), (6, 5), (8, 5)])
def test_too_few_trials_cannot_tell(write, blocks, code):
    old, new = with_blocks(results("old"), blocks), with_blocks(results("new", 3.0), blocks)
    paths = write("old", old), write("new", new)
    html = paths[0].parent / "page.html"
    done = concbench("compare", "--fail-on-regression", *paths, "--html", html)
    assert done.returncode == code, done.stdout
    assert ("too few trials to tell" in html.read_text()) == (code == 6)
    assert "No regression was found" not in done.stdout
    assert ("too few trials to tell whether they are worse; it takes 6 blocks in each run" in done.stdout) \
        == (code == 6)
    assert concbench("compare", *paths).returncode == 0
    outcome = compared(*paths)["outcomes"][0]
    assert (outcome["undecided"] > 0) == (code == 6) and outcome["trials_needed"] == (6 if code == 6 else None)


def test_few_trials_that_are_the_same_are_told(write):
    """Nothing is `different` of 4 trials, but `same` may be."""
    document = few_cells("old")
    for cell in document["cells"]:
        cell["trials"] = [dict(copied(cell["trials"][0]), block=b) for b in range(4)]
    old = write("old", document)
    done = concbench("compare", "--fail-on-regression", old, write("new", dict(document, run=dict(document["run"], id="new"))))
    assert done.returncode == 0 and "No regression was found." in done.stdout


def test_cells_without_a_value_are_in_no_family(write):
    """Holm's correction is over the cells that have values: of one cell alone p is what it is."""
    old, new = with_blocks(results("old"), 5), with_blocks(results("new", 3.0), 5)
    for document in (old, new):
        for cell in document["cells"][1:]:
            for trial in cell["trials"]:
                trial["document"]["measured_ns"] = 0  # no throughput
    rows = [r for r in compared(write("old", old), write("new", new))["comparisons"] if r["metric"] == "throughput_per_s"]
    assert [r["p"] is not None for r in rows] == [True] + [False] * (len(rows) - 1)
    assert abs(rows[0]["p"] - 2 / 252) < 1e-9 and rows[0]["verdict"] == "different" and rows[0]["trials_needed"] is None
    assert all(r["trials_needed"] is None and "not measured in both" in r["reason"] for r in rows[1:])


# --- size

def test_a_thousand_trials(write):
    """Both files have a thousand. 0.8 s of CPU when optimised; the limit leaves room for
    sanitizers and finds what grows with the square of it."""
    paths = []
    for name in ("old", "new"):
        made = results(name)
        for cell in made["cells"]:
            cell["trials"] = [dict(cell["trials"][b % 8], block=b, wall_ns=10**9 + 7919 * b)
                              for b in range(44)]
        assert sum(len(c["trials"]) for c in made["cells"]) > 1000
        paths.append(write(name, made))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    comparison = compared(*paths)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert comparison["comparisons"][0]["n"] == 44
    assert after.ru_utime - before.ru_utime < 40
