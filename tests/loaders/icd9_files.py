"""Small lists of titles of ICD-9-CM."""

from __future__ import annotations

import csv
import io

from terminology.drafts import Part
from terminology.reading import ReadableFile
from terminology_loaders.icd9 import Icd9cmLoader, Icd9pcsLoader

from .. import release_files

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
    data = release_files.workbook(rows)
    return ReadableFile(name, lambda: data)


def sheet(rows, heading="DIAGNOSIS CODE", name="CMS32_DESC_LONG_SHORT_DX.xlsx"):
    """Return the workbook of rows with long and short titles."""
    head = (heading, "LONG DESCRIPTION", "SHORT DESCRIPTION")
    return workbook([head, *((code, title, title[:24].strip()) for code, title in rows)], name)


def delimited(rows, heading="DIAGNOSIS CODE", name="V27LONG_SHORT_DX_110909.csv"):
    """Return the same as delimited text."""
    kept = io.StringIO(newline="")
    csv.writer(kept).writerows(
        [
            (heading, "LONG DESCRIPTION", "SHORT DESCRIPTION"),
            *((code, title, title[:24].strip()) for code, title in rows),
        ]
    )
    data = kept.getvalue().encode("cp1252")
    return ReadableFile(name, lambda: data)


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
