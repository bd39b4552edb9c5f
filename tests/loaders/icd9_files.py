"""Small lists of titles of ICD-9-CM."""

from __future__ import annotations

import io
import zipfile

from terminology.drafts import Part
from terminology.reading import ReadableFile
from terminology_loaders.icd9 import Icd9cmLoader, Icd9pcsLoader

LOADERS = {"icd9cm": Icd9cmLoader(), "icd9pcs": Icd9pcsLoader()}


WIDTHS = {"icd9cm": 5, "icd9pcs": 4}


CHOLERA = (("0010", "Cholera due to vibrio cholerae"), ("0011", "Cholera due to vibrio cholerae el tor"))


DIAGNOSES = (
    *CHOLERA,
    ("25000", "Diabetes mellitus without mention of complication, type II"),
    ("25001", "Diabetes mellitus without mention of complication, type I"),
    ("486", "Pneumonia, organism unspecified"),
    ("E8000", "Railway accident involving collision with rolling stock"),
    ("E887", "Fracture, cause unspecified, of the external cause"),
    ("V270", "Outcome of delivery, single liveborn"),
)


PROCEDURES = (
    ("0010", "Implantation of chemotherapeutic agent"),
    ("331", "Incision of lung, not otherwise specified"),
    ("3721", "Right heart cardiac catheterization"),
    ("3722", "Left heart cardiac catheterization"),
)


def text(system, rows, name="CMS32_DESC_LONG_DX.txt", *, ending="\n", archive=None):
    """Return a list of titles in the layout of a half."""
    width = WIDTHS[system]
    data = "".join(f"{code:<{width}} {title}{ending}" for code, title in rows).encode("cp1252")
    return ReadableFile(name, lambda: data, archive=archive, archive_sha256=archive and "0" * 64)


def short(system, rows, name="CMS32_DESC_SHORT_DX.txt"):
    """Return the list of short titles of the rows."""
    return text(system, [(code, title[:24].strip()) for code, title in rows], name)


def workbook(rows, name="CMS32_DESC_LONG_SHORT_DX.xlsx"):
    """Return a workbook whose cells are the rows' texts (numbers, where a cell is an int)."""

    def cell(value):
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    members = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>"
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return ReadableFile(name, buffer.getvalue)


def sheet(rows, heading="DIAGNOSIS CODE"):
    """Return the workbook of rows with long and short titles."""
    head = (heading, "LONG DESCRIPTION", "SHORT DESCRIPTION")
    return workbook([head, *((code, title, title[:24].strip()) for code, title in rows)])


def read(file, system="icd9cm"):
    """Return the part that a loader makes of the file."""
    part = LOADERS[system].read(file)
    assert isinstance(part, Part)
    return part


def build(*parts, system="icd9cm"):
    """Return what the only release of the parts is built to."""
    (draft,) = LOADERS[system].assemble(parts).drafts
    return draft.build()


def rows_of(built):
    """Return the concepts by code."""
    return {row["code"]: row for row in built.tables["concepts"].to_pylist()}
