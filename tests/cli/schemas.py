"""The suite's JSON Schemas under a validator nobody here wrote."""

import json

import jsonschema

from conftest import SOURCE

FOLDER = SOURCE / "results" / "schema"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


def validator(name):
    """A validator for results/schema/NAME.schema.json, other files found beside it."""
    name += ".schema.json"
    try:
        from referencing import Registry, Resource
    except ImportError:  # jsonschema before 4.18, as in Debian 12
        resolver = jsonschema.RefResolver(name, SCHEMAS[name], SCHEMAS)
        return jsonschema.Draft202012Validator(SCHEMAS[name], resolver=resolver)
    files = [(file, Resource.from_contents(schema)) for file, schema in SCHEMAS.items()]
    return jsonschema.Draft202012Validator({"$ref": name}, registry=Registry().with_resources(files))


def errors(name, document):
    return [f"{e.json_path}: {e.message[:200]}" for e in validator(name).iter_errors(document)]
