"""What several programs know of the same thing is the same: ranges, choices, knobs, families. Each is asked for it."""

import functools
import http.client
import json
import re
import subprocess

import pytest

from cli_helpers import concbench, write_scenario
from conftest import BIN, MODELS, SOURCE, run_program, why_not

SCHEMA = json.loads((SOURCE / "results/schema/scenario.schema.json").read_text())["properties"]
TABLE = (SOURCE / "harness/plan/tasks.c").read_text()
OPTIONS = [(tasks.split(" ")[0] or "http", key, flag)
           for tasks, key, flag in re.findall(r'\{"([a-z -]*)", "([a-z_]+)", "(--[a-z-]+)"\}', TABLE)]
PARAMETERS = re.findall('"([a-z_]+)"', re.search(r"parameters\[\] = \{(.*?)\}", TABLE, re.S)[1])
KNOBS = ["switch", "guard", "stack_bytes", "buffer_bytes"]


def limits_of(text):
    """(least, most) or the words of a refusal."""
    numbers = re.search(r"from (\d+) to (\d+)", text)
    if numbers:
        return int(numbers[1]), int(numbers[2])
    words = re.search(r"is not one of ([a-z0-9_., |-]+)", text)
    return words[1].replace(", ", "|") if words else None


@functools.cache
def runner_says(flag):
    model = "coroutines" if flag == "--stack-bytes" else "threads"  # whose stacks may be the smallest
    done = run_program(f"runner-{model}", flag, "?", "http://127.0.0.1/")
    assert done.returncode == 2, done.stderr
    return limits_of(done.stderr.replace("expected numbers from", "from"))


def scenario_says(folder, **changes):
    done = concbench("validate", write_scenario(folder, **changes))
    assert done.returncode == 2, done.stdout
    return limits_of(done.stderr.replace("times of 0 to", "from 0 to"))


def schema_says(part, key):
    known = SCHEMA[part]["properties"][key]
    return "|".join(known["enum"]) if "enum" in known else (known["minimum"], known["maximum"])


def test_the_tables_were_read():
    assert len(OPTIONS) >= 19 and len(PARAMETERS) >= 8


@pytest.mark.parametrize("task, key, flag", OPTIONS)
def test_an_option_is_the_runners_flag(tmp_path, task, key, flag):
    if key == "trace":
        return  # it has no value
    origin = {"bytes": 1} if task in ("http", "fan-out") else None
    is_text = "minimum" not in SCHEMA["options"]["properties"][key]
    said = scenario_says(tmp_path, task=task, origin=origin, options={key: "?" if is_text else -1})
    assert said == runner_says("--work-us" if key == "work_us" else flag), key
    if key != "sleep_list_ms":
        assert said == schema_says("options", key), key


@pytest.mark.parametrize("key", PARAMETERS)
def test_a_parameter_is_the_origins(tmp_path, origin, key):
    is_word = key == "fault"
    said = scenario_says(tmp_path, origin={"bytes": 1, key: "?" if is_word else -1})
    host, port = re.match(r"http://([^:]+):(\d+)", origin).groups()
    connection = http.client.HTTPConnection(host, int(port), timeout=300)
    connection.request("GET", f"/bytes/1?{key}=x")
    answer = connection.getresponse()
    assert answer.status == 400
    asked = limits_of(answer.read().decode())
    connection.close()
    assert said == (asked + "|refused" if is_word else asked), key
    assert said == schema_says("origin", key), key


@pytest.mark.parametrize("key", ["bytes", "delay_ms", "jitter_ms", "tail_ppm", "tail_ms"])
def test_the_numbers_of_the_origin_are_its_own(tmp_path, origin, key):
    said = scenario_says(tmp_path, origin={"bytes": 1, key: -1})
    host, port = re.match(r"http://([^:]+):(\d+)", origin).groups()
    connection = http.client.HTTPConnection(host, int(port), timeout=300)
    connection.request("GET", "/bytes/x" if key == "bytes" else f"/bytes/1?{key}=x")
    assert said == limits_of(connection.getresponse().read().decode()) == schema_says("origin", key)
    connection.close()


@pytest.mark.parametrize("key, flag", [
    ("requests", "--requests"), ("timeout_ms", "--timeout-ms"), ("addresses", "--addresses"), ("rate_per_s", "--rate")])
def test_the_load_is_the_runners(tmp_path, key, flag):
    said = scenario_says(tmp_path, load={"concurrency": [1], "requests": 8, key: -1})
    assert said == runner_says(flag) == schema_says("load", key)


def test_runners_in_python_have_the_same_ranges():
    """The other languages have the front's, which are ours."""
    rows = re.findall(r'add\((?:"-\w", )?"(--[a-z-]+)", type=whole\(([\d*-]+), ([\d* -]+)\)',
                      (SOURCE / "runners/external/contract.py").read_text())
    assert len(rows) >= 8
    for flag, low, high in rows:
        assert (int(low), 2**64 - 1 if "**" in high else int(high)) == runner_says(flag), flag


def test_the_contract_says_the_same():
    """Where the page of the contract gives a range, it is the one."""
    rows = re.findall(r"^\| (?:`-\w`, )?`(--[a-z-]+) [^`]*` \| (.*?) \|", (SOURCE / "docs/runner-contract.md").read_text(), re.M)
    told = {flag: re.search(r"\b(\d[\d,]*) to (\d[\d,]*)", text) for flag, text in rows}
    told = {flag: tuple(int(n.replace(",", "")) for n in found.groups()) for flag, found in told.items()
            if found and flag not in ("--sleep-ms", "--addresses")}
    assert len(told) >= 10
    for flag, limits in told.items():
        assert limits == runner_says(flag), flag


@functools.cache
def knobs_of(model):
    """The knobs that a runner notes in its document: those that mean something to it."""
    origin = subprocess.Popen([BIN / "concbench-origin", "--ready-fd", "1"], stdout=subprocess.PIPE, text=True)
    try:
        done = run_program(f"runner-{model}", "-n", 2, "--json", origin.stdout.readline().strip() + "/bytes/1")
    finally:
        origin.kill()
        origin.wait()
    assert done.returncode == 0, done.stderr
    names = {"switch_backend": "switch", "stack_guard": "guard"}
    return {names.get(name, name) for name in json.loads(done.stdout)["knobs"]}


@pytest.fixture(scope="module", name="swept")
def sweep_all(tmp_path_factory):
    """{knob: the models that a sweep of it runs with it, by their names in the plan}."""
    folder, models = tmp_path_factory.mktemp("sweeps"), [model for model in MODELS if not why_not(model)]
    values = {"switch": "ucontext", "guard": "canary", "stack_bytes": 65536, "buffer_bytes": 2048}

    def models_with(knob):
        done = concbench("run", write_scenario(folder, models=models, sweep={knob: [values[knob]]}), "--dry-run", "--json")
        assert done.returncode == 0, done.stderr
        names = {cell["model"] for cell in json.loads(done.stdout)["cells"]}
        assert {name.partition(".")[0] for name in names} == set(models)
        return {name.partition(".")[0] for name in names if "." in name}
    return {knob: models_with(knob) for knob in KNOBS}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_the_knobs_that_its_runner_has(swept, model):
    if why_not(model):
        pytest.skip(why_not(model))
    assert {knob for knob in KNOBS if model in swept[knob]} == knobs_of(model) & set(KNOBS)


def test_a_sweep_that_no_model_has_is_refused(tmp_path):
    done = concbench("run", write_scenario(tmp_path, models=["sequential"], sweep={"switch": ["ucontext"]}), "--dry-run")
    assert done.returncode == 2 and "none of the models has it" in done.stderr, done.stderr


def test_families_are_the_same_in_runners_readme_and_page():
    """A model that the README does not name has the family that its runner says."""
    table = re.search(r"\| family \| models \|\n\|---\|---\|\n((?:\|.*\n)+)", (SOURCE / "README.md").read_text())[1]
    told = {model: number for number, line in enumerate(table.splitlines()) for model in re.findall(r"`([a-z-]+)`", line)}
    text = (SOURCE / "report/draw/palette.c").read_text()
    names = dict(re.findall(r'\[(FAMILY_[A-Z]+)\] =\s*\{"([a-z]+)"', text))
    drawn = {model: names[family] for model, family in re.findall(r'\{"([a-z-]+)", (FAMILY_[A-Z]+),', text) if model != "null"}
    said = {model: json.loads(run_program(f"runner-{model}", "--describe").stdout)["family"]
            for model in told if (BIN / f"runner-{model}").exists()}
    assert told.keys() == drawn.keys() and set(told) <= set(MODELS) and len(said) >= 13
    assert said.items() <= drawn.items()
    pairs = {(told[model], drawn[model]) for model in told}
    assert len(pairs) == len(set(told.values())) == len(set(drawn.values())), pairs
