"""The one door through which texts leave the process, and the licences that the operator declares.

Inside a Python process answers always carry their texts, with the publisher's notice in ``release.licence``. A face
that sends answers away (command line, server, report, export) passes each through `outgoing`. Where nobody declared
the licence of the system it lets pass what is *listed* here as a fact: codes, statuses, days, numbers, names of files.
Everything else is blanked, whatever it is called: a field, a key or a column that somebody adds tomorrow stays in the
process until it is put on the list.

Sentences of ours (a reason, a warning, the message of an error) quote foreign words only between quotation marks;
`unquoted` takes out what stands between them and is neither code, number nor date.

An operator declares licences with ``TERMINOLOGY_LICENCES=cpt,icd10`` or ``terminology.open(licences=("cpt",))``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar, cast, runtime_checkable

from attrs import evolve, fields, has

from .errors import ReleaseFormatError
from .model import Concept, Notes, Release
from .systems import SYSTEMS, SystemDefinition, names_of
from .systems import declared_licences as declared_licences  # noqa: PLC0414 -- a public name of this module

if TYPE_CHECKING:
    import pyarrow as pa

WITHHELD: Final = "text_withheld"
FACTS: Final = frozenset(
    {
        # codes
        *("code", "codes", "parent", "parent_before", "chapter", "suggestion", "suggestions", "declared_at", "targets"),
        *("predecessors", "successors", "split_off", "from", "to", "from_codes", "to_codes", "becomes", "unmatched"),
        *("source_code", "source_codes", "target_code", "target_codes", "with_codes", "successor_of", "manifestation"),
        *("category", "alternatives", "together"),
        # what they are
        *("status", "kind", "relationship", "outcome", "fate", "change", "action", "role", "property", "aspect"),
        *("rule", "rules", "matched", "borrowed"),
        *("changed", "reactivated", "index"),
        # where and when
        *("system", "source_system", "target_system", "other_systems", "version", "release", "effective", "crosswalk"),
        *("effective_from", "effective_to", "day", "date", "since", "file", "files", "sha256", "licence", "notice"),
        WITHHELD,
    }
)
"""Names of fields, keys and columns whose texts are facts."""
SENTENCES: Final = frozenset({"reason", "why", "message", "warnings", "remarks", "absence", "problem"})
"""Names of those that are sentences of ours."""
# compiled when they are first used: opening a store must not pay for them
QUOTED: Final = r"""(?<![0-9A-Za-z])(["'])((?:[^\\]|\\.)*?)(?:\1(?![0-9A-Za-z])|$)"""
PLAIN_FACT: Final = r"(?=.*[0-9])[0-9A-Za-z.:/+_-]{1,12}|[0-9A-Z]{0,3}"
"""A code, a number, a day: short, without blanks, with a digit in it; or up to three capitals."""

COLUMN: Final = r"[\w.@#\[\]-]{1,32}"
"""The name of a field as a format gives it."""

Answer = TypeVar("Answer")


@runtime_checkable
class Textual(Protocol):
    """A value that knows better than this list which of its texts are the publisher's."""

    def without_texts(self, open_properties: Iterable[str] = ()) -> Self:
        """Return the value without the publisher's words."""
        ...


def may_show(definition: SystemDefinition, declared: Iterable[str]) -> bool:
    """Return whether texts of the system may leave the process.

    >>> from terminology.systems import SYSTEMS
    >>> may_show(SYSTEMS["icd10cm"], ()), may_show(SYSTEMS["cpt"], ()), may_show(SYSTEMS["cpt"], ("cpt",))
    (True, False, True)
    """
    return not definition.licensed or definition.name in frozenset(declared)


def needs_licence(text: str, declared: Iterable[str]) -> bool:
    """Return whether a text speaks of a licensed system, by any of its names, whose licence is not declared.

    >>> needs_licence('{"url": "http://www.ama-assn.org/go/cpt"}', ()), needs_licence("ICD-10-CM 2024", ())
    (True, False)
    >>> needs_licence('{"url": "http:\\\\/\\\\/www.ama-assn.org\\\\/go\\\\/cpt"}', ())
    True
    """
    licensed = [one for one in SYSTEMS.values() if not may_show(one, declared)]
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text).replace("\\/", "/").lower()
    names = {name for one in licensed for name in names_of(one) if not name.isdigit()}
    # most texts hold none: to look for each is faster by far than to look for any of them at every place
    held = [re.escape(name) for name in sorted(names) if name in text]
    return bool(held) and re.search(rf"(?<![\w-])(?:{'|'.join(held)})(?![\w-])", text) is not None


def licence_notice(definition: SystemDefinition, release: Release | None) -> str | None:
    """Return the notice to be shown with answers of a licensed system, as one line; None for the others.

    The publisher's own words where its files carry them; the whole of them is in ``release.licence``.
    """
    if not definition.licensed:
        return None
    words = next((line.strip() for line in (release.licence or "").splitlines() if line.strip()), "") if release else ""
    return words or f"{definition.title} is licensed by its publisher: its texts are for holders of a licence only"


def outgoing(answer: Answer, definition: SystemDefinition, declared: Iterable[str]) -> Answer:
    """Return the answer as it may leave the process: whole, or without texts and marked ``text_withheld``.

    Args:
        answer: A value, a JSON object in the shape of any answer, a list of such, or a table.
        definition: Of the system that the answer is of.
        declared: Short names of the systems whose licence is declared.
    """
    if may_show(definition, declared):
        return answer
    door = _Door(frozenset(definition.open_properties))
    if isinstance(answer, Concept):
        return cast("Answer", evolve(door.value(answer), properties={**door.open(answer.properties), WITHHELD: True}))
    if isinstance(answer, Mapping):
        return cast("Answer", {**door.mapping(answer), WITHHELD: True})
    return cast("Answer", door.passed(answer, ""))


class _Door:
    """Lets facts pass, at any depth."""

    def __init__(self, open_properties: frozenset[str]) -> None:
        self.open_properties = open_properties

    def passed(self, value: Any, name: str, *, blank: str | None = None) -> Any:
        """Return a value under a name: itself where it is a fact, else without its texts."""
        if value is None or isinstance(value, bool | int | float | datetime.date | Enum | SystemDefinition):
            return value
        if isinstance(value, str):
            return self.text(value, name, blank)
        if name in ("properties", "detail") and isinstance(value, Mapping):
            return self.open(value) if name == "properties" else self.detail(value)
        if isinstance(value, Textual):
            return value.without_texts(self.open_properties)
        if has(type(value)):
            return self.value(value)
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, Notes):
            return Notes(tuple(self.value(note) for note in value), known=value.known)
        if isinstance(value, list | tuple):
            passed = [self.passed(item, name, blank=blank) for item in value]
            # a list of texts that may not pass is empty: how many there are says nothing
            kept = [item for item, was in zip(passed, value, strict=True) if item or item == was]
            return tuple(kept) if isinstance(value, tuple) else kept
        if type(value).__module__.partition(".")[0] == "pyarrow" and hasattr(value, "column_names"):
            return _blanked_table(value, FACTS | self.open_properties)
        return blank

    def text(self, value: str, name: str, blank: str | None) -> str | None:
        """Return a text under a name."""
        if name in FACTS:
            return value
        return unquoted(value) if name in SENTENCES else blank

    def open(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the properties that are facts of the system."""
        return {name: value for name, value in properties.items() if name in self.open_properties}

    def detail(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a row of a map says besides: its names are the publisher's, so a fact must look like one too."""
        passed = {name: self.passed(value, name) for name, value in values.items() if re.fullmatch(COLUMN, name)}
        return {name: value if _is_plain(value) else None for name, value in passed.items()}

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a JSON object; a title is empty rather than null."""
        return {name: self.passed(value, name, blank="" if name == "title" else None) for name, value in values.items()}

    def value(self, value: Any) -> Any:
        """Return a value with its fields; a text that cannot be None is empty."""
        changed = {}
        for one in fields(type(value)):
            if one.init:
                was = getattr(value, one.name)
                passed = self.passed(was, one.name, blank=None if "None" in str(one.type) else "")
                if passed is not was:
                    changed[one.alias] = passed
        return evolve(value, **changed) if changed else value


def _is_plain(value: Any) -> bool:
    """Return whether every text in a value is a code, a number or a day."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, Mapping):
        return all(map(_is_plain, (*value, *value.values())))
    return not isinstance(value, str) or re.fullmatch(PLAIN_FACT, value) is not None


def unquoted(sentence: str) -> str:
    """Return a sentence of ours without the foreign words that it quotes.

    >>> unquoted("expected a code, got 'Invented service, first level' in column '2'")
    "expected a code, got '…' in column '2'"
    """
    blank = re.compile(QUOTED, re.DOTALL)
    return blank.sub(
        lambda found: found[0] if re.fullmatch(PLAIN_FACT, found[2]) else f"{found[1]}…{found[1]}", sentence
    )


def outgoing_error(error: ReleaseFormatError) -> ReleaseFormatError:
    """Return the error of a file of a licensed system as it may leave the process: without what it quotes."""
    column = "…" if isinstance(error.column, str) and not re.fullmatch(COLUMN, error.column) else error.column
    found = ReleaseFormatError(unquoted(error.message), file=error.file, line=error.line, column=column)
    found.acceptable_lines = error.acceptable_lines
    return found


def _blanked_table(table: pa.Table, facts: frozenset[str]) -> pa.Table:
    """Return the table with nulls (empty texts) for texts that are no facts, and a column that says so."""
    import pyarrow as pa

    for position, field in enumerate(table.schema):
        is_plain = pa.types.is_primitive(field.type) or pa.types.is_null(field.type)
        if field.name in facts or is_plain:
            continue
        blank = pa.nulls(table.num_rows, field.type) if field.nullable else _empty(table.num_rows, field.type)
        table = table.set_column(position, field, blank)
    if WITHHELD in table.column_names:
        return table
    return table.append_column(WITHHELD, pa.array([True] * table.num_rows, pa.bool_()))


def _empty(rows: int, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    empty: Any = [] if pa.types.is_nested(kind) else ""
    return pa.array([empty] * rows, kind)
