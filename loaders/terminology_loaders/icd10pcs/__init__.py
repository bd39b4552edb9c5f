"""ICD-10-PCS: order file, addenda, tables, definitions, index and conversion table become releases.

References:
    CMS, the yearly pages "ICD-10-PCS": order file, code tables and index, definitions, conversion table, addenda.
    The layouts of each file are cited in the modules that read them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import Faults, ReadableFile, companion, decoded
from terminology.systems import SYSTEMS

from ..order.addenda import is_addenda, is_pcs_addenda, read_addenda
from ..order.dating import name_facts
from ..order.file import (
    CM_NAME,
    PCS_NAME,
    OrderRows,
    code_rows,
    codes_facts,
    is_mapping_line,
    is_pcs_order_file,
    order_rows,
)
from .assembly import assembled
from .conversion import read_conversion
from .tables import is_tables, read_tables
from .terms import is_definitions, is_index, read_definitions, read_index

INDENTED = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:(?:Section|Axis|Lttr|Table|Body System|Main)\b[^\r\n]*[\r\n]+[\s\xa0]*){1,3}"
    rb"(?:Axis|Row|Term|Main|Lttr|Section|Body System|Operation|Table|Includes|Add|Delete|Revise)",
)
CODES_LINE = re.compile(rb"[0-9A-HJ-NP-Z]{7} \S")
TABLE_LENGTH = 3


class Icd10pcsLoader:
    """Reads the files that CMS publishes for ICD-10-PCS."""

    definition = SYSTEMS["icd10pcs"]
    format_number = 3

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for codes files and what is written for people; None for any other file."""
        head = file.head
        if is_pcs_order_file(head, file.name):
            return _order_part(file)
        if is_tables(head):
            tables = read_tables(file.data, file.label)
            made = {"rows": tables.row_table(), "axes": tables.axis_table(), "prefixes": tables.prefix_table()}
            return _part("tables", file, tables.facts(), made)
        if is_definitions(head):
            return _definitions_part(file)
        if is_index(head):
            with companion():
                index = read_index(file.data, file.label)
            return _part("index", file, {"version": index.version}, {"entries": index.to_table()})
        if is_addenda(head):
            return _addenda_part(file)
        if is_pcs_codes_file(head, file.name):
            return _codes_part(file)
        conversion = read_conversion(file)
        if conversion:
            return _part("conversion", file, *conversion)
        return _skipped(head)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make."""
        return assembled(parts)


def _skipped(head: bytes) -> Skipped | None:
    if INDENTED.match(head):
        return Skipped("ICD-10-PCS addenda as indented text, for people: the XML of the release says all of it")
    return None


def is_pcs_codes_file(head: bytes, name: str) -> bool:
    """Return whether the bytes begin like a codes file: a code of seven characters, a blank, the title.

    >>> is_pcs_codes_file(b"0016070 Bypass Cerebral Ventricle to Nasopharynx", "codes.txt")
    True
    """
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:20] if line.strip()]
    sound = sum(CODES_LINE.match(line) is not None for line in lines)
    if any(is_mapping_line(line.decode("ascii", "replace")) for line in lines):
        return False
    enough = sound > len(lines) // 2 if PCS_NAME.search(name) else sound == len(lines)
    return bool(lines) and enough and not CM_NAME.search(name)


def _order_part(file: ReadableFile) -> Part:
    text, warnings = decoded(file.data, file.label)
    rows, odd = order_rows(text, file.label)
    _check_shapes(rows, file.label)
    return _part("order", file, rows.facts(), {"rows": rows.to_table()}, (*warnings, *odd))


def _codes_part(file: ReadableFile) -> Part:
    text, warnings = decoded(file.data, file.label)
    rows, odd = code_rows(text, file.label)
    return _part("codes", file, codes_facts(rows), {"rows": rows}, (*warnings, *odd))


def _check_shapes(rows: OrderRows, label: str) -> None:
    """Check that every row is a table, or a code of a table that is listed.

    Raises:
        ReleaseFaults: Rows are of other length or flag, or are below no table; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(label)
    tables = {code for code in rows.codes if len(code) == TABLE_LENGTH}
    for line, code, flag in zip(rows.lines, rows.codes, rows.billable, strict=True):
        if len(code) != (7 if flag else TABLE_LENGTH):
            expected = "a code of 7 characters" if flag else "a table of 3 characters"
            faults.add(f"expected {expected}, got {code}", line=line, column=7)
        elif "I" in code or "O" in code:
            faults.add(f"expected digits and letters without I and O, got {code}", line=line, column=7)
        elif flag and code[:TABLE_LENGTH] not in tables:
            faults.add(
                f"expected the table {code[:TABLE_LENGTH]} of code {code} in the file, got none", line=line, column=7
            )
    faults.raise_if_any()


def _addenda_part(file: ReadableFile) -> Part | Skipped | None:
    text, warnings = decoded(file.data, file.label)
    if not is_pcs_addenda(text, file.name):
        return None
    addenda = read_addenda(text, file.label)
    return _part("addenda", file, addenda.facts, {"changes": addenda.to_table()}, warnings)


def _definitions_part(file: ReadableFile) -> Part:
    with companion():
        found = read_definitions(file.data, file.label)
    tables = {"sections": found.section_table(), "terms": found.term_table(), "aggregates": found.aggregate_table()}
    return _part("definitions", file, {"version": found.version}, tables)


def _part(
    kind: str, file: ReadableFile, facts: Mapping[str, Any], tables: Mapping[str, Any], warnings: Sequence[str] = ()
) -> Part:
    return Part(kind, file.origin, {**facts, **name_facts(file.origin)}, tables, tuple(warnings))


__all__ = ["Icd10pcsLoader"]
