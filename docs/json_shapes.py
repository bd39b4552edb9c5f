"""The page of the shapes in JSON, made of the schema that the package carries.

    python docs/json_shapes.py     write docs/reference/json.md

A test makes sure that the committed page is the one that this script makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from terminology.schemas import PRINTED_BY, definitions

PAGE = Path(__file__).parent / "reference" / "json.md"
HEAD = """\
# Answers in JSON

% Made by docs/json_shapes.py of src/terminology/schemas/answers.json: change that file, not this one.

What each command prints with `--json`, key by key.
The values have the same shape in Python: it is what their `to_dict()` returns.

Every shape is published as [JSON Schema](https://json-schema.org/), draft 2020-12.
The command `terminology schema` prints it, so a program can check what it reads:

```shell
terminology schema lookup > lookup.schema.json
terminology lookup icd10cm E11.9 --json > answer.json
check-jsonschema --schemafile lookup.schema.json answer.json
```

In Python the schemas are in the module `terminology.schemas`:

```{doctest}
>>> from terminology.schemas import answer_names, json_schema
>>> answer_names()[:3]
('status', 'explanation', 'lookup')
>>> json_schema("subsumes")["$defs"]["subsumes"]["properties"]["outcome"]["enum"]
['equivalent', 'subsumes', 'subsumed-by', 'not-subsumed']
```

What may change in a later version is said under {ref}`promise-json`.
In short: keys are added, and never change.
So a program should ignore keys that it does not know.
The schema is that of one version, and allows no others: check an answer with the schema of the program that gave it.

Days are written `2024-03-01`.
A key whose type ends in "or null" is always there.
Keys that are left out where there is nothing to say are marked *optional*.
"""


def page_of(held: dict[str, Any]) -> str:
    """Return the page: whole answers, then the values that they are put together of."""
    answers = {name: one for name, one in held.items() if PRINTED_BY in one}
    values = {name: one for name, one in held.items() if PRINTED_BY not in one}
    lines = [HEAD, "", "## Answers", ""]
    for name, one in answers.items():
        lines += _section(name, one)
    lines += ["", "## Values in answers", ""]
    for name, one in sorted(values.items()):
        lines += _section(name, one)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(name: str, one: dict[str, Any]) -> Iterator[str]:
    yield f"\n(json-{name})=\n### `{name}`\n"
    if PRINTED_BY in one:
        yield f"Printed by {', '.join(f'`{command}`' for command in one[PRINTED_BY])}.\n"
    yield f"{one['description']}\n"
    if one["type"] == "array":
        yield f"A list of {_type(one['items'])}.\n"
    elif "enum" in one:
        yield f"One of {', '.join(f'`{value}`' for value in one['enum'])}.\n"
    if "properties" in one:
        yield "| key | type | meaning |\n|---|---|---|"
        for key, about in one["properties"].items():
            optional = "" if key in one["required"] else ", *optional*"
            yield f"| `{key}` | {_type(about)}{optional} | {about['description']} |"
        yield ""


NAMES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def _type(one: dict[str, Any]) -> str:
    """Return a type as people read it, with links to the shapes of objects."""
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return f"{{ref}}`{name} <json-{name}>`"
    if "anyOf" in one:
        return " or ".join(_type(other) for other in one["anyOf"])
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    kinds = [one["type"]] if isinstance(one.get("type"), str) else one.get("type", [])
    words = [_kind(kind, one) for kind in kinds]
    return " or ".join(words) or "anything"


def _kind(kind: str, one: dict[str, Any]) -> str:
    if kind == "array":
        return f"list of {_type(one['items'])}"
    if kind == "object":
        inner = one.get("additionalProperties", True)
        return f"object, each value {_type(inner)}" if isinstance(inner, dict) and inner else "object"
    return (
        {"date": "day", "date-time": "moment"}.get(one.get("format", ""), NAMES[kind])
        if kind == "string"
        else NAMES[kind]
    )


if __name__ == "__main__":
    PAGE.write_text(page_of(definitions()), encoding="utf-8")
