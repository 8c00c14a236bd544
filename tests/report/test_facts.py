"""The line of facts under a scenario's question, and the counts of trials: what the page says of what was measured."""

import copy
import html as entities
import json
import re

import pytest

import make_results
from conftest import SOURCE
from test_report import render, report

SCENARIOS = sorted((SOURCE / "scenarios").glob("*.json"))


def ms(value):
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"


def us(value):
    return ms(value / 1000) if value >= 1000 else f"{value:g} µs"


def size(value):
    for unit, divisor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= divisor:
            return (f"{value / divisor:.0f}" if value / divisor >= 99.95 else f"{value / divisor:.3g}") + " " + unit
    return f"{value} B"


def share(value):
    return f"{value / 1e4:g} % of the requests"


# What a value other than the default has to say in the line.
SAID = {
    "origin": {"server": lambda v: "server " + v, "tls": lambda v: "TLS", "bytes": lambda v: "bodies of " + size(v),
               "delay_ms": lambda v: "answers after " + ms(v), "jitter_ms": lambda v: "uniform 0 to " + ms(v),
               "exp_ms": lambda v: f"exponential delay of {ms(v)} on average", "tail_ppm": share,
               "tail_ms": lambda v: ms(v) + " more", "freeze_ms": lambda v: "hangs in every trial for " + ms(v),
               "freeze_after_ms": lambda v: f"from {ms(v)} after the first request", "status": lambda v: f"status {v}",
               "fault": lambda v: "fault " + v, "fault_ppm": share, "chunked": lambda v: "in chunks",
               "trickle_ms": lambda v: "every " + ms(v), "trickle_bytes": lambda v: "pieces of " + size(v)},
    "options": {"work_us": lambda v: f"computes {us(v)} per request", "sleep_ms": lambda v: "sleeps " + ms(v),
                "sleep_list_ms": lambda v: f"sleeps, in turn, {v} ms", "touch_stack_bytes": size,
                "block_ms": lambda v: "blocks its thread for " + ms(v), "turns": lambda v: f"{v:,} turns", "fan_out": lambda v: f"a request is {v:,} fetches at once",
                "queue_slots": lambda v: f"a queue of {v:,} slots", "start_by": lambda v: "started by " + v,
                "heap_bytes": lambda v: size(v) + " touched before", "file_op": lambda v: "file operation: " + v,
                "file_bytes": lambda v: "files of " + size(v), "db_query": lambda v: "query: " + v,
                "db_ms": lambda v: "answered after " + ms(v), "post_bytes": lambda v: "posts " + size(v),
                "connections": lambda v: f"over {v:,} connections", "http_version": lambda v: "HTTP/" + v,
                "tls_resume": lambda v: "sessions resumed" if v == "on" else "not resumed",
                "cpus": lambda v: f"CPUs of the runner: {v}", "stack_bytes": lambda v: "stacks of " + size(v),
                "trace": lambda v: "traced"},
    "load": {"concurrency": lambda v: " and ".join(filter(None, [", ".join(f"{c:,}" for c in v[:-1]), f"{v[-1]:,}"])) + " in flight",
             "requests": lambda v: f"{v:,} requests a trial", "requests_per_worker": lambda v: f"at least {v:,} per request in flight",
             "warm_requests": lambda v: f"{v:,} warm per request in flight first",
             "rate_per_s": lambda v: f"open loop, {v:,} requests/s",
             "arrivals": lambda v: "evenly spaced arrivals" if v == "fixed" else "Poisson arrivals",
             "keepalive": lambda v: "connections kept" if v else "a connection per request",
             "addresses": lambda v: f"over {v:,} addresses", "timeout_ms": lambda v: "a request may take " + ms(v)},
    "limits": {"quota_cpus": lambda v: f"CPUs that a quota pays for: {v}", "memory_passes": lambda v: f"memory measured {v} times"},
}
DEFAULTS = {"origin": {"server": "own"}, "options": {}, "limits": {}, "load": {"requests_per_worker": 1, "addresses": 1, "timeout_ms": 30000}}


def page_of(folder, scenarios, **run):
    """The report of a run without cells, whose scenarios have the task, origin, options and load of these."""
    made = make_results.build(blocks=1, model_count=2, scenarios=make_results.SCENARIOS[:1])
    made.update(cells=[], comparisons=[], scenarios=[
        dict(made["scenarios"][0], name=name, **{key: scenario.get(key) for key in ("origin", "options")},
             **{key: scenario[key] for key in ("task", "load", "limits", "placement", "runners", "why", "title", "question") if key in scenario})
        for name, scenario in scenarios.items()])
    made["run"].update(run)
    return render(folder, made)


def facts_of(page, name="one"):
    section = page[page.index(f'id="scenario-{name}"'):]
    line = re.search(r'<ul class="load">(.*?)</ul>', section, re.S).group(1)
    return [entities.unescape(item) for item in re.findall(r"<li>(.*?)</li>", line, re.S)]


@pytest.fixture(scope="module")
def ours():
    return {path.stem: json.loads(path.read_text()) for path in SCENARIOS}


@pytest.fixture(scope="module")
def of_ours(ours, tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("ours"), ours)


@pytest.mark.parametrize("name", [path.stem for path in SCENARIOS])
def test_whatever_is_not_the_default_is_in_the_line(name, ours, of_ours):
    scenario, facts = ours[name], facts_of(of_ours, name)
    asked = 0
    for part, said in SAID.items():
        for key, value in (scenario.get(part) or {}).items():
            if key == "trial_seconds" or not value and key != "keepalive" or DEFAULTS[part].get(key) == value:
                continue
            assert any(said[key](value) in fact for fact in facts), (part, key, said[key](value), facts)
            asked += 1
    assert asked > 0
    for runner in scenario.get("runners", []):
        assert any(fact.startswith(runner["name"] + ":") and ("--" not in fact or "flags" not in runner) for fact in facts)


def test_every_parameter_there_is_has_its_words(tmp_path):
    """Those that no scenario of ours uses, too; and what is not known goes by its name."""
    scenario = {"origin": {"bytes": 0, "jitter_ms": 3, "chunked": 1, "trickle_ms": 1500, "trickle_bytes": 2048, "tls": True,
                           "status": 404, "fault": "close", "fault_ppm": 5, "moon_phase": 4, "lit": False},
                "options": {"touch_stack_bytes": 65536, "start_by": "fork", "heap_bytes": 1 << 26, "post_bytes": 1 << 26, "http_version": "2", "tls_resume": "off",
                            "db_ms": 1, "newer": "word"},
                "load": {"concurrency": [1, 2], "requests": 4000000000, "rate_per_s": 1234567, "arrivals": "fixed"}}
    facts = facts_of(page_of(tmp_path, {"one": scenario}))
    for part, said in SAID.items():
        for key, value in scenario.get(part, {}).items():
            if key in said and value:
                assert any(said[key](value) in fact for fact in facts), (key, said[key](value), facts)
    assert "moon_phase 4" in facts and "newer word" in facts and not any("lit" in fact for fact in facts)
    assert not any("at once" in fact for fact in facts if not fact.startswith("a request is"))  # jitter is a delay


@pytest.mark.parametrize("flags, said", [
    (["--http", "2", "--connections", "4"], ", HTTP/2, over 4 connections"),
    (["--no-keepalive", "--tls-resume", "off"], ", a connection per request, TLS sessions not resumed"),
    (["--buffer-bytes", "1048576"], ", receive buffers of 1 MiB"),
    (["--switch", "ucontext", "--guard", "canary"], ", coroutines switch by ucontext, stacks guarded by canary"),
    (["--newer", "x<y", "--sleep-ms", "20"], " --newer x<y, sleeps 20 ms"),
    (["--rate", "50", "lonely", "--trace"], " --rate 50 lonely --trace")])
def test_what_a_variant_is_about_is_said_in_words(flags, said, tmp_path):
    """A flag that the report does not know stays as it is; so does a command that is no model of ours."""
    runners = [{"name": "threads.v", "model": "threads", "flags": flags}, {"name": "mine", "command": ["./mine", "--http", "2"]}]
    facts = facts_of(page_of(tmp_path, {"one": {"load": {"concurrency": [1], "requests": 1}, "runners": runners}}))
    assert f"threads.v: threads{said}" in facts and "mine: ./mine --http 2" in facts, facts


@pytest.mark.parametrize("origin", [{"bytes": 1024}, {"bytes": 1024, "delay_ms": 0, "tail_ppm": 0, "server": "own"}])
def test_only_an_origin_without_any_delay_answers_at_once(origin, tmp_path):
    scenario = {"origin": origin, "load": {"concurrency": [1], "requests": 1}}
    assert "answers at once" in facts_of(page_of(tmp_path, {"one": scenario}))
    for key, value in (("exp_ms", 1), ("delay_ms", 1), ("jitter_ms", 1), ("fault", "reset"), ("server", "nginx")):
        changed = dict(scenario, origin=dict(origin, **{key: value}))
        assert "answers at once" not in facts_of(page_of(tmp_path, {"one": changed}))


def test_nothing_is_claimed_of_our_origin_where_another_server_was_measured(ours, tmp_path):
    url = "http://198.51.100.7/page?<x>"
    page = page_of(tmp_path, ours, url=url)
    text, summary = entities.unescape(page), (tmp_path / "summary.md").read_text()
    for name, scenario in ours.items():
        facts = [fact for fact in facts_of(page, name) if not fact.startswith(tuple(r["name"] + ":" for r in scenario.get("runners", [])))]
        if not scenario.get("origin"):
            assert not any(url in fact for fact in facts) and scenario["why"] in text
            continue
        assert any(url in fact for fact in facts)
        for claim in ("separate CPUs", "share the CPUs", "answers at once", "addresses of the server", "TLS"):
            assert not any(claim in fact for fact in facts), facts
        for key, value in scenario["origin"].items():
            assert not any(SAID["origin"][key](value) in fact for fact in facts if value), (key, facts)
        for told in ("title", "why", "question"):
            assert scenario[told] not in text and scenario[told] not in summary
        for key in ("keepalive", "timeout_ms"):  # of the load, which is ours
            if key in scenario["load"] and scenario["load"][key] != DEFAULTS["load"].get(key):
                assert any(SAID["load"][key](scenario["load"][key]) in fact for fact in facts)


# --- counts

def with_attempts(made, repeated, failed):
    """Some blocks get an invalid attempt before the valid one; in some all are invalid."""
    cell = made["cells"][0]
    bad = dict(copy.deepcopy(cell["trials"][0]), valid=False, invalid_reason={"class": "counts", "text": "80 of 100 in flight"})
    for block in range(repeated):
        cell["trials"].insert(0, dict(bad, block=block))
    for trial in cell["trials"][-failed:] if failed else []:
        trial.update(valid=False, invalid_reason=bad["invalid_reason"])
    made["run"]["trials_run"] += repeated
    made["run"]["trials_invalid"] = failed
    return made


@pytest.mark.parametrize("repeated,failed,said", [
    (0, 0, "{all} of {all} trials valid"), (1, 0, "{valid} of {all} trials valid; every block has one"),
    (3, 0, "{valid} of {all} trials valid; every block has one"), (2, 1, "{valid} of {all} trials valid; 1 block has none"),
    (0, 3, "{valid} of {all} trials valid; 3 blocks have none")])
def test_counts_agree(tmp_path, repeated, failed, said):
    made = with_attempts(make_results.build(), repeated, failed)
    trials = [t for cell in made["cells"] for t in cell["trials"]]
    said = said.format(all=len(trials), valid=sum(t["valid"] for t in trials))
    page = re.sub("<[^>]*>", "", render(tmp_path / "slow-origin", made))
    summary = (tmp_path / "slow-origin" / "summary.md").read_text()
    planned = made["run"]["trials_planned"]
    for text in (page, summary):
        assert said in text
        assert ("every block has one" in text) == ("every block" in said)
        assert f"{planned} of {planned} planned trials run" + (f", {repeated} repeated" if repeated else "") in text
    catalogue = {"catalogue_version": 1, "started": "2026-11-20T07:00:00Z", "preset": "default", "complete": True, "wall_s": 1,
                 "limit_s": 10, "scenarios": [{"name": "slow-origin", "title": "t", "question": "q", "family": "Waiting",
                                               "status": "done", "reason": None, "estimate_s": 1, "wall_s": 1, "exit_code": 0}]}
    (tmp_path / "catalogue.json").write_text(json.dumps(catalogue))
    done = report("--index", tmp_path)
    assert done.returncode == 0, done.stderr
    index = re.sub("<[^>]*>", "", (tmp_path / "index.html").read_text())
    assert index.count(said) == 2  # in the sum and in the card


def test_the_run_in_order_shows_the_trials_that_count(tmp_path):
    made = make_results.build(blocks=6, model_count=2, scenarios=make_results.SCENARIOS[:1])
    for number, cell in enumerate(made["cells"]):
        off = dict(copy.deepcopy(cell["trials"][0]), block=number % 6, disturbed=[{"reason": "steal", "value": 1, "limit": .05}])
        cell["trials"].insert(number % 6, off)
    page = render(tmp_path, made)
    rows = re.findall(r'<td class="list">([^<]*\([\d.]+\)[^<]*)</td>', page[page.index("Throughput in order"):])
    assert len(rows) >= 4 and all(len(row.split(";")) == 6 for row in rows)


def test_a_merged_file_is_named_for_what_it_is(tmp_path):
    made = make_results.build(blocks=1, model_count=2)
    (tmp_path / "m.json").write_text(json.dumps({"schema_version": 1, "merged": [{"label": "a", "results": made}] * 2}))
    done = report(tmp_path / "m.json")
    assert done.returncode == 2 and "merged file of 2 runs" in done.stderr and "concbench compare" in done.stderr


HUGE = {"zeros": lambda: '{"schema_version": 1, "x": [' + "0," * 9999999 + "0]}",
        "string": lambda: '{"schema_version": 1, "x": "' + "a" * 50000000 + '"}',
        "objects": lambda: '{"schema_version": 1, "x": [' + '{"a": 1, "b": 2},' * 1000000 + "0]}"}


@pytest.mark.parametrize("kind", HUGE)
def test_what_would_fill_the_memory_is_refused_before_it_is_parsed(kind, tmp_path):
    (tmp_path / "huge.json").write_text(HUGE[kind]())
    done = report(tmp_path / "huge.json")
    assert done.returncode == 2 and "too large" in done.stderr and done.stderr.count("\n") == 1
