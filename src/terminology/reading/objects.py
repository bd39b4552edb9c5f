"""JSON in which every object knows its line: faults of a FHIR resource can be found again."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ..errors import ReleaseFormatError

STRUCTURE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\n]')


class Element(dict[str, Any]):
    """A JSON object with the line on which it begins."""

    line: int = 0

    def text(self, name: str) -> str | None:
        """Return a value that is a text with something in it, without blanks around it; None for anything else."""
        value = self.get(name)
        return value.strip() or None if isinstance(value, str) else None

    def items_of(self, name: str) -> list[Any]:
        """Return a value as a list: of one value a list of one, of none an empty one."""
        value = self.get(name)
        return value if isinstance(value, list) else [] if value is None else [value]


def json_document(text: str, file: str) -> Any:
    """Return the JSON document that a text holds, its objects as `Element`.

    Raises:
        ReleaseFormatError: The text is no JSON.

    >>> json_document('{"a": [\\n{}]}', "x.json").items_of("a")[0].line
    2
    """
    # the parser completes objects in the order of their closing brackets
    lines = iter(_opening_lines(text))

    def made(pairs: list[tuple[str, Any]]) -> Element:
        element = Element(pairs)
        element.line = next(lines, 0)
        return element

    def refused(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        return json.loads(text, object_pairs_hook=made, parse_constant=refused)
    except json.JSONDecodeError as error:
        raise ReleaseFormatError(
            f"expected JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    except (ValueError, RecursionError) as error:
        raise ReleaseFormatError(f"expected JSON: {error}", file=file) from None


def _opening_lines(text: str) -> list[int]:
    """Return the line of the opening bracket of each object, in the order in which the objects close."""
    found, opened, line = [], [], 1
    for token in STRUCTURE.finditer(text):
        mark = token.group()
        if mark == "\n":
            line += 1
        elif mark == "{":
            opened.append(line)
        elif mark == "}" and opened:
            found.append(opened.pop())
    return found
