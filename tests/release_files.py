"""Composes small ICD-10-CM files in the official layouts, independently of the loader that reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Row = tuple[str, bool, str]
"""Code without dot, whether it is billable, title."""

CHOLERA: Sequence[Row] = (
    ("A00", False, "Cholera"),
    ("A000", True, "Cholera due to Vibrio cholerae 01, biovar cholerae"),
    ("A001", True, "Cholera due to Vibrio cholerae 01, biovar eltor"),
    ("A009", True, "Cholera, unspecified"),
    ("M54", False, "Dorsalgia"),
    ("M545", True, "Low back pain"),
)
BACK_PAIN: Sequence[Row] = (
    *CHOLERA[:5],
    ("M545", False, "Low back pain"),
    ("M5450", True, "Low back pain, unspecified"),
    ("M5451", True, "Vertebrogenic low back pain"),
    ("M5459", True, "Other low back pain"),
)


def order_line(number: int, code: str, flag: str, title: str) -> str:
    """Return one line of an order file, without its end."""
    return f"{number:05} {code:<7} {flag} {title[:60]:<60} {title}"


def order_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of an order file."""
    return [order_line(n, code, str(int(flag)), title) for n, (code, flag, title) in enumerate(rows, 1)]


def text(lines: Sequence[str]) -> bytes:
    """Return lines as the publishers end them."""
    return "".join(f"{line}\r\n" for line in lines).encode()


def order_file(rows: Sequence[Row]) -> bytes:
    """Return an order file."""
    return text(order_lines(rows))


def codes_file(rows: Sequence[Row]) -> bytes:
    """Return the codes file that belongs to the order file of the rows."""
    return text([f"{code:<7} {title}" for code, flag, title in rows if flag])


def order_addenda(old: Sequence[Row], new: Sequence[Row], old_name: str, new_name: str) -> bytes:
    """Return the order addenda from one list of rows to another, with its summary."""
    before = {code: (flag, title) for code, flag, title in old}
    after = {code: (flag, title) for code, flag, title in new}
    records: list[str] = []
    counts = {flag: {"additions": 0, "deletions": 0, "revisions": 0} for flag in (False, True)}

    def record(label: str, code: str, value: tuple[bool, str]) -> None:
        records.append(f"{label:<13}{value[0]:d} {code:<7} {value[1][:60]:<60} {value[1]}")

    for code in sorted(before.keys() | after.keys()):
        was, becomes = before.get(code), after.get(code)
        if was == becomes:
            continue
        if was and becomes and was[0] == becomes[0]:
            record("Revise from:", code, was)
            record("Revise to:", code, becomes)
            counts[was[0]]["revisions"] += 1
            continue
        if was:
            record("Delete:", code, was)
            counts[was[0]]["deletions"] += 1
        if becomes:
            record("Add:", code, becomes)
            counts[becomes[0]]["additions"] += 1
    summary: list[str] = []
    for name, flag in (("headers", False), ("codes", True)):
        totals = [sum(value[0] == flag for value in side.values()) for side in (before, after)]
        summary += ["", name.capitalize()]
        summary += [f"{total:>7} {name} in {file}" for total, file in zip(totals, (old_name, new_name), strict=True)]
        summary += [f"{count:>7} {what}" for what, count in counts[flag].items()]
    return text([*records, *summary])


def tabular(
    year: int, rows: Sequence[Row], *, notes: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
) -> bytes:
    """Return a tabular list of two chapters for rows under A and M; notes are excludes1 notes by code, more is XML by code."""
    notes = notes or {}

    def note(code: str) -> str:
        excludes = f"<excludes1><note>{escape(notes[code])}</note></excludes1>" if code in notes else ""
        return excludes + (more or {}).get(code, "")

    def dotted(code: str) -> str:
        return code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"

    def diag(code: str) -> str:
        title = next(title for other, _, title in rows if other == code)
        below = [c for c, _, _ in rows if c.startswith(code) and c != code]
        children = [c for c in below if not any(c.startswith(b) and c != b for b in below)]
        inner = "".join(diag(child) for child in children)
        return f"<diag><name>{dotted(code)}</name><desc>{escape(title)}</desc>{note(code)}{inner}</diag>\n"

    chapters = []
    places = (
        ("1", "A", "A00-A09", "Intestinal infectious diseases", "Certain infectious and parasitic diseases (A00-B99)"),
        ("13", "M", "M50-M54", "Other dorsopathies", "Diseases of the musculoskeletal system (M00-M99)"),
    )
    for number, letter, section, section_title, title in places:
        categories = [code for code, _, _ in rows if code.startswith(letter) and len(code) == 3]
        chapters.append(
            f"<chapter>\n<name>{number}</name>\n<desc>{title}</desc>\n"
            f'<section id="{section}">\n<desc>{section_title} ({section})</desc>\n{note(section)}'
            + "".join(diag(code) for code in categories)
            + "</section>\n</chapter>\n"
        )
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<ICD10CM.tabular>\n<version>{year}</version>\n'
    return (head + "".join(chapters) + "</ICD10CM.tabular>\n").encode()


def zipped(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of the members, the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=compression)
    return buffer.getvalue()


def workbook(
    rows: Sequence[Sequence[str | float]] = (),
    *,
    sheets: Mapping[str, Sequence[Sequence[str | float]]] | None = None,
    types_last: bool = False,
) -> bytes:
    """Return a workbook with one sheet of these cells, or with several by name; numbers become number cells.

    Args:
        rows: Of the only sheet, A.
        sheets: Rows by name of the sheet, in place of them.
        types_last: Whether ``[Content_Types].xml`` is the last member, as openpyxl writes it.
    """
    sheets = sheets or {"A": rows}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbered = list(enumerate(sheets, 1))
    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kinds}.worksheet+xml"/>'
                for number, _ in numbered
            )
            + "</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            + "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in numbered)
            + "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n, _ in numbered
            )
            + "</Relationships>"
        ),
    }
    for number, cells in enumerate(sheets.values(), 1):
        body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in cells)
        sheet = f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        members[f"xl/worksheets/sheet{number}.xml"] = sheet
    if types_last:
        members["[Content_Types].xml"] = members.pop("[Content_Types].xml")
    return zipped({name: content.encode() for name, content in members.items()})


def _cell(value: str | float) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>' if value else "<c/>"


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
