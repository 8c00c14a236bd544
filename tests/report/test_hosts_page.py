"""The page of several hosts: what each answers, whether that changes, who is missing."""

import copy
import json
import os
import pathlib
import re
import subprocess

import pytest

from test_compare_page import Outline

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
SAMPLE = json.loads((SOURCE / "results" / "sample" / "results.json").read_text())
SAMPLE["scenarios"] = SAMPLE["scenarios"][:1]  # slow-origin: coroutines, threads, processes, and sequential at 1
for rows in ("cells", "comparisons", "expectations"):
    SAMPLE[rows] = [row for row in SAMPLE[rows] if row["scenario"] == "slow-origin"]
LOOK = {"level": "look", "text": "4 blocks: a look, not a verdict"}


def concbench(*args):
    return subprocess.run([BIN / "concbench", *map(str, args)], capture_output=True, text=True, timeout=300)


def host(change=None):
    """The sample as another host's; change is applied to its verdict."""
    made = copy.deepcopy(SAMPLE)
    if change:
        change(made["scenarios"][0]["verdict"])
    return made


def value_of(model, **values):
    def change(verdict):
        next(m for m in verdict["models"] if m["model"] == model).update(values)
    return change


def won_by(*models):
    return lambda verdict: verdict.update(form="winner" if len(models) == 1 else "tie", leaders=list(models))


def without_winner(ahead=4, **trust):
    def change(verdict):
        verdict.update(form="descriptive", leaders=[], unbeaten={}, trust={**verdict["trust"], **(trust or LOOK)},
                       ahead={"model": "coroutines", "blocks": ahead, "of": 4})
    return change


def not_quotable(verdict):
    verdict.update(form="not-publishable", trust={**verdict["trust"], "level": "do-not-quote", "text": "do not quote"})
    del verdict["leaders"], verdict["unbeaten"]


def merged(folder, hosts, *options):
    """The path of a merged file of these hosts, {name: document}."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, (name, document) in enumerate(hosts.items()):
        document["run"]["id"] = f"r{number}"
        (folder / f"{number}.json").write_text(json.dumps(document))
        names += ["--name", f"{name}={folder / f'{number}.json'}"]
    done = concbench("merge", folder / "fleet.json", *names, *options)
    assert done.returncode == 0, done.stderr
    return folder / "fleet.json"


def page_of(path):
    done = concbench("report", path)
    assert done.returncode == 0 and done.stdout == f"{path.parent / 'hosts.html'}\n", (done.stdout, done.stderr)
    return (path.parent / "hosts.html").read_text()


def sentence(page):
    return re.search("<h2>(.*?)</h2>", page)[1].replace("\u00a0", " ")


@pytest.mark.parametrize("changes,said", [
    ([None, None, None, None, value_of("threads", throughput_per_s=5600)],
     "Coroutines on all 5 hosts; threads within 3 % on e"),
    ([None, None], "Coroutines on both hosts"),
    ([None], "Coroutines on a"),
    ([None, won_by("coroutines", "threads")], "Coroutines on both hosts"),
    ([None, None, won_by("threads")], "It changes: coroutines on a and b, threads on c"),
    ([won_by("coroutines", "threads"), won_by("threads", "processes"), None],
     "It changes: coroutines and threads on a, threads and processes on b, coroutines on c"),
    ([None, not_quotable, None], "Coroutines on 2 of 3 hosts; no model is named on b"),
    ([not_quotable, not_quotable], "No host names a model"),
    ([without_winner(), None], "Coroutines on both hosts; a look, not a verdict, on a"),
    ([without_winner(), without_winner()], "Coroutines on both hosts; a look, not a verdict"),
    ([without_winner(ahead=2), None], "Coroutines on b; no model is named on a"),
    ([won_by(model) for model in ("threads", "processes", "coroutines", "sequential")] + [won_by("threads", "processes"), None],
     "It changes: 5 answers on 6 hosts"),
    ([None] * 6 + [won_by("threads")] * 5, "It changes: coroutines on 6 of 11 hosts, threads on 5 of 11 hosts"),
])
def test_whether_the_answer_changes(changes, said, tmp_path):
    path = merged(tmp_path, {name: host(change) for name, change in zip("abcdefghijk", changes)})
    assert sentence(page_of(path)) == said
    if len(changes) > 1:
        done = concbench("compare", path)
        assert done.returncode == 0 and f"slow-origin: {said}\n" in " ".join(done.stdout.split(" ")), done.stdout[:400]
        assert "concbench report FILE" in done.stdout


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    other_load, other_scenario = host(), host()
    other_load["scenarios"][0]["origin"]["delay_ms"] += 1
    other_scenario["scenarios"][0]["name"] = "another"
    for rows in ("cells", "comparisons", "expectations"):
        for row in other_scenario[rows]:
            row["scenario"] = "another"
    slower = host(value_of("sequential", throughput_per_s=10, cpu_per_request_ns=1e6))
    slower["environment"]["cpu"]["model"] = "Slow & old"
    path = merged(tmp_path_factory.mktemp("fleet"), {
        "first": host(), "slow": slower, "load": other_load, "other": other_scenario,
        '<b>&amp;': host(without_winner())}, "--missing", "n9", "--missing", "first")
    return page_of(path)


def rows_of(page, label):
    """The texts of the cells of each row that begins with label."""
    found = re.findall(f'<tr><th scope="row">{label}</th>(.*?)</tr>', page, re.S)
    return [[re.sub("<[^>]*>", " ", cell).split() for cell in re.findall("<td.*?</td>", row, re.S)] for row in found]


def test_missing_hosts_are_shown_as_missing(fleet):
    assert "n9 is missing" in fleet and "first is missing" not in fleet
    assert rows_of(fleet, "n9") == [[["missing"]]] * 6  # answers, requests/s and CPU of both scenarios


def test_another_load_or_scenario_is_told_and_not_counted(fleet):
    assert "not the same load: origin.delay_ms differs" in fleet
    assert [["not", "measured"]] in rows_of(fleet, "other") and [["not", "measured"]] in rows_of(fleet, "first")
    assert "2 scenarios on 5 hosts" in fleet and "0 of 2" in re.sub("<[^>]*>", "", fleet)


def test_a_request_in_the_units_of_its_host(fleet):
    """Threads, processes, coroutines, sequential: the value, and what it is of the host's own baseline."""
    _, speed, cpu = rows_of(fleet, "first")[:3]
    assert speed == [["4,199", "85.5×"], ["3,808", "77.5×"], ["5,755", "117×"], ["49.1", "1.00×"]]
    assert cpu[2][-1] == "0.23×" and cpu[3][-1] == "1.00×" and "µs" in " ".join(cpu[2])
    _, speed, cpu = rows_of(fleet, "slow")[:3]
    assert speed[2] == ["5,755", "576×"] and cpu[2][-1] == "0.033×"
    best = re.search('<th scope="row">first</th><td class="shade2">.*?</td><td class="shade1">.*?</td>'
                     '<td class="shade4"><b>5,755</b>.*?</td><td class="shade0">', fleet, re.S)
    assert best  # another load has no shade


def test_the_environments_differences_follow(fleet):
    assert "Slow &amp; old" in fleet[fleet.index('id="environment"'):]
    assert 'cpu.model' in fleet and "<b>&amp;amp;" not in fleet and "&lt;b&gt;&amp;amp;" in fleet


def test_the_page_is_whole_and_the_same_each_time(fleet, tmp_path):
    outline = Outline(fleet)
    assert len(outline.ids) == len(set(outline.ids)) and outline.tags.count("h1") == 1
    assert all(link[1:] in outline.ids for link in outline.links if link.startswith("#"))
    path = merged(tmp_path, {"a": host(), "b": host()})
    assert page_of(path) == page_of(path)


def test_the_page_goes_where_it_is_told(tmp_path):
    path = merged(tmp_path, {"a": host()})
    done = concbench("report", "--out", tmp_path / "new", path)
    assert done.returncode == 0 and (tmp_path / "new" / "hosts.html").exists() and not (tmp_path / "hosts.html").exists()
    done = concbench("report", "--out", tmp_path / "0.json" / "x", path)
    assert done.returncode == 3 and "0.json" in done.stderr
