"""Every scenario teaches: it says what to expect and why, predicts it, and docs/expected.md repeats it."""

import heapq
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import random
import re
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="no program of ours runs in it")
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])
SCRIPT = SOURCE / "scripts" / "expected"
TRACKED = subprocess.run(["git", "ls-files", "-z", "--", "scenarios/*.json"], cwd=SOURCE, capture_output=True, text=True,
                         check=False).stdout.split("\0")
# what git does not know yet is nobody's scenario; without git, all of them
SCENARIOS = sorted(SOURCE / name for name in TRACKED if name) or sorted((SOURCE / "scenarios").glob("*.json"))


def load_script():
    loader = importlib.machinery.SourceFileLoader("expected", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("expected", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(name="scenario", params=SCENARIOS, ids=lambda path: path.stem)
def load_scenario(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_it_says_what_to_expect_and_why(scenario):
    why = scenario["why"]
    sentences = re.findall(r"[.?!](?= [A-Z0-9]|$)", why)
    assert 200 <= len(why) <= 1500 and 3 <= len(sentences) <= 6, f"{len(why)} characters, {len(sentences)} sentences"


def test_it_predicts_with_reasons(scenario):
    assert scenario["expect"]
    for item in scenario["expect"]:
        assert item["says"].endswith(".") and len(item["because"]) >= 20 and item["because"].endswith("."), item


def test_the_answer_key_is_up_to_date():
    done = subprocess.run([SCRIPT, "--check"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "scenarios").mkdir()
    made = {"title": "T", "question": "Q?", "load": {"concurrency": [2, 8]}, "models": ["sequential", "threads"],
            "why": "Because.", "expect": [
                {"says": "S.", "because": "B.", "metric": "measured_ns", "model": "sequential", "concurrency": 2, "at_least": 1.5e6}]}
    (tmp_path / "scenarios/made.json").write_text(json.dumps(made))
    return tmp_path


def test_the_script_writes_and_notices_changes(tree):
    def run(*flags):
        return subprocess.run([SCRIPT, *flags, tree], capture_output=True, text=True, timeout=300, check=False)
    page = tree / "docs/expected.md"
    assert run("--check").returncode == 1 and not page.exists()
    assert run().returncode == 0 and run("--check").returncode == 0
    text = page.read_text()
    assert "### made: T" in text and "- Others: [made](#made-t)" in text and "- **S.** B.\n  - `measured_ns(sequential, 1) >= 1.5 ms`: not measured" in text
    page.write_text(text.replace("1.5 ms", "1.4 ms"))
    done = run("--check")
    assert done.returncode == 1 and "run scripts/expected" in done.stderr and "1.4 ms" in page.read_text()


def test_what_was_seen_stands_beside_the_bound(tree):
    (tree / "scenarios/SEEN").write_text("made: measured_ns(sequential, 1) >= 1.5 ms: 2.1 ms\n")
    assert subprocess.run([SCRIPT, tree], timeout=300, check=False).returncode == 0
    assert "`measured_ns(sequential, 1) >= 1.5 ms`: 2.1 ms" in (tree / "docs/expected.md").read_text()
    (tree / "scenarios/SEEN").write_text("")
    subprocess.run([SCRIPT, tree], timeout=300, check=True)
    done = subprocess.run([SCRIPT, "--check", tree], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1 and "made: measured_ns(sequential, 1)" in done.stderr


def test_the_answer_key_follows_the_order_and_says_nothing_twice():
    page = (SOURCE / "docs/expected.md").read_text()
    order = [name for line in (SOURCE / "scenarios/ORDER").read_text().splitlines() for name in line.split(": ")[1].split()]
    assert re.findall(r"^### ([\w-]+): ", page, re.M) == order
    assert all("\nSeen: " in part for part in page.split("\n### ")[1:])
    prose = re.sub(r"\*\*As in [\w-]+:\*\*|\*\*|^ *- `.*|^With `--preset quick` .*", "", page, flags=re.M)
    said = [text for text in re.split(r"(?<=[.?!])\s+(?=[A-Z0-9])", prose) if len(text.split()) > 3]
    assert not [text for text in said if said.count(text) > 1]


def test_lists_of_models_share_a_line():
    module = load_script()
    scenario = {"load": {"concurrency": [1, 8]}}
    item = {"metric": "throughput_per_s", "model": ["sequential", "threads", "coroutines"], "concurrency": "highest",
            "at_least": 1, "at_most": 1234.4}
    page = module.Page({("", "1/s <= throughput_per_s(threads, 8) <= 1,234/s"): "7/s"})
    assert page.lines(scenario, item) == [
        "`1/s <= throughput_per_s(sequential, 1) <= 1,234/s`: not measured",
        "`1/s <= throughput_per_s(M, 8) <= 1,234/s`: threads 7/s, coroutines not measured"]


def serve(scenario, concurrency, seed):
    """Requests per second of a pool of so many workers, and for what share of the time all of them wait for slow
    answers, in a simulation that knows nothing but the delays."""
    origin, requests = scenario["origin"], scenario["load"]["requests"]
    chance, free, slow = random.Random(seed), [0.0] * concurrency, []
    for _ in range(requests):
        begin = heapq.heappop(free)
        is_slow = chance.random() < origin["tail_ppm"] / 1e6
        end = begin + (origin["delay_ms"] + is_slow * origin["tail_ms"]) / 1e3
        heapq.heappush(free, end)
        slow += [(begin, 1), (end, -1)] if is_slow else []
    count = last = starved = 0
    for at, change in sorted(slow):
        starved += (at - last) if count == concurrency else 0
        count, last = count + change, at
    return requests / max(free), starved / max(free)


def test_the_pool_of_tail_starves_and_its_predictions_hold_with_margin():
    """Whatever the seed: the bound on requests/s holds because workers are with slow ones, not because of the end."""
    scenario = json.loads((SOURCE / "scenarios/tail.json").read_text())
    bound = next(item["at_most"] for item in scenario["expect"] if item["metric"] == "throughput_per_s" and "to" not in item
                 and "to_concurrency" not in item)
    eight = [serve(scenario, 8, seed) for seed in range(200)]
    many = [serve(scenario, 64, seed) for seed in range(200)]
    assert max(rate for rate, _ in eight) < 0.85 * bound
    assert sum(share > 0 for _, share in eight) >= 198
    assert 0.05 < sorted(share for _, share in eight)[100] < 0.2
    assert min(m[0] / e[0] for m, e in zip(many, eight)) > 4


def test_what_gather_orders_is_far_apart():
    """200 ms and more between each two events, in the open loop that its scenario describes."""
    scenario = json.loads((SOURCE / "scenarios/gather.json").read_text())
    a, b = map(int, scenario["options"]["sleep_list_ms"].split(","))
    due = 1000 / scenario["load"]["rate_per_s"]
    events = [0, due, due + b, a]
    assert all(later - earlier >= 200 for earlier, later in zip(events, events[1:]))


SUMMARY = json.loads((SOURCE / "results/schema/results.schema.json").read_text())["$defs"]["summary"]["properties"]


def test_its_headline_is_measured(scenario):
    """The metric is a key of every cell's summary, in this kind of load and task."""
    headline = scenario["headline"]
    key = headline["metric"] + ("_per_" + headline["per"] if "per" in headline else "")
    assert key in SUMMARY and headline["as"][-1].isalnum()
    assert scenario["load"].get("rate_per_s") or not key.startswith(("response_", "lag_"))
    assert scenario["task"] == "pipeline" or not key.startswith("task.")
    assert scenario["task"] == "switch" or headline.get("per") != "turn"


def test_the_table_of_headlines_has_every_scenario_in_order():
    page = (SOURCE / "docs/scenarios.md").read_text().split("\n### What each one shows first\n")[1].split("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in page.splitlines() if row.startswith("| `")]
    order = [name for line in (SOURCE / "scenarios/ORDER").read_text().splitlines() for name in line.split(": ")[1].split()]
    known = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in SCENARIOS}
    assert [row[0].strip("`") for row in rows] == order
    for name, question, first, seen in rows:
        scenario = known[name.strip("`")]
        assert (question, first) == (scenario["question"], scenario["headline"]["as"]) and seen, name
