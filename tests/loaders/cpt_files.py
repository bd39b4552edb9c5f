"""Small invented files in the layouts of CPT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from terminology.drafts import Assembly, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.cpt import CptLoader

NOTICE = "INVENTED data in the layout of CPT {year}.\nCopyright {before}: nobody.\n\n"
CODES = {"99990": "Invented one", "99991": "Invented two", "9990F": "Invented measure"}


def notice(year: int = 2025) -> str:
    """Return a preamble that names the year."""
    return NOTICE.format(year=year, before=year - 1)


def text_file(name: str, text: str, archive: str | None = None, encoding: str = "utf-8") -> ReadableFile:
    """Return a text as a file, perhaps of an archive."""
    data = text.encode(encoding)
    return ReadableFile(name, lambda: data, archive=archive, archive_sha256=archive and f"sha of {archive}")


def tab_lines(codes: Mapping[str, str]) -> str:
    """Return the lines of LONGULT."""
    return "".join(f"{code}\t{title}\r\n" for code, title in codes.items())


def blank_lines(codes: Mapping[str, str], width: int) -> str:
    """Return the lines of MEDU (48) or SHORTU (28)."""
    return "".join(f"{code} {title.upper():<{width}}\r\n" for code, title in codes.items())


def long_file(
    codes: Mapping[str, str] = CODES, year: int = 2025, name: str = "LONGULT.txt", archive: str | None = None
) -> ReadableFile:
    """Return a LONGULT file."""
    return text_file(name, notice(year) + tab_lines(codes), archive)


def medium_file(codes: Mapping[str, str] = CODES, year: int = 2025) -> ReadableFile:
    """Return a MEDU file."""
    return text_file("MEDU.txt", notice(year) + blank_lines(codes, 48))


def short_file(codes: Mapping[str, str] = CODES, year: int = 2025) -> ReadableFile:
    """Return a SHORTU file."""
    return text_file("SHORTU.txt", notice(year) + blank_lines(codes, 28))


def fixed_file(lines: Sequence[str], name: str = "LONGULF.txt") -> ReadableFile:
    """Return a LONGULF file of these lines."""
    return text_file(name, notice() + "".join(f"{line:<80}\r\n" for line in lines))


def table_file(name: str, *rows: Sequence[str], separator: str = "\t", archive: str | None = None) -> ReadableFile:
    """Return a delimited file; the first row is its header."""
    return text_file(name, "".join(f"{separator.join(row)}\r\n" for row in rows), archive)


def history_file(*rows: Sequence[str], archive: str | None = None) -> ReadableFile:
    """Return a history of (date, change, code)."""
    header = ("Date", "Change Type", "Concept Id", "CPT Code", "Level", "Prior Value", "Current Value", "Instruction")
    cells = [(date, change, "1", code, "", "", "", "") for date, change, code in rows]
    return table_file("History_DTK_tab.txt", header, *cells, archive=archive)


def laboratory_file(*rows: tuple[str, str, str], name: str = "CPTPLA.xml", archive: str | None = None) -> ReadableFile:
    """Return a list of PLA codes of (code, effective day, status)."""
    made = [
        f'<plaCode cdCode="{code}" cdId="1">\n<cdDesc>Invented analysis {code}</cdDesc><cdMDesc>INVENTED M</cdMDesc>'
        f"<cdSDesc>INVENTED S</cdSDesc><cdStatus>{status}</cdStatus><effectiveDate>{day}</effectiveDate>"
        "<labName>Invented Laboratory</labName><manufacturerName>Invented Maker</manufacturerName>"
        "<publishDate>2024-01-01T00:00:00-06:00</publishDate><testName>Invented Test</testName>\n</plaCode>\n"
        for code, day, status in rows
    ]
    return text_file(name, f'<?xml version="1.0"?>\n<plaCodes>\n{"".join(made)}</plaCodes>\n', archive)


def part_of(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = CptLoader().read(file)
    assert isinstance(part, Part)
    return part


def rows_of(file: ReadableFile) -> list[dict]:
    """Return the rows of the part."""
    return part_of(file).tables["rows"].to_pylist()


def assembled(*files: ReadableFile) -> Assembly:
    """Return the assembly of the files."""
    return CptLoader().assemble([part_of(file) for file in files])


def concepts_of(*files: ReadableFile, version: str | None = None) -> dict[str, dict]:
    """Return the concepts of the only release of the files, or of one of them, by code."""
    drafts = [draft for draft in assembled(*files).drafts if version in (None, draft.version)]
    assert len(drafts) == 1
    return {row["code"]: row for row in drafts[0].build().tables["concepts"].to_pylist()}


def faults_of(file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of a file."""
    try:
        CptLoader().read(file)
    except ReleaseFaults as group:
        found = list(group.exceptions)
    except ReleaseFormatError as error:
        found = [error]
    else:
        return []
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


ANNUAL = {**CODES, "9990U": "Invented analysis", "9991U": "Invented other analysis"}


CONSUMER = ("Concept Id", "CPT Code", "Consumer Friendly Descriptor")


CLINICIAN = ("Concept Id", "CPT Code", "Clinician Descriptor Id", "Clinician Descriptor")


MODIFIERS = """
Appendix A

Modifiers

An invented list.

22 Invented Effort: When it took
long
25 Invented Visit: When there
were 30 of them

Anesthesia Physical Status
Modifiers

Example: 01998-P1

Physical Status Modifier P1: An invented calm
state
Physical Status Modifier P2: An invented lively state

CPT Level I Modifiers

25 Invented Visit

Category II Modifiers

Text about Category II modifiers.

1P Invented exclusion
Reasons include:
invented ones

Level II (HCPCS/National) Modifiers

LT Invented left
RT Invented right
(a remark)
"""


def modifier_file(text: str = MODIFIERS, name: str = "MODUL.txt") -> ReadableFile:
    """Return a list of modifiers."""
    return text_file(name, notice() + text)
