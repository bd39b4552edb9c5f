"""The shapes of all answers in JSON, as JSON Schema (draft 2020-12): one file, from which each schema is cut."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ..errors import TerminologyError, suggestion

FILE: Final = "answers.json"
REFERENCE: Final = re.compile(r'"#/\$defs/(\w+)"')
PRINTED_BY: Final = "x-printed-by"
"""Key of a definition that is a whole answer: the commands that print it."""


@cache
def definitions() -> dict[str, Any]:
    """Return all definitions by name: whole answers first, then what they are put together of.

    >>> list(definitions())[:3]
    ['status', 'explanation', 'lookup']
    """
    found: dict[str, Any] = json.loads(files(__name__).joinpath(FILE).read_text(encoding="utf-8"))["$defs"]
    return found


def answer_names() -> tuple[str, ...]:
    """Return the names of whole answers, in the order of the documentation.

    >>> "lookup" in answer_names(), "source" in answer_names()
    (True, False)
    """
    return tuple(name for name, definition in definitions().items() if PRINTED_BY in definition)


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of an answer, or of a value in one. It needs no other file.

    An object may have no other keys than those that are listed: the schema is that of this version, and a later one may
    have more.

    Args:
        name: Of the answer (`answer_names`), or of any of the definitions.

    Raises:
        TerminologyError: There is none of this name.

    >>> schema = json_schema("subsumes")
    >>> schema["$schema"], schema["$ref"], list(schema["$defs"])
    ('https://json-schema.org/draft/2020-12/schema', '#/$defs/subsumes', ['subsumes'])
    """
    held = definitions()
    if name not in held:
        raise TerminologyError(f"no answer is called {name!r}{suggestion(name, held)}")
    needed = {name: held[name]}
    left = [name]
    while left:
        for other in REFERENCE.findall(json.dumps(held[left.pop()])):
            if other not in needed:
                needed[other] = held[other]
                left.append(other)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "$ref": f"#/$defs/{name}",
        "$defs": needed,
    }
