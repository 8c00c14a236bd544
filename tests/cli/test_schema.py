"""Everything the suite writes satisfies its schemas, and `concbench validate` agrees with a
real validator about what does not."""

import copy
import gzip
import json

import pytest
from jsonschema import Draft202012Validator

from conftest import MODELS, SOURCE, document_of
from cli_helpers import concbench, scenario, small_run  # noqa: F401 (a fixture)
from schemas import SCHEMAS, errors

UNDERSTOOD = {"$schema", "$id", "title", "$defs", "type", "enum", "const", "properties",
              "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
              "minimum", "maximum", "minLength", "maxLength", "pattern", "anyOf", "$ref", "description"}


def keywords(schema):
    """All keywords of a schema, those below included."""
    for key, value in schema.items():
        yield key
        if key in ("properties", "$defs"):
            for below in value.values():
                yield from keywords(below)
        elif key in ("anyOf", "prefixItems"):
            for below in value:
                yield from keywords(below)
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            yield from keywords(value)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schema_is_one_and_is_understood(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert set(keywords(SCHEMAS[name])) <= UNDERSTOOD


def test_results(small_run):
    results = json.loads((small_run / "results.json").read_text())
    assert errors("results", results) == []
    done = concbench("validate", small_run / "results.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("results.json: results, ok\n")


def test_journal(small_run):
    lines = (small_run / "trials.jsonl").read_text().splitlines()
    kinds = set()
    for line in lines:
        assert errors("journal", json.loads(line)) == []
        kinds.add(json.loads(line)["type"])
    assert kinds == {"header", "trial", "memory", "footer"}
    done = concbench("validate", small_run / "trials.jsonl")
    assert done.returncode == 0 and done.stdout.endswith("journal, ok\n")


def test_a_torn_journal_is_still_one(small_run, tmp_path):
    text = (small_run / "trials.jsonl").read_text()
    torn = tmp_path / "torn.jsonl"
    torn.write_text(text[:-20])
    assert concbench("validate", torn).returncode == 0
    lines = text.splitlines(keepends=True)
    torn.write_text(lines[0] + lines[1][:-20] + "\n" + lines[2])
    done = concbench("validate", torn)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", sorted((SOURCE / "results" / "sample").rglob("results.json")),
                         ids=str)
def test_committed_samples(path):
    assert errors("results", json.loads(path.read_text())) == []
    assert concbench("validate", path).returncode == 0


def test_a_file_of_the_first_days(tmp_path):
    path = tmp_path / "results.json"
    path.write_bytes(gzip.decompress((SOURCE / "tests" / "data" / "first-results.json.gz").read_bytes()))
    assert errors("results", json.loads(path.read_text())) == []
    assert concbench("validate", path).returncode == 0


@pytest.mark.parametrize("name", sorted(path.stem for path in (SOURCE / "scenarios").glob("*.json")))
def test_scenarios_of_the_tree(name):
    path = SOURCE / "scenarios" / (name + ".json")
    assert errors("scenario", json.loads(path.read_text())) == []
    done = concbench("validate", path)
    assert done.returncode == 0 and done.stdout == f"{path}: scenario, ok\n"


@pytest.mark.parametrize("model", MODELS)
def test_runner_document(model, origin, tmp_path):
    document = document_of("runner-" + model, "-n", 4, origin + "/bytes/10")
    assert errors("runner-document", document) == []
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document))
    assert concbench("validate", path).stdout.endswith("runner document, ok\n")
    document["ok"] -= 1
    path.write_text(json.dumps(document))
    assert concbench("validate", path).returncode == 2


def wrong_results(good):
    """(name, document) for many small ways to be wrong."""
    changes = {
        "no run": lambda d: d.pop("run"),
        "other version": lambda d: d.update(schema_version=2),
        "extra key": lambda d: d.update(extra=1),
        "run.seed text": lambda d: d["run"].update(seed="5"),
        "run.seed negative": lambda d: d["run"].update(seed=-1),
        "run.id path": lambda d: d["run"].update(id="../x"),
        "run.started": lambda d: d["run"].update(started="yesterday"),
        "preset": lambda d: d["run"].update(preset="slow"),
        "environment deep": lambda d: d["environment"].update(cpu={"x": {"y": 1}}),
        "warning id": lambda d: d["warnings"].append({"id": "X", "text": "", "where": ""}),
        "no scenarios name": lambda d: d["scenarios"][0].pop("name"),
        "models empty": lambda d: d["scenarios"][0].update(models=[]),
        "models many": lambda d: d["scenarios"][0].update(models=["m"] * 25),
        "form": lambda d: d["scenarios"][0]["verdict"].update(form="best"),
        "status": lambda d: d["cells"][0].update(status="fine"),
        "summary text": lambda d: d["cells"][0].update(summary="none"),
        "metric gone": lambda d: d["cells"][0]["summary"].pop("wall_ns"),
        "metric n": lambda d: d["cells"][0]["summary"]["wall_ns"].update(n=1.5),
        "bound": lambda d: d["cells"][0]["summary"].update(bound="x"),
        "spectrum pair": lambda d: d["cells"][0]["summary"]["latency_ns"].update(
            spectrum=[[0.5]]),
        "spectrum range": lambda d: d["cells"][0]["summary"]["latency_ns"].update(
            spectrum=[[1.5, 1]]),
        "trial valid": lambda d: d["cells"][0]["trials"][0].update(valid=1),
        "trial class": lambda d: d["cells"][0]["trials"][0].update(
            invalid_reason={"class": "bad luck", "text": ""}),
        "document key": lambda d: d["cells"][0]["trials"][0]["document"].update(x=1),
        "document class": lambda d: d["cells"][0]["trials"][0]["document"]["failed"].update(
            cosmic=1),
        "row metric": lambda d: d["comparisons"][0].update(metric="beauty"),
        "row coverage": lambda d: d["comparisons"][0].update(coverage=95),
    }
    for name, change in changes.items():
        document = copy.deepcopy(good)
        change(document)
        yield name, document


def test_validate_and_a_real_validator_agree(small_run, tmp_path):
    good = json.loads((small_run / "results.json").read_text())
    path = tmp_path / "results.json"
    for name, document in wrong_results(good):
        assert errors("results", document), name
        path.write_text(json.dumps(document))
        done = concbench("validate", path)
        assert done.returncode == 2, name
        assert done.stderr.count("\n") == 1 and "invalid results" in done.stderr, name
        assert done.stdout == "", name


def test_what_a_schema_cannot_say(small_run, tmp_path):
    good = json.loads((small_run / "results.json").read_text())
    path = tmp_path / "results.json"
    for change in (lambda d: d["cells"][0].update(scenario="another"),
                   lambda d: d["comparisons"][0].update(model="another"),
                   lambda d: d["cells"][0]["trials"][0]["document"].update(ok=1),
                   lambda d: d["cells"][0]["trials"][0]["document"].update(overflow=1)):
        document = copy.deepcopy(good)
        change(document)
        assert errors("results", document) == []
        path.write_text(json.dumps(document))
        assert concbench("validate", path).returncode == 2


def test_scenario_schema_agrees_with_the_reader(tmp_path):
    path = tmp_path / "s.json"
    for changes in ({"models": []}, {"title": ""}, {"title": None}, {"task": "ftp"},
                    {"origin": {}}, {"origin": {"bytes": -1}}, {"placement": "x"},
                    {"load": {"concurrency": [], "requests": 1}}, {"extra": 1},
                    {"limits": {"trial_seconds": 0}}, {"quick": []}, {"quick": {"extra": 1}}):
        made = scenario(**changes)
        assert errors("scenario", made), changes
        path.write_text(json.dumps(made))
        assert concbench("validate", path).returncode == 2, changes
