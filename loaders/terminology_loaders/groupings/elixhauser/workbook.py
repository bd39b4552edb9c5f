"""The reference workbook of a version: titles of comorbidities, and a matrix of codes.

Its matrix is compared with the format program of the version. The text "End of Content" below a table is no row.

References:
    AHRQ HCUP, ``CMR-Reference-File-vYYYY-N.xlsx``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, sheets_of

from ..hcup.rows import folded, version_in
from ..tables import Category, Codes, grouping_part
from .formats import GROUPING

NAME: Final = "cmr"
MEASURES: Final = ("Comorbidity Description",)
ABBREVIATION: Final = "abbreviation"
MATRIX: Final = ("ICD-10-CM Diagnosis", "# Comorbidities")
FIRST_MEASURE: Final = 3
"""Column of the matrix in which the comorbidities begin, counted from 0."""
END: Final = "end of"
HEADER_ROWS: Final = 5
REFERENCE: Final = "reference"
Rows = Sequence[Sequence[str | float]]


def read_reference_workbook(file: ReadableFile) -> Part | None:
    """Return the workbook as a part; None for any other file.

    Raises:
        ReleaseFaults: Codes are malformed, or the matrix has something else than 0 and 1.
        ReleaseFormatError: The same, with one error; or the workbook is damaged.
    """
    import pyarrow as pa

    if file.suffix not in {".xlsx", ".xlsm", ".xls"} or not folded(file.name).startswith(NAME):
        return None
    sheets = sheets_of(file)
    measures = next(filter(None, (_below(rows, MEASURES) for rows in sheets.values())), None)
    matrix = next(filter(None, (_below(rows, MATRIX) for rows in sheets.values())), None)
    if measures is None or matrix is None:
        return None
    faults = Faults(file.label, by_line=True)
    categories = [
        Category(str(row[0]).strip().removeprefix("CMR_"), str(row[1]).strip() or None, line=line)
        for line, row in measures[1:]
        if len(row) > 1
    ]
    pairs = _pairs(matrix, faults)
    faults.raise_if_any()
    part = grouping_part(
        file, GROUPING, REFERENCE, version_in(file.name), categories=categories, facts={"pairs": len(pairs)}
    )
    codes, names = zip(*pairs, strict=True) if pairs else ((), ())
    table = pa.table({"code": pa.array(codes, pa.string()), "category": pa.array(names, pa.string())})
    return evolve(part, tables={**part.tables, REFERENCE: table})


Below = list[tuple[int, Sequence[str | float]]]


def _below(rows: Rows, headings: Sequence[str]) -> Below | None:
    """Return the header with these headings and the rows below it, with their lines; None where a sheet has none."""
    wanted = {folded(name) for name in headings}
    for number, row in enumerate(rows[:HEADER_ROWS]):
        if wanted <= {folded(str(cell)) for cell in row}:
            below = [
                (line, cells)
                for line, cells in enumerate(rows[number + 1 :], number + 2)
                if cells and str(cells[0]).strip() and not str(cells[0]).strip().lower().startswith(END)
            ]
            return [(number + 1, row), *below]
    return None


def _pairs(matrix: Below, faults: Faults) -> list[tuple[str, str]]:
    """Return the codes with their comorbidities."""
    (_, header), *rows = matrix
    names = [str(cell).strip().removeprefix("CMR_") for cell in header]
    codes = Codes("icd10cm", faults, MATRIX[0])
    found = []
    for line, cells in rows:
        code = codes.official(str(cells[0]).strip(), line)
        for name, cell in list(zip(names, cells, strict=False))[FIRST_MEASURE:]:
            if cell not in (0, 1, "0", "1", ""):
                faults.add(f"expected 0 or 1, got {cell!r}", line=line, column=name)
            elif code and name and cell in (1, "1"):
                found.append((code, name))
    return found
