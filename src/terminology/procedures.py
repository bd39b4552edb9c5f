"""ICD-10-PCS by its axes: what each character of a code means, which may follow, and why a code is none.

Pure functions over the tables of an edition (``edition.table("rows")`` and ``edition.table("axes")``). They come with
the tables in XML; a release without them borrows none, for another release's rows would allow other codes.

References:
    CMS, "ICD-10-PCS Reference Manual": a code is valid if one row of its table holds all of its last four values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from attrs import field, frozen

from .errors import TablesUnknownError, UnknownCodeError
from .model import Value
from .query import Edition, engine_of

if TYPE_CHECKING:
    import pyarrow as pa

LENGTH: Final = 7
TABLE: Final = 3
SHOWN: Final = 12


@frozen
class Axis(Value):
    """One character of a code: its position from 1 to 7, what the axis is called, the value, what it means."""

    SHAPE: ClassVar = "position title value label"

    position: int
    """Of the character in the code, from 1 to 7."""
    title: str
    """What the position stands for in this table: body part, approach …"""
    value: str
    """The character that is there."""
    label: str
    """What the character means."""


@frozen
class Row:
    """One row of a table: the labels of the values that it allows, by position and value."""

    number: int
    """Of the row in its table, counted from 1."""
    values: dict[int, dict[str, str]] = field(factory=dict)
    """By position, the characters that it allows, with their labels."""

    def holds(self, characters: str) -> bool:
        """Return whether the row allows the characters from position 4 on."""
        return all(value in self.values[place] for place, value in enumerate(characters, TABLE + 1))


def axes(edition: Edition, code: str) -> tuple[Axis, ...]:
    """Return what each character of a code, table or prefix means, in order.

    Where several rows of a table give a character of a prefix different meanings, all are named.

    Raises:
        TablesUnknownError: The release in force came without its tables.
        UnknownCodeError: The code is none by the tables; the message says why.

    >>> edition = store["icd10pcs"].release("2022-04")
    >>> [(axis.title, axis.label) for axis in axes(edition, "00160ZB")][-2:]
    [('Device', 'No Device'), ('Qualifier', 'Cerebral Cisterns')]
    """
    text = _cleaned(code)
    heads = _heads(edition)
    upper = _upper(heads, text)
    rows = _holding(edition, text)
    if not text or len(upper) != min(len(text), TABLE) or (len(text) > TABLE and not rows) or len(text) > LENGTH:
        raise UnknownCodeError(explanation(edition, code))
    titles = _titles(heads, text[:TABLE])
    lower = [
        Axis(place, titles[place], value, _joined(rows, place, value))
        for place, value in enumerate(text[TABLE:], TABLE + 1)
    ]
    return (*upper, *lower)


def allowed(edition: Edition, prefix: str) -> tuple[tuple[str, str], ...]:
    """Return the values that may follow, with what they mean, in the order of the tables; none after a whole code.

    Raises:
        TablesUnknownError: The release in force came without its tables.
        UnknownCodeError: No code begins like this; the message says why.

    >>> allowed(store["icd10pcs"].release("2022-04"), "00160Z")
    (('B', 'Cerebral Cisterns'),)
    """
    text = _cleaned(prefix)
    if text:
        axes(edition, text)
    place = len(text) + 1
    if place > LENGTH:
        return ()
    if place > TABLE:
        rows = _holding(edition, text)
        values = dict.fromkeys(value for row in rows for value in row.values[place])
        return tuple((value, _joined(rows, place, value)) for value in values)
    heads = _heads(edition)
    found: dict[str, str] = {}
    for table, own in heads.items():
        if table.startswith(text):
            found.setdefault(own[place - 1].value, own[place - 1].label)
    return tuple(found.items())


def next_title(edition: Edition, prefix: str) -> str | None:
    """Return what the axis after a prefix is called, or None after a whole code.

    Raises:
        TablesUnknownError: The release in force came without its tables.
    """
    text = _cleaned(prefix)
    heads = _heads(edition)
    if len(text) >= LENGTH:
        return None
    titles = next((_titles(heads, table) for table in heads if table.startswith(text[:TABLE])), {})
    return titles.get(len(text) + 1)


def explanation(edition: Edition, code: str) -> str:
    """Return why a code is valid, or is none, as a sentence.

    Raises:
        TablesUnknownError: The release in force came without its tables.

    >>> explanation(store["icd10pcs"].release("2022-04"), "00160Z0")
    'no row of table 001 holds 6-0-Z-0: after 00160Z only B (Cerebral Cisterns)'
    """
    text = _cleaned(code)
    if not text or len(text) > LENGTH or not text.isalnum() or set(text) & set("IO"):
        return f"{code!r} cannot be a code: seven digits and letters, without I and O"
    heads = _heads(edition)
    upper = _upper(heads, text)
    if len(upper) < min(len(text), TABLE):
        stem = text[: len(upper)]
        return f"no table begins with {text[: len(upper) + 1]}: {_after(edition, stem)}"
    values = "-".join(text[TABLE:])
    rows = _holding(edition, text) if len(text) > TABLE else []
    if len(text) < LENGTH and (rows or len(text) <= TABLE):
        return f"{text} is a beginning of codes, no code: {_after(edition, text)}"
    if rows:
        return f"row {rows[0].number} of table {text[:TABLE]} holds {values}"
    stem = next(text[:length] for length in range(len(text) - 1, TABLE - 1, -1) if _holding(edition, text[:length]))
    return f"no row of table {text[:TABLE]} holds {values}: {_after(edition, stem)}"


def _after(edition: Edition, stem: str) -> str:
    choices = [f"{value} ({label})" for value, label in allowed(edition, stem)]
    more = f" and {len(choices) - SHOWN} more" if len(choices) > SHOWN else ""
    place = f"after {stem}" if stem else "at first"
    return f"{place} only {', '.join(choices[:SHOWN])}{more}"


def _cleaned(code: str) -> str:
    return code.strip().upper()


@frozen
class _Tables:
    """The tables of a release, read once."""

    heads: dict[str, list[Axis]]
    """Of each table the axes: those of the table itself with what they mean, the others with their titles alone."""
    cells: pa.Table
    places: dict[str, list[int]]
    """Of each table its rows among the cells."""

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, in the publisher's order."""
        made: dict[int, Row] = {}
        chosen = self.places.get(table, ())
        for cell in self.cells.take(chosen).to_pylist() if chosen else ():
            row = made.setdefault(cell["row"], Row(cell["row"]))
            row.values.setdefault(cell["position"], {})[cell["value"]] = cell["label"]
        return list(made.values())


def _tables(edition: Edition) -> _Tables:
    as_of = engine_of(edition)
    if as_of.position < 0:
        # no release covers the day: the error says which would
        edition.table("axes")
    return as_of.system.keep(("tables of procedures", as_of.position), lambda: _read(edition))


def _read(edition: Edition) -> _Tables:
    heads: dict[str, list[Axis]] = {}
    for row in _table(edition, "axes").to_pylist():
        axis = Axis(row["position"], row["title"], row["value"], row["label"])
        heads.setdefault(row["table"], []).append(axis)
    cells = _table(edition, "rows")
    places: dict[str, list[int]] = {}
    for place, table in enumerate(cells.column("table").to_pylist()):
        places.setdefault(table, []).append(place)
    return _Tables(heads, cells, places)


def _table(edition: Edition, name: str) -> pa.Table:
    try:
        return edition.table(name)
    except KeyError:
        system = engine_of(edition).system
        having = [
            release.version for place, release in enumerate(system.releases) if name in set(system.archived(place))
        ]
        version = edition.release.version if edition.release else ""
        others = f"releases with tables: {', '.join(having)}" if having else "no loaded release has them"
        raise TablesUnknownError(
            f"the tables of {edition.system} {version} are not known: it was loaded without its tables XML ({others})"
        ) from None


def _heads(edition: Edition) -> dict[str, list[Axis]]:
    return _tables(edition).heads


def _upper(heads: dict[str, list[Axis]], text: str) -> tuple[Axis, ...]:
    """Return the axes of section, body system and operation, as far as tables begin like the text."""
    for length in range(min(len(text), TABLE), 0, -1):
        table = next((name for name in heads if name.startswith(text[:length])), None)
        if table is not None:
            return tuple(axis for axis in heads[table] if axis.position <= length)
    return ()


def _titles(heads: dict[str, list[Axis]], table: str) -> dict[int, str]:
    return {axis.position: axis.title for axis in heads.get(table, ())}


def _holding(edition: Edition, text: str) -> list[Row]:
    """Return the rows of the table that allow the characters after it, in the publisher's order."""
    if not TABLE <= len(text) <= LENGTH:
        return []
    return [row for row in _tables(edition).rows(text[:TABLE]) if row.holds(text[TABLE:])]


def _joined(rows: list[Row], place: int, value: str) -> str:
    return " / ".join(dict.fromkeys(row.values[place][value] for row in rows if value in row.values[place]))
