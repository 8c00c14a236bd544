"""The suite's JSON Schemas under a validator nobody here wrote."""

import json

from jsonschema import Draft202012Validator, RefResolver

from conftest import SOURCE

FOLDER = SOURCE / "results" / "schema"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


def validator(name):
    """A validator for results/schema/NAME.schema.json, other files found beside it."""
    schema = SCHEMAS[name + ".schema.json"]
    return Draft202012Validator(
        schema, resolver=RefResolver(name + ".schema.json", schema, SCHEMAS))


def errors(name, document):
    return [f"{e.json_path}: {e.message[:200]}" for e in validator(name).iter_errors(document)]
