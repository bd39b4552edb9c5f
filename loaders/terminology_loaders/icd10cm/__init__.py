"""ICD-10-CM: order file, codes file, addenda, tabular XML and index XML become releases.

References:
    NCHS (CDC), the yearly folders of ICD-10-CM files; CMS, "ICD-10 Code Descriptions in Tabular Order".
    The layouts of each file are cited in the modules that read them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFormatError
from terminology.model import Origin
from terminology.reading import ReadableFile, companion, decoded
from terminology.systems import SYSTEMS

from ..order.addenda import LABELS, is_addenda, is_pcs_addenda, read_addenda
from ..order.dating import name_facts
from ..order.file import (
    CM_NAME,
    PCS_NAME,
    code_digest,
    code_rows,
    codes_facts,
    is_codes_file,
    is_mapping_line,
    is_order_file,
    is_pcs_order_file,
    order_rows,
)
from .assembly import assembled
from .conversion import read_conversion
from .index import is_index, read_index
from .tabular import expanded, is_tabular, read_tabular

DIFFERENCE_LINE = re.compile(rb"[DAON] [A-Z][0-9][0-9A-Z]")
RELEASE_NAME = re.compile(r"icd-?10-?cm[-_ ]*(order|codes|tabular)[-_ ]*(addenda)?", re.IGNORECASE)


class Icd10cmLoader:
    """Reads the files that NCHS and CMS publish for ICD-10-CM."""

    definition = SYSTEMS["icd10cm"]
    format_number = 4

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for differences and ICD-10-PCS; None for any other file."""
        head = file.head
        if is_tabular(head):
            return _tabular_part(file)
        if is_index(head):
            return _index_part(file)
        if is_order_file(head):
            return _order_part(file)
        if is_addenda(head):
            return _addenda_part(file)
        if is_codes_file(head) and not PCS_NAME.search(file.name):
            return _codes_part(file)
        conversion = read_conversion(file)
        if conversion:
            facts, tables, warnings = conversion
            return _part("conversion", file, facts, tables, warnings)
        return _skipped(file, head) or _by_name(file)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make."""
        return assembled(parts)


def _skipped(file: ReadableFile, head: bytes) -> Skipped | None:
    if is_mapping_line(head.split(b"\n", 1)[0].decode("ascii", "replace")):
        return Skipped("a map between ICD-9-CM and ICD-10: a crosswalk, not a release of codes")
    if DIFFERENCE_LINE.match(head) and CM_NAME.search(file.name):
        return Skipped("ICD-10-CM list of differences as published before 2016: not needed beside order files")
    return None


def _by_name(file: ReadableFile) -> Part | Skipped | None:
    """Return the part that a file's name states although its content does not begin like one; None for other names.

    Raises:
        ReleaseFaults, ReleaseFormatError: The file is empty, shifted, cut short or in another encoding.
    """
    named = RELEASE_NAME.match(file.name)
    if named is None:
        return None
    kind = named[1].lower()
    if kind == "tabular":
        return _tabular_part(file) if file.suffix == ".xml" else None
    if file.suffix != ".txt":
        return None
    if named[2]:
        decoded(file.data, file.label)
        labels = ", ".join(LABELS)
        raise ReleaseFormatError(f"expected a record ({labels}) or a summary", file=file.label, line=1, column=1)
    return _order_part(file) if kind == "order" else _codes_part(file)


def _order_part(file: ReadableFile) -> Part | Skipped:
    if is_pcs_order_file(file.head, file.name):
        return Skipped("ICD-10-PCS order file: another code system")
    text, warnings = decoded(file.data, file.label)
    rows, odd = order_rows(text, file.label)
    return _part("order", file, rows.facts(), {"rows": rows.to_table()}, (*warnings, *odd))


def _codes_part(file: ReadableFile) -> Part:
    text, warnings = decoded(file.data, file.label)
    rows, odd = code_rows(text, file.label)
    return _part("codes", file, codes_facts(rows), {"rows": rows}, (*warnings, *odd))


def _addenda_part(file: ReadableFile) -> Part | Skipped:
    text, warnings = decoded(file.data, file.label)
    if is_pcs_addenda(text, file.name):
        return Skipped("ICD-10-PCS addenda: another code system")
    addenda = read_addenda(text, file.label)
    return _part("addenda", file, addenda.facts, {"changes": addenda.to_table()}, warnings)


def _tabular_part(file: ReadableFile) -> Part:
    import pyarrow as pa

    tabular = read_tabular(file.data, file.label)
    diags = [node for node in tabular.nodes if node.kind in {"category", "code"}]
    codes = expanded((node.code, node.parent, node.title, node.seventh_characters) for node in diags)
    facts = {"codes": len(codes), "billable_digest": code_digest(list(codes)), "version": tabular.version}
    tables = {
        "nodes": tabular.node_table(),
        "notes": tabular.note_table(),
        "expansion": pa.table({"code": list(codes), "title": list(codes.values())}),
    }
    return _part("tabular", file, facts, tables, ())


def _index_part(file: ReadableFile) -> Part:
    with companion():
        index = read_index(file.data, file.label)
    facts = {
        "which": index.which,
        "version": index.version,
        "main_terms": index.main_terms,
        "terms": index.terms,
    }
    return _part("index", file, facts, {"index": index.to_table()}, index.warnings)


def _part(kind: str, file: ReadableFile, facts: dict[str, Any], tables: dict[str, Any], warnings: Any) -> Part:
    origin: Origin = file.origin
    return Part(kind, origin, {**facts, **name_facts(origin)}, tables, tuple(warnings))


__all__ = ["Icd10cmLoader"]
