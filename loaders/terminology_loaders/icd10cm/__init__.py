"""ICD-10-CM: order file, codes file, addenda and tabular XML become releases.

References:
    NCHS (CDC), the yearly folders of ICD-10-CM files; CMS, "ICD-10 Code Descriptions in Tabular Order".
    The layouts of each file are cited in the modules that read them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from terminology.drafts import Assembly, Origin, Part, Skipped
from terminology.reading import ReadableFile, decoded, first_sheet
from terminology.systems import SYSTEMS

from ..addenda import is_addenda, read_addenda
from ..order_file import code_digest, code_rows, is_codes_file, is_order_file, order_rows
from .assembly import assembled
from .dating import name_facts
from .tabular import expanded, is_tabular, read_tabular

PCS_NAME = re.compile(r"pcs", re.IGNORECASE)
CM_NAME = re.compile(r"icd-?10-?cm", re.IGNORECASE)
INDEX_ROOT = re.compile(rb"<ICD10CM\.index[\s>]")
DIFFERENCE_LINE = re.compile(rb"[DAON] [A-Z][0-9][0-9A-Z]")
CONVERSION_HEAD = re.compile(r"(current|new) code|previous code", re.IGNORECASE)


class Icd10cmLoader:
    """Reads the files that NCHS and CMS publish for ICD-10-CM."""

    definition = SYSTEMS["icd10cm"]
    format_number = 1

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for index, conversion table and differences; None for a stranger's."""
        head = file.head
        if is_tabular(head):
            return _tabular_part(file)
        if is_order_file(head):
            return _order_part(file)
        if is_addenda(head):
            return _addenda_part(file)
        if is_codes_file(head) and not PCS_NAME.search(file.name):
            return _codes_part(file)
        return _skipped(file, head)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make."""
        return assembled(parts)


def _skipped(file: ReadableFile, head: bytes) -> Skipped | None:
    if INDEX_ROOT.search(head):
        return Skipped("ICD-10-CM index or table (XML): points to codes, defines none")
    if DIFFERENCE_LINE.match(head) and CM_NAME.search(file.name):
        return Skipped("ICD-10-CM list of differences as published before 2016: not needed beside order files")
    if file.suffix in {".xlsx", ".csv"} and CM_NAME.search(file.name):
        text = head.decode("cp1252", "replace")
        if file.suffix == ".xlsx":
            sheet = first_sheet(file)
            text = "\n".join(" ".join(row) for row in sheet.rows[:5]) if sheet else ""
        if CONVERSION_HEAD.search(text):
            return Skipped("ICD-10-CM conversion table: a crosswalk, not a release of codes")
    return None


def _order_part(file: ReadableFile) -> Part | Skipped:
    text, warnings = decoded(file.data, file.label)
    rows = order_rows(text, file.label)
    if _is_pcs(file, rows.codes, rows.billable):
        return Skipped("ICD-10-PCS order file: another code system")
    billable = [code for code, flag in zip(rows.codes, rows.billable, strict=True) if flag]
    facts = {
        "codes": len(billable),
        "headers": len(rows.codes) - len(billable),
        "digest": rows.digest(),
        "billable_digest": code_digest(billable),
    }
    return _part("order", file, facts, {"rows": rows.to_table()}, warnings)


def _is_pcs(file: ReadableFile, codes: list[str], billable: list[bool]) -> bool:
    """Return whether every row is a table of three characters or a billable code of seven, as in ICD-10-PCS."""
    if CM_NAME.search(file.name):
        return False
    return all(len(code) == (7 if flag else 3) for code, flag in zip(codes, billable, strict=True))


def _codes_part(file: ReadableFile) -> Part:
    import pyarrow as pa

    text, warnings = decoded(file.data, file.label)
    codes, titles = code_rows(text, file.label)
    facts = {"codes": len(codes), "billable_digest": code_digest(codes)}
    return _part("codes", file, facts, {"rows": pa.table({"code": codes, "title": titles})}, warnings)


def _addenda_part(file: ReadableFile) -> Part | Skipped:
    text, warnings = decoded(file.data, file.label)
    addenda = read_addenda(text, file.label)
    named = addenda.facts.get("new_name", file.name)
    if PCS_NAME.search(named) or (not CM_NAME.search(named) and all(len(c.code) in {3, 7} for c in addenda.changes)):
        return Skipped("ICD-10-PCS addenda: another code system")
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


def _part(kind: str, file: ReadableFile, facts: dict[str, Any], tables: dict[str, Any], warnings: Any) -> Part:
    origin: Origin = file.origin
    return Part(kind, origin, {**facts, **name_facts(origin)}, tables, tuple(warnings))


__all__ = ["Icd10cmLoader"]
