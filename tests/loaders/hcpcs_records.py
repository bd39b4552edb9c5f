"""Composes small HCPCS files in the official layout, independently of the loader that reads them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from terminology.drafts import Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.hcpcs import HcpcsLoader

from .. import release_files

POSITIONS = {
    "HCPC": (1, 5),
    "SEQNUM": (6, 5),
    "RECID": (11, 1),
    "LONG DESCRIPTION": (12, 80),
    "SHORT DESCRIPTION": (92, 28),
    "PRICE1": (120, 2),
    "PRICE2": (122, 2),
    "PRICE3": (124, 2),
    "PRICE4": (126, 2),
    "MULT_PI": (128, 1),
    "CIM1": (129, 6),
    "CIM2": (135, 6),
    "CIM3": (141, 6),
    "MCM1": (147, 8),
    "MCM2": (155, 8),
    "MCM3": (163, 8),
    "STATUTE": (171, 10),
    "LABCERT1": (181, 3),
    "LABCERT2": (184, 3),
    "LABCERT3": (187, 3),
    "LABCERT4": (190, 3),
    "LABCERT5": (193, 3),
    "LABCERT6": (196, 3),
    "LABCERT7": (199, 3),
    "LABCERT8": (202, 3),
    "XREF1": (205, 5),
    "XREF2": (210, 5),
    "XREF3": (215, 5),
    "XREF4": (220, 5),
    "XREF5": (225, 5),
    "COV": (230, 1),
    "ASC_GRP": (231, 2),
    "ASC_DT": (233, 8),
    "OPPS": (241, 3),
    "OPPS_PI": (244, 1),
    "OPPS_DT": (245, 8),
    "PROCNOTE": (253, 4),
    "BETOS": (257, 3),
    "TOS1": (261, 1),
    "TOS2": (262, 1),
    "TOS3": (263, 1),
    "TOS4": (264, 1),
    "TOS5": (265, 1),
    "ANEST_BU": (266, 3),
    "ADD DT": (269, 8),
    "ACT EFF DT": (277, 8),
    "TERM DT": (285, 8),
    "ACTION CD": (293, 1),
}
HEADINGS = tuple(POSITIONS)
LENGTH = 320

FULL = {
    "SHORT DESCRIPTION": "Inj., example, 1 mg",
    "PRICE1": "51",
    "PRICE2": "21",
    "MULT_PI": "A",
    "CIM1": "60-14",
    "CIM2": "60-9",
    "MCM1": "2049",
    "MCM2": "2100.1",
    "STATUTE": "1833(t)",
    "LABCERT1": "140",
    "LABCERT2": "220",
    "XREF1": "J0567",
    "XREF2": "99483",
    "COV": "D",
    "ASC_GRP": "YY",
    "ASC_DT": "20180401",
    "OPPS": "600",
    "OPPS_PI": "1",
    "OPPS_DT": "20180701",
    "PROCNOTE": "0088",
    "BETOS": "O1E",
    "TOS1": "9",
    "TOS2": "F",
    "ANEST_BU": "  0",
    "ADD DT": "20170101",
    "ACT EFF DT": "20180101",
    "TERM DT": "20181231",
    "ACTION CD": "D",
}
"""Every field of a code that the tests look into."""


def cells(code: str, title: str = "Example", **changes: str) -> dict[str, str]:
    """Return the 48 fields of a code or modifier; blanks in a heading are written as underscores."""
    modifier = len(code.strip()) == 2
    plain = {
        "HCPC": code.rjust(5),
        "SEQNUM": "00100",
        "RECID": "7" if modifier else "3",
        "LONG DESCRIPTION": title,
        "SHORT DESCRIPTION": title[:28],
        "PRICE1": "" if modifier else "00",
        "COV": "C",
        "ADD DT": "20180101",
        "ACT EFF DT": "20180101",
        "ACTION CD": "A",
    }
    spelled = {
        heading if heading in POSITIONS else heading.replace("_", " "): text for heading, text in changes.items()
    }
    return dict.fromkeys(HEADINGS, "") | plain | spelled


def line(fields: dict[str, str]) -> str:
    """Return a first line of 320 characters."""
    made = [" "] * LENGTH
    for heading, (start, width) in POSITIONS.items():
        text = fields[heading]
        made[start - 1 : start - 1 + width] = text.ljust(width)[:width]
    return "".join(made)


def record(code: str, title: str = "Example", **changes: str) -> str:
    """Return the first line of a code or modifier."""
    return line(cells(code, title, **changes))


def continuation(code: str, number: int, text: str, *, length: int = LENGTH) -> str:
    """Return the ``number``-th line of a description, counted from 1."""
    identification = "8" if len(code.strip()) == 2 else "4"
    return f"{code:>5}{number * 100:05}{identification}{text:80}".ljust(length)[:length]


def text_file(*lines: str, name: str = "HCPC2018_CONTR_ANWEB.txt", archive: str | None = None) -> ReadableFile:
    """Return the lines as a text file with the publisher's line ends."""
    data = "".join(f"{one}\r\n" for one in lines).encode("cp1252")
    return ReadableFile(name, lambda: data, archive=archive)


def bytes_file(data: bytes, name: str = "HCPC2018_CONTR_ANWEB.txt") -> ReadableFile:
    """Return the bytes as a file."""
    return ReadableFile(name, lambda: data)


def sheet_row(fields: dict[str, str], headings: Sequence[str] = HEADINGS) -> list[str]:
    """Return the fields as a row of the sheet, whose sequence numbers have four digits."""
    return [{**fields, "SEQNUM": fields["SEQNUM"][:4]}[heading] for heading in headings]


def workbook(*rows: Sequence[str | int], name: str = "HCPC2018_CONTR_ANWEB.xlsx") -> ReadableFile:
    """Return the rows as a workbook; whole numbers become number cells."""
    data = release_files.workbook(rows)
    return ReadableFile(name, lambda: data)


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = HcpcsLoader().read(file)
    assert isinstance(part, Part)
    return part


def rows(file: ReadableFile) -> dict[str, dict]:
    """Return the rows of the file by code."""
    return {row["code"]: row for row in read(file).tables["rows"].to_pylist()}


def faults(file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        HcpcsLoader().read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]
