"""Files as parts: ClaML and the text files, the same way for ICD-10 and ICD-10-GM."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from attrs import evolve

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, lines_of
from terminology.reading.dates import year_in
from terminology.systems import SystemDefinition

from ..claml import Document, read_claml
from .assembly import FIRST_YEAR, name_year
from .claml_tables import claml_tables
from .codes import code_rows
from .encoding import text_of
from .layouts import layout_of
from .metadata import block_rows, chapter_rows

if TYPE_CHECKING:
    import pyarrow as pa


def claml_part(file: ReadableFile, definition: SystemDefinition, document: Document | None = None) -> Part:
    """Return a ClaML file as a part.

    Raises:
        ReleaseFaults: The file is faulty.
        ReleaseFormatError: The same, with one error.
    """
    document = document or read_claml(file.data, file.label)
    made = claml_tables(document, definition, file.label)
    facts = {
        "year": _year_of(document) or name_year(file.origin),
        "title": document.title_name or document.title,
        "codes": made.concepts.num_rows,
        "digest": table_digest(made.concepts),
    }
    tables = {
        "concepts": made.concepts,
        "notes": made.notes,
        "designations": made.designations,
        "metadata": made.metadata,
    }
    return Part("claml", file.origin, facts, tables, made.warnings)


def _year_of(document: Document) -> int | None:
    """Return the year of the version in the title, else of its name or of its date; None where none holds one."""
    for text in (document.title_version, document.title_name, document.title, document.title_date):
        if year := year_in(text, FIRST_YEAR):
            return year
    return None


def codes_part(file: ReadableFile, definition: SystemDefinition, *, german: bool) -> Part:
    """Return a codes file as a part.

    Raises:
        ReleaseFaults: The file is faulty.
        ReleaseFormatError: The same, with one error.
    """
    import pyarrow as pa

    text, warnings = text_of(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    concepts, places = code_rows(text, faults, layout_of(text, file.label, german=german), definition)
    lines = dict(zip(concepts.column("code").to_pylist(), concepts.column("line").to_pylist(), strict=True))
    table = pa.table(
        {
            "code": pa.array(list(places), pa.string()),
            "chapter": pa.array([chapter for chapter, _ in places.values()], pa.string()),
            "block": pa.array([block for _, block in places.values()], pa.string()),
            "line": pa.array([lines[code] for code in places], pa.int32()),
        }
    )
    return _part("codes", file, {"concepts": concepts, "places": table}, (*warnings, *faults.warnings))


def blocks_part(file: ReadableFile, *, german: bool) -> Part:
    """Return a blocks file as a part; its fact ``ends`` says whether it has the last category of each block.

    Raises:
        ReleaseFaults: The file is faulty.
        ReleaseFormatError: The same, with one error.
    """
    text, warnings = text_of(file.data, file.label)
    blocks = block_rows(text, file.label, german=german)
    rows = [(block.first, block.last, block.chapter, block.title, block.line) for block in blocks]
    part = _part("blocks", file, {"rows": _table(rows, "first", "last", "chapter", "title")}, warnings)
    return evolve(part, facts={**part.facts, "ends": all(block.last for block in blocks)})


def chapters_part(file: ReadableFile) -> Part:
    """Return a chapters file as a part.

    Raises:
        ReleaseFaults: The file is faulty.
        ReleaseFormatError: The same, with one error.
    """
    text, warnings = text_of(file.data, file.label)
    rows = chapter_rows(text, file.label)
    return _part("chapters", file, {"rows": _table(rows, "number", "title")}, warnings)


def titles_part(file: ReadableFile, definition: SystemDefinition) -> Part:
    """Return a transition's list of all codes and titles of a year as a part.

    Raises:
        ReleaseFaults: Rows are no codes with titles, or are repeated; all are named.
        ReleaseFormatError: The same, with one error.
    """
    text, warnings = text_of(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    rows: dict[str, tuple[str, str, int]] = {}
    for number, line in lines_of(text):
        code, _, title = line.partition(";")
        if code == "UNDEF" or not line.strip():
            continue
        if not definition.pattern.fullmatch(code) or not title.strip():
            faults.add(f"expected a code of {definition.title} and its title, got {line!r}", line=number)
        elif code in rows:
            faults.add(f"code {code} is listed on line {rows[code][2]} already", line=number, column=1)
        else:
            rows[code] = (code, title.strip(), number)
    if text and not text.endswith("\n"):
        last = text.count("\n") + 1
        faults.add("expected a line end after the last row: is the file cut short?", line=last, of_file=True)
    faults.raise_if_any()
    return _part("titles", file, {"rows": _table(list(rows.values()), "code", "title")}, warnings)


def _part(kind: str, file: ReadableFile, tables: dict[str, pa.Table], warnings: tuple[str, ...]) -> Part:
    table = next(iter(tables.values()))
    facts: dict[str, Any] = {"year": name_year(file.origin), "rows": table.num_rows, "digest": table_digest(table)}
    return Part(kind, file.origin, facts, tables, warnings)


def _table(rows: list[tuple[Any, ...]], *texts: str) -> pa.Table:
    """Return rows of texts that end in a line number."""
    import pyarrow as pa

    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(texts)}
    return pa.table({**columns, "line": pa.array([row[-1] for row in rows], pa.int32())})


def table_digest(table: pa.Table) -> str:
    """Return a digest of what the rows say, wherever in the file."""
    names = [name for name in table.column_names if name != "line"]
    return hashlib.sha256(repr(table.select(names).to_pylist()).encode()).hexdigest()
