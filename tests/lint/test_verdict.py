"""The classes of a verdict's reasons and caveats are the same in the schema, in the table of sentences and in the documentation."""

import json
import re

import pytest

from conftest import SOURCE

VERDICT = json.loads((SOURCE / "results/schema/results.schema.json").read_text())["properties"]["scenarios"]["items"]["properties"]["verdict"]
SILENT = {"one-model", "few-blocks"}  # of descriptive: its caveat says both


def classes(key):
    return VERDICT["properties"][key]["items"]["properties"]["class"]["enum"]


@pytest.mark.parametrize("name", classes("reasons") + classes("caveats"))
def test_a_class_has_its_sentence_and_is_documented(name):
    table = (SOURCE / "analysis/words/sentences.c").read_text()
    assert (f'{{"{name}",' in table) == (name not in SILENT)
    assert f"`{name}`" in (SOURCE / "docs/results.md").read_text()


def test_every_class_that_is_given_is_in_the_schema():
    known = set(classes("reasons") + classes("caveats"))
    given = set()
    for name in ("obstacles", "caveat", "verdict"):
        source = (SOURCE / f"analysis/{name}.c").read_text()
        given |= set(re.findall(r'(?:about|of_class|add_class)\([^"()]*"([a-z-]+)"|"class", "([a-z-]+)"', source))
    given = {one or other for one, other in given}
    assert {"invalid-trials", "few-blocks", "noise-control", "no-cell"} <= given <= known


def test_every_key_of_a_verdict_is_documented():
    section = (SOURCE / "docs/results.md").read_text().split("### verdict\n")[1].split("\n### ")[0]
    assert [key for key in VERDICT["properties"] if f"`{key}`" not in section] == []
