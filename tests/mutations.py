"""Makes bad files of good ones, releases and maps, mechanically: by the format of the file, knowing nothing of its system.

Every mutation takes a `Sample` and returns the bytes of the bad file, or None where the format has nothing of the
kind (a tree of elements has no columns to shift).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from attrs import frozen
from lxml import etree

from .release_files import workbook

NOBODY: Final = "Q97"
"""A code that no sample holds."""
CODE: Final = re.compile(rb"[A-Z]?[0-9][0-9A-Z.-]*")
RECORDS: Final = ("Class", "diag", "plaCode", "pcsTable", "mainTerm", "terms")
"""Elements that stand for one entry; the first kind that a document holds is taken."""


@frozen
class Sample:
    """A good file; a workbook has its rows too."""

    name: str
    data: bytes
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def suffix(self) -> str:
        """The ending of the name."""
        return self.name.rpartition(".")[2]

    @property
    def lines(self) -> list[bytes]:
        """The lines with their ends."""
        return self.data.splitlines(keepends=True)

    @property
    def body(self) -> range:
        """Places of the lines that list something: below notices and headers, above summaries."""
        lines = self.lines
        start = 0
        if self.suffix == "csv":
            start = next(place for place, line in enumerate(lines) if is_header(line)) + 1
        elif self.suffix == "prn":
            start = next(place for place, line in enumerate(lines) if line.split()[:1] == [b"CODE"]) + 1
        elif not re.search(rb"\s{2}\S|\t|;", lines[0]):
            start = next((place for place, line in enumerate(lines) if not line.strip()), -1) + 1
        elif not re.search(rb"\d", lines[0]) or (b"\t" in lines[0] and not any(map(CODE.fullmatch, lines[0].split()))):
            start = 1
        end = next((place for place in range(start, len(lines)) if not lines[place].strip(b", \r\n")), len(lines))
        return range(start, end)

    @property
    def separator(self) -> bytes:
        """What stands between the columns; nothing where they are fixed."""
        line = self.lines[self.body[0]]
        return next((mark for mark in (b"\t", b";") if mark in line), b"," if self.suffix == "csv" else b"")


def is_header(line: bytes) -> bool:
    """Return whether a line of delimited text names the columns: all of its cells say something."""
    return not line.startswith((b"#", b'"')) and all(cell.strip() for cell in line.split(b","))


def sheet(name: str, rows: Sequence[Sequence[str]]) -> Sample:
    """Return a workbook of these rows."""
    cells = tuple(tuple(escape(cell) for cell in row) for row in rows)
    return Sample(name, workbook(cells), cells)


def cut_at_a_third(sample: Sample) -> bytes | None:
    """Keep the first third of the bytes."""
    return sample.data[: len(sample.data) // 3]


def cut_before_the_last_line(sample: Sample) -> bytes | None:
    """Lose the last line, or row, whole."""
    if sample.rows:
        return workbook(sample.rows[:-1])
    return b"".join(sample.lines[:-1])


def cut_within_a_line(sample: Sample) -> bytes | None:
    """End within the last line that lists something; a workbook a few bytes before its end."""
    if sample.rows:
        return sample.data[:-10]
    if sample.suffix in {"xml", "json"}:
        return sample.data[: len(sample.data) - 8]
    last = sample.body[-1]
    return b"".join(sample.lines[:last]) + sample.lines[last].rstrip()[:3]


def utf_16(sample: Sample) -> bytes | None:
    """Write the text in UTF-16."""
    if sample.rows:
        return None
    try:
        return sample.data.decode("utf-8-sig").encode("utf-16")
    except UnicodeDecodeError:
        return sample.data.decode("cp1252").encode("utf-16")


def nul_byte(sample: Sample) -> bytes | None:
    """Put a NUL byte into the middle."""
    middle = len(sample.data) // 2
    return None if sample.rows else sample.data[:middle] + b"\0" + sample.data[middle:]


def no_text(sample: Sample) -> bytes | None:
    """Put a byte into the middle that is text neither in UTF-8 nor in CP1252."""
    middle = len(sample.data) // 2
    return None if sample.rows else sample.data[:middle] + b"\x81" + sample.data[middle:]


def shifted_columns(sample: Sample) -> bytes | None:
    """Move the columns of every row by one: by a cell, or by a blank where they are fixed."""
    if sample.rows:
        head = next(place for place, row in enumerate(sample.rows) if all(row)) + 1
        return workbook([*sample.rows[:head], *(("", *row[:-1]) for row in sample.rows[head:])])
    if sample.suffix in {"xml", "json"}:
        return None
    lines, mark = sample.lines, sample.separator
    for place in sample.body:
        if mark not in lines[place]:
            continue
        at = lines[place].index(mark) if mark else 0
        lines[place] = lines[place][:at] + (mark or b" ") + lines[place][at:]
    return b"".join(lines)


def repeated_code(sample: Sample) -> bytes | None:
    """List an entry twice."""
    if sample.rows:
        return workbook([*sample.rows, sample.rows[-1]])
    if sample.suffix == "xml":
        return _of_record(sample, lambda record: record.addnext(copy.deepcopy(record)))
    if sample.suffix == "json":
        return _of_entries(sample, lambda entries: entries.append(entries[-1]))
    lines, last = sample.lines, sample.body[-1]
    return b"".join([*lines[: last + 1], *([] if lines[last].endswith(b"\n") else [b"\n"]), *lines[last:]])


def unknown_parent(sample: Sample) -> bytes | None:
    """Let an entry stand under one that there is not."""
    return _under(sample, lambda _code: NOBODY)


def cycle(sample: Sample) -> bytes | None:
    """Let an entry stand under itself."""
    return _under(sample, lambda code: code)


def _under(sample: Sample, parent: Callable[[str], str]) -> bytes | None:
    """Return the sample with another parent of an entry, None where its format says of none what it stands under."""
    if sample.suffix == "xml" and b"<SuperClass" in sample.data:
        return _of_record(sample, lambda record: record.find("SuperClass").set("code", parent(record.get("code"))))
    if sample.suffix == "json" and b'"parent"' in sample.data:

        def changed(concepts: list[Any]) -> None:
            # a concept within another one has no such property; then this one contradicts where it stands
            properties = concepts[-1].setdefault("property", [])
            properties[:] = [item for item in properties if item["code"] != "parent"]
            properties.append({"code": "parent", "valueCode": parent(concepts[-1]["code"])})

        return _of_entries(sample, changed)
    if sample.suffix != "csv":
        return None
    lines, header = sample.lines, sample.lines[sample.body[0] - 1].decode().strip().split(",")
    if "parent" not in header:
        return None
    place = next(place for place in sample.body if b'"' not in lines[place])
    cells = lines[place].decode().split(",")
    cells[header.index("parent")] = parent(cells[header.index("code")])
    lines[place] = ",".join(cells).encode()
    return b"".join(lines)


def _of_record(sample: Sample, change: Callable[[Any], object]) -> bytes | None:
    root = etree.fromstring(sample.data)
    tag = next(tag for tag in RECORDS if root.find(f".//{tag}") is not None)
    change(root.findall(f".//{tag}")[-1])
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="utf-8")


def _of_entries(sample: Sample, change: Callable[[list[Any]], object]) -> bytes:
    resource = json.loads(sample.data)
    change(resource["concept"] if "concept" in resource else resource["group"][-1]["element"])
    resource.pop("count", None)
    return json.dumps(resource, indent=1).encode()


def empty(sample: Sample) -> bytes | None:
    """Hold nothing."""
    return b"" if sample.data else None


def web_page(sample: Sample) -> bytes | None:
    """Hold the error page of a server."""
    return b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n" if sample.data else None


MUTATIONS: Final[dict[str, Callable[[Sample], bytes | None]]] = {
    made.__name__: made
    for made in (
        *(cut_at_a_third, cut_before_the_last_line, cut_within_a_line),
        *(utf_16, nul_byte, no_text),
        *(shifted_columns, repeated_code, unknown_parent, cycle),
        *(empty, web_page),
    )
}
"""Every mutation by its name."""
