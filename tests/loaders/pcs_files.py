"""Composes small ICD-10-PCS files in the official layouts, independently of the loader that reads them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from itertools import product

import pytest

from terminology.drafts import Assembly, Built, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.ingest.checks import check_concepts
from terminology.reading import ReadableFile
from terminology_loaders.icd10pcs import Icd10pcsLoader

from ..release_files import Row, order_file, text

OPEN_AND_CLOSED: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    "001": (("6", "03", "7J", "06"), ("6", "03", "Z", "B")),
    "0FT": (("4G", "04", "Z", "Z"),),
}
"""Tables: of each its rows, of each row the values of the axes from 4 to 7."""
UPDATED = {**OPEN_AND_CLOSED, "XW0": (("12", "3", "V", "7"),)}
AXES = ("Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier")
CONVERSION_HEAD = (
    "Current code(s) assignment",
    "Code title",
    "Effective year",
    "Previous code(s) assignment",
    "Predecessor code title",
    "Change type",
    "Comment",
    "Effective month/day [MM.DD]",
)


def rows_of(tables: Mapping[str, Sequence[Sequence[str]]]) -> list[Row]:
    """Return the rows of the order file that the tables make: tables and codes, sorted."""
    codes = [table + "".join(values) for table, rows in tables.items() for row in rows for values in product(*row)]
    made: list[Row] = [(table, False, f"Table {table}") for table in tables]
    made += [(code, True, f"Procedure {code}") for code in codes]
    return sorted(made)


def tables_xml(tables: Mapping[str, Sequence[Sequence[str]]], year: int = 2022) -> str:
    """Return the tables in XML; each row stands on lines of its own."""

    def axis(position: int, values: str) -> str:
        labels = "".join(f'<label code="{value}">{AXES[position - 1]} {value}</label>\n' for value in values)
        defined = "<definition>What is done</definition>\n" if position == 3 else ""
        return f'<axis pos="{position}" values="{len(values)}"><title>{AXES[position - 1]}</title>\n{labels}{defined}</axis>\n'

    def row(values: Sequence[str]) -> str:
        size = len(list(product(*values)))
        return f'<pcsRow codes="{size}">\n{"".join(axis(n, v) for n, v in enumerate(values, 4))}</pcsRow>\n'

    body = "".join(
        f"<pcsTable>\n{''.join(axis(n, value) for n, value in enumerate(table, 1))}{''.join(map(row, rows))}</pcsTable>\n"
        for table, rows in tables.items()
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<ICD10PCS.tabular>\n<version>{year}</version>\n{body}</ICD10PCS.tabular>\n'


DEFINITIONS = """<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.definitions>
<version>2022</version>
<section code="0"><title>Section of definitions</title>
<axis pos="3"><title>Operation</title>
<terms><title>Operation T</title><definition>All of it</definition><explanation>Principal purpose</explanation>
<includes>Total removal</includes></terms>
</axis></section>
<deviceAggregation>
<aggregate><device>Lead, fine</device><operation>Insertion</operation><bodySys>Heart</bodySys><bodySys>Vessels</bodySys>
<parent value="M">Lead</parent></aggregate>
</deviceAggregation>
</ICD10PCS.definitions>
"""
INDEX = """<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.index>
<version>2022</version>
<letter><title>C</title>
<mainTerm><title>Cholecystectomy</title>
<term level="1"><see>Resection, Gallbladder<codes>0FT4</codes></see></term>
<term level="1"><title>Laparoscopic</title><code>0FT44ZZ</code>
<term level="2"><title>of old</title><tab>0FT</tab></term></term>
</mainTerm>
<mainTerm><title>Gall bladder</title><use>Gallbladder</use></mainTerm>
</letter>
</ICD10PCS.index>
"""


def pcs_addenda(old: Sequence[Row], new: Sequence[Row], names: tuple[str, str] | None) -> bytes:
    """Return the order addenda from one list of rows to another: no flags, and a summary only if files are named."""
    before, after = ({code: (flag, title) for code, flag, title in side} for side in (old, new))
    records: list[str] = []
    counts = {flag: {"additions": 0, "deletions": 0, "revisions": 0} for flag in (False, True)}

    def record(label: str, code: str, title: str) -> None:
        records.append(f"{label:<13}{code:<7} {title[:60]:<60} {title}")

    for code in sorted(before.keys() | after.keys()):
        was, becomes = before.get(code), after.get(code)
        flag = len(code) == 7
        if was and becomes and was != becomes:
            record("Revise from:", code, was[1])
            record("Revise to:", code, becomes[1])
            counts[flag]["revisions"] += 1
        elif was and not becomes:
            record("Delete:", code, was[1])
            counts[flag]["deletions"] += 1
        elif becomes and not was:
            record("Add:", code, becomes[1])
            counts[flag]["additions"] += 1
    summary: list[str] = []
    for kind, flag in (("headers", False), ("codes", True)) if names else ():
        totals = [sum(value[0] == flag for value in side.values()) for side in (before, after)]
        summary += ["", kind.capitalize()]
        summary += [f"{total:>7} {kind} in {name}" for total, name in zip(totals, names or (), strict=True)]
        summary += [f"{count:>7} {what}" for what, count in counts[flag].items()]
    return text([*records, *summary, ""])


def conversion(*pairs: tuple[str, str, str, str, str]) -> list[tuple[str, ...]]:
    """Return the rows of a conversion table: current and previous code, kind of change, year, month with day."""
    rows = [(new, f"Title {new}", year, old, f"Title {old}", kind, "", day) for new, old, kind, year, day in pairs]
    return [CONVERSION_HEAD, *rows]


def file_of(data: bytes | str, name: str, archive: str | None = None) -> ReadableFile:
    """Return bytes as a file, loose or of an archive."""
    raw = data.encode() if isinstance(data, str) else data
    return ReadableFile(name, lambda: raw, archive=archive, archive_sha256=archive and f"checksum of {archive}")


OLD, NEW = rows_of(OPEN_AND_CLOSED), rows_of(UPDATED)


LOADER = Icd10pcsLoader()


NAME = "icd10pcs_order_2022.txt"
AUTUMN, SPRING = datetime.date(2021, 10, 1), datetime.date(2022, 4, 1)


def read(data: bytes | str, name: str, archive: str | None = None) -> Part:
    """Return the part that the loader makes of the bytes."""
    part = LOADER.read(file_of(data, name, archive))
    assert isinstance(part, Part)
    return part


def faults(data: bytes | str, name: str = "file.xml") -> list[tuple[int | None, str]]:
    """Return line and message of each fault of the bytes."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADER.read(file_of(data, name))
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    return [(fault.line, fault.message) for fault in found]


def assembled(*parts: Part) -> Assembly:
    """Return what the parts make, which is the same the other way round."""
    made = LOADER.assemble(parts)
    turned = LOADER.assemble(parts[::-1])
    assert [d.digest("icd10pcs", 1) for d in made.drafts] == [d.digest("icd10pcs", 1) for d in turned.drafts]
    return made


def built(assembly: Assembly, version: str) -> Built:
    """Return a release of an assembly, built and checked."""
    draft = next(draft for draft in assembly.drafts if draft.version == version)
    made = draft.build()
    check_concepts(LOADER.definition, made.tables["concepts"], version)
    return made


def column(made: Built, name: str, table: str = "concepts") -> list[object]:
    """Return a column of a table."""
    return list(made.tables[table].column(name).to_pylist())


def autumn(rows=OLD, archive: str = "2022-order.zip") -> tuple[Part, Part]:
    """Return order file and addenda of an October edition."""
    names = ("icd10pcs_order_2021.txt", NAME)
    return read(order_file(rows), NAME, archive), read(
        pcs_addenda(OLD[:-1], rows, names), "order_addenda_2022.txt", archive
    )


def spring(rows=NEW, archive: str = "2022-order-updated-december-1-2021.zip") -> tuple[Part, Part]:
    """Return order file and addenda of an update of April."""
    return read(order_file(rows), NAME, archive), read(
        pcs_addenda(OLD, rows, (NAME, NAME)), "order_addenda_2022.txt", archive
    )
