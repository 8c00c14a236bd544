"""--cpus: how many of its CPUs a runner uses, in every model."""

import json
import os

import jsonschema
import pytest
from conftest import MODELS, SOURCE, WITHOUT_LIBCURL, document_of, run_program, why_not

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
CPUS = len(os.sched_getaffinity(0))


def cpu_task(model, *args):
    c = 1 if model == "sequential" else 4
    return document_of(f"runner-{model}", "--task", "cpu", "--work", 1000, "-n", 8, "-c", c, *args)


@pytest.mark.parametrize("model", [m for m in MODELS if m not in WITHOUT_LIBCURL])
def test_it_is_a_knob_where_it_is_given(model):
    restricted, plain = cpu_task(model, "--cpus", 1), cpu_task(model)
    jsonschema.validate(restricted, SCHEMA)
    assert restricted["ok"] == plain["ok"] == 8
    assert restricted["knobs"]["cpus"] == 1
    assert "cpus" not in plain["knobs"]


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_also_without_libcurl(origin, model):
    if why_not(model):
        pytest.skip(why_not(model))
    document = document_of(f"runner-{model}", "--cpus", 1, "-n", 4, "-c", 2, origin + "/bytes/10")
    assert (document["ok"], document["knobs"]["cpus"]) == (4, 1)


@pytest.mark.parametrize("args", [[], ["--probe"]])
def test_more_than_there_are(args):
    done = run_program("runner-threads", "--task", "none", "--cpus", CPUS + 1, *args)
    assert done.returncode == 3
    assert done.stderr == f"runner-threads: --cpus {CPUS + 1}: this process may use only {CPUS}\n"


@pytest.mark.parametrize("model", ["coroutine-threads", "process-loops"])
def test_a_loop_per_cpu_means_these(model):
    document = cpu_task(model, "--cpus", 1)
    assert (document["units_created"], document["knobs"]["loops"]) == (4, 1)
    assert cpu_task(model)["knobs"]["loops"] == min(4, CPUS)
