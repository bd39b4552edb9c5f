"""A code list as JSON: a list of entries, an object with them, or a FHIR ValueSet. Every value knows its place."""

from __future__ import annotations

import json
from json import decoder, scanner
from typing import Any, Final

from attrs import evolve

from ..errors import ReleaseFormatError
from ..reading import Faults
from .entries import Entry, remark
from .plain import HEAD, Head, definition_of, entry_from, head_from

KEYS: Final = (*HEAD, "entries", "excluding")


class Text(str):
    """A JSON string with the line and the column of its first character."""

    __slots__ = ("column", "line")
    line: int
    column: int


class Object(dict[str, Any]):
    """A JSON object with the line and the column of its bracket."""

    line: int = 1
    column: int = 1


class _Placing(json.JSONDecoder):
    """Reads JSON with the standard library's own scanner, and notes where strings and objects begin."""

    def __init__(self, text: str) -> None:
        super().__init__(parse_constant=_refused)
        self._starts = [0, *(place + 1 for place, character in enumerate(text) if character == "\n")]
        self.parse_string = self._string
        self.parse_object = self._object
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def _place(self, offset: int) -> tuple[int, int]:
        from bisect import bisect_right

        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def _string(self, text: str, end: int, strict: bool) -> tuple[Text, int]:  # noqa: FBT001 -- the scanner's call
        value, after = decoder.scanstring(text, end, strict)  # type: ignore[attr-defined]
        placed = Text(value)
        placed.line, placed.column = self._place(end)
        return placed, after

    def _object(self, start: tuple[str, int], *rest: Any) -> tuple[Object, int]:
        value, after = decoder.JSONObject(start, *rest)  # type: ignore[attr-defined]
        placed = Object(value)
        placed.line, placed.column = self._place(start[1] - 1)
        return placed, after


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def document(text: str, file: str) -> Any:
    """Return the JSON document, its strings as `Text`, its objects as `Object`.

    Raises:
        ReleaseFormatError: The text is no JSON.

    >>> found = document('["E11.9",\\n "E11.65"]', "x.json")
    >>> found[1].line, found[1].column
    (2, 3)
    """
    try:
        return _Placing(text).decode(text)
    except json.JSONDecodeError as error:
        message = f"expected JSON: {error.msg}"
        raise ReleaseFormatError(message, file=file, line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError) as error:
        raise ReleaseFormatError(f"expected JSON: {error}", file=file) from None


def read_document(
    text: str, file: str, faults: Faults, system: str | None = None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, form (json or fhir) and warnings; faults are noted.

    Raises:
        ReleaseFormatError: The text is no JSON.
    """
    found = document(text, file)
    if isinstance(found, Object) and "resourceType" in found:
        from .value_sets import read_value_set

        return read_value_set(found, faults, system)
    head, entries = _read_list(found, faults, system)
    return head, entries, "json", ()


def _read_list(found: Any, faults: Faults, system: str | None) -> tuple[Head, list[Entry]]:
    if isinstance(found, list):
        found = Object(entries=found)
    if not isinstance(found, Object):
        faults.add("expected a list of entries, or an object with entries", line=1, column=1)
        return Head(), []
    for key in found:
        if key not in KEYS:
            faults.add(f"expected one of {', '.join(KEYS)}, got {key!r}", line=found.line, column=key)
    head = head_from(_head_values(found, faults), faults)
    definition = definition_of(system or head.system)
    entries = []
    for key in ("entries", "excluding"):
        items = found.get(key, [])
        if not isinstance(items, list):
            faults.add(f"expected a list for {key}, got {items!r}", line=found.line, column=key)
            continue
        for number, item in enumerate(items, 1):
            entry = _entry(item, f"{key}[{number}]", found.line, faults, definition)
            if entry:
                entries.append(evolve(entry, excluding=entry.excluding or key == "excluding"))
    return head, entries


def _head_values(found: Object, faults: Faults) -> dict[str, tuple[str, int]]:
    values: dict[str, tuple[str, int]] = {}
    for key in HEAD:
        value = found.get(key)
        if isinstance(value, Text) and value.strip():
            values[key] = (str(value).strip(), value.line)
        elif value is not None:
            faults.add(f"expected a text for {key}, got {value!r}", line=found.line, column=key)
    return values


def _entry(item: Any, place: str, line: int, faults: Faults, definition: Any) -> Entry | None:
    written, remarks = item, Object()
    if isinstance(item, Object):
        remarks, written = item, item.get("entry", item.get("code"))
    if not isinstance(written, Text):
        faults.add(f"expected an entry as text, got {item!r}", line=getattr(item, "line", line), column=place)
        return None
    entry = entry_from(str(written), written.line, faults, definition, written.column)
    if entry is None:
        return None
    label, comment = (_remark(remarks.get(name)) for name in ("label", "comment"))
    return evolve(entry, label=label or entry.label, comment=comment or entry.comment, column=written.column)


def _remark(value: Any) -> str | None:
    return remark(value) if isinstance(value, str) else None
