"""Rows of the table ``mappings``, and what readers share: codes and systems as maps name them, columns, digests."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema
from terminology.groupings import named_grouping
from terminology.systems import SYSTEMS, named

if TYPE_CHECKING:
    import pyarrow as pa


SHOWN: Final = 5

BATCH: Final = 2**16
"""At most this many alternatives become columns at a time."""


@frozen
class MappingRow:
    """One row: codes used together, what they map to, and where the publication says so."""

    source_code: str | None
    target_codes: tuple[str, ...] | None
    line: int | None = None
    source: int = 0
    effective: datetime.date | None = None
    change: str | None = None
    relationship: str = "related-to"
    approximate: bool | None = None
    with_codes: tuple[str, ...] = ()
    detail: Mapping[str, Any] | None = None


def mention(
    source_code: str | None,
    meaning: str,
    said: str | None = None,
    *,
    target_codes: tuple[str, ...] | None = None,
    **place: Any,
) -> MappingRow:
    """Return a row of the table ``mentions``: what a publication says of a code, and leads to no code.

    Args:
        source_code: The code; None where it is new, and among the targets.
        meaning: What the publication does, to follow its name: "names a range of codes, which is not written out".
        said: The publisher's words.
        target_codes: Codes on the other side that no way leads to.
        place: Line, source, and first day.

    >>> mention("A40.8", "leads to a block, which has no code", "Sepsis", line=3).detail
    {'meaning': 'leads to a block, which has no code', 'said': 'Sepsis'}
    """
    return MappingRow(source_code, target_codes, detail={"meaning": meaning, "said": said}, **place)


def mappings_table(alternatives: Iterable[MappingRow]) -> pa.Table:
    """Return the rows as the table ``mappings`` of a crosswalk, in their order.

    >>> mappings_table([MappingRow("C9014", ("J0567",), change="deleted")]).column("target_codes").to_pylist()
    [['J0567']]
    """
    import pyarrow as pa

    layout = schema.mappings()
    pieces = []
    given = iter(alternatives)
    while batch := list(itertools.islice(given, BATCH)):
        columns: dict[str, list[Any]] = {
            name: [getattr(one, name) for one in batch] for name in layout.names if name != "detail"
        }
        columns["detail"] = [json_text(one.detail) for one in batch]
        pieces.append(pa.table(columns, schema=layout))
    return pa.concat_tables(pieces) if pieces else layout.empty_table()


def dated_from(mappings: pa.Table, effective: datetime.date) -> pa.Table:
    """Return a table ``mappings`` in which rows without a day have this one."""
    import pyarrow as pa

    days = [day or effective for day in mappings.column("effective").to_pylist()]
    place = mappings.schema.get_field_index("effective")
    return mappings.set_column(place, mappings.schema.field(place), pa.array(days, pa.date32()))


def json_text(detail: Mapping[str, Any] | None) -> str | None:
    """Return published particulars as JSON; None where there are none.

    >>> json_text({"text": "Ménière", "note": None}), json_text({"note": None})
    ('{"text": "Ménière"}', None)
    """
    stated = {name: value for name, value in (detail or {}).items() if value is not None}
    return json.dumps(stated, ensure_ascii=False) if stated else None


def row_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> pa.Table:
    """Return rows as a table of these columns, empty or not."""
    import pyarrow as pa

    values: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in columns}
    return pa.table(values, schema=pa.schema(list(columns.items())))


def row_digest(rows: Iterable[Any]) -> str:
    """Return a digest of rows, wherever in which file."""
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def listed(texts: Sequence[str]) -> str:
    """Return the first of several texts as one.

    >>> listed(["A00", "A01"]), listed(list("ABCDEF"))
    ('A00, A01', 'A, B, C, D, E …')
    """
    return ", ".join(texts[:SHOWN]) + (" …" if len(texts) > SHOWN else "")


SHORT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")


def built_in_system(text: str) -> str | None:
    """Return the short name of the built-in code system or grouping that is known by this name, URI, OID or alias, or None.

    >>> built_in_system("http://hl7.org/fhir/sid/icd-10-cm"), built_in_system("https://example.org/colours")
    ('icd10cm', None)
    """
    found = named(text) or named_grouping(text)
    return found.name if found else None


def short_name(uri: str) -> str | None:
    """Return the short name that the end of a URI makes, as a list of codes of that URI would get it; or None.

    >>> short_name("https://example.org/codes/Clinic-Codes/"), short_name("urn:oid:1.2.3")
    ('cliniccodes', None)
    """
    ending = re.split(r"[/#:]", uri.strip().rstrip("/#"))[-1]
    name = re.sub(r"[^a-z0-9]", "", ending.lower())
    return name if SHORT_NAME.fullmatch(name) else None


def official_code(system: str, text: str) -> str | None:
    """Return a code in official form, or None where it cannot be one; of systems that are not built in as written.

    >>> official_code("icd10cm", "e119"), official_code("icd10cm", "high fever"), official_code("clinic", " Fever ")
    ('E11.9', None, 'Fever')
    """
    definition = SYSTEMS.get(system)
    return definition.official(text) if definition else text.strip() or None
