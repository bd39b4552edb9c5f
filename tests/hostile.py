"""Makes hostile files of good ones, mechanically: what an attacker would send, or a disk or a program gone wrong.

Every kind takes a `Sample` and returns name and bytes of the file, or None where its format has nothing of the kind.
All are small: what they take when they are read is another matter.
"""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Final

from .mutations import Sample
from .release_files import workbook, zipped

Made = tuple[str, bytes] | None
DAY: Final = re.compile(rb"(?:19|20)\d\d(-?)(?:0[1-9]|1[0-2])\1(?:[0-2]\d|3[01])")
NESTED: Final = 50_000
NUMBER: Final = re.compile(rb"(?<=[ ,;:|\t\">])\d+(?=[ ,;|\t\"<\r\n}])")


def is_text(sample: Sample) -> bool:
    """Return whether the sample is a text, and not a workbook or columns."""
    return not sample.rows and sample.suffix not in {"parquet", "xls", "xlsx"}


def middle(sample: Sample) -> int:
    """Return a place within the first title in the second half of a text."""
    found = re.compile(rb"[A-Za-z]{4}").search(sample.data, len(sample.data) // 2)
    return found.start() + 2 if found else len(sample.data) // 2


def with_inserted(sample: Sample, inserted: bytes) -> Made:
    """Return the text with bytes in the middle of a word."""
    at = middle(sample)
    return (sample.name, sample.data[:at] + inserted + sample.data[at:]) if is_text(sample) else None


def deep_nesting(sample: Sample) -> Made:
    """Nest elements or values fifty thousand deep."""
    if sample.suffix == "xml":
        end = sample.data.rindex(b"</")
        return sample.name, sample.data[:end] + b"<a>" * NESTED + b"</a>" * NESTED + sample.data[end:]
    if sample.suffix == "json":
        start = sample.data.index(b"{") + 1
        return sample.name, sample.data[:start] + b'"deep": ' + b"[" * NESTED + b"]" * NESTED + b"," + sample.data[
            start:
        ]
    return None


def lone_surrogate(sample: Sample) -> Made:
    """Put half a character into a title: as an escape of JSON, else as its bytes."""
    return with_inserted(sample, rb"\ud800" if sample.suffix == "json" else b"\xed\xa0\x80")


def huge_number(sample: Sample) -> Made:
    """Put a number of five thousand digits in place of one in the middle."""
    found = NUMBER.search(sample.data, len(sample.data) // 2) if is_text(sample) else None
    if found is None:
        return None
    return sample.name, sample.data[: found.start()] + b"9" * 5_000 + sample.data[found.end() :]


def extreme_days(sample: Sample) -> Made:
    """Put the last day that there is in place of every day."""
    changed = DAY.sub(lambda day: b"9999-12-31" if day[1] else b"99991231", sample.data)
    return (sample.name, changed) if is_text(sample) and changed != sample.data else None


def impossible_days(sample: Sample) -> Made:
    """Put a day that there never was in place of every day."""
    changed = DAY.sub(lambda day: b"0000-00-00" if day[1] else b"00000000", sample.data)
    return (sample.name, changed) if is_text(sample) and changed != sample.data else None


def terminal_commands(sample: Sample) -> Made:
    """Put commands of a terminal, and marks that turn the direction of writing, into a title."""
    return with_inserted(sample, "\x1b]0;owned\x07\x9b2J\u202e".encode()) if sample.suffix != "xml" else None


def endless_line(sample: Sample) -> Made:
    """End with a line of two million characters."""
    return (sample.name, sample.data + b"A" * 2_000_000) if is_text(sample) else None


def many_lines(sample: Sample) -> Made:
    """End with ten million line ends."""
    return (sample.name, sample.data + b"\n" * 10_000_000) if is_text(sample) else None


def many_values(sample: Sample) -> Made:
    """Hold five million elements, objects or cells beside its own."""
    if sample.suffix == "xml":
        end = sample.data.rindex(b"</")
        return sample.name, sample.data[:end] + b"<a/>" * 5_000_000 + sample.data[end:]
    if sample.suffix == "json":
        start = sample.data.index(b"{") + 1
        return sample.name, sample.data[:start] + b'"x": [' + b"{}," * 5_000_000 + b"{}]," + sample.data[start:]
    return (sample.name, sample.data + b"," * 5_000_000) if sample.suffix == "csv" else None


def entities(sample: Sample) -> Made:
    """Declare entities that grow to a billion laughs."""
    if sample.suffix != "xml":
        return None
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) if n else b"ha") * 10) for n in range(10))
    head, _, rest = sample.data.partition(b"?>")
    return sample.name, head + b"?><!DOCTYPE x [" + laughs + b"]>" + rest


def far_cell(sample: Sample) -> Made:
    """Be a workbook of two cells, the first and the last that there can be."""
    data = workbook([("x",)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in members if "worksheets/" in name)
    cells = (
        b'<row r="%d"><c r="%s" t="inlineStr"><is><t>x</t></is></c></row>' % cell
        for cell in ((1, b"A1"), (1_048_576, b"XFD1048576"))
    )
    head, _, rest = members[name].partition(b"<sheetData>")
    members[name] = head + b"<sheetData>" + b"".join(cells) + rest[rest.index(b"</sheetData>") :]
    return f"{sample.name.rpartition('.')[0]}.xlsx", zipped(members)


def swollen_workbook(sample: Sample) -> Made:
    """Be a workbook of a sheet that unpacks a thousandfold."""
    data = workbook([("x",)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in members if "worksheets/" in name)
    members[name] = members[name].replace(b"<sheetData>", b"<sheetData>" + b"<row/>" * 1_000_000)
    return f"{sample.name.rpartition('.')[0]}.xlsx", zipped(members)


def cyclic_workbook(sample: Sample) -> Made:
    """Be an old workbook whose chain of sectors leads back to itself."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<8I", head, 44, 1, 1, 0, 4096, end, 0, end, 0)
    struct.pack_into("<109I", head, 76, 0, *[free] * 108)
    entry = bytearray("Root Entry".encode("utf-16-le").ljust(512, b"\0"))
    struct.pack_into("<HBB", entry, 64, 22, 5, 1)
    struct.pack_into("<3I", entry, 68, free, free, free)
    table = struct.pack("<128I", fat, 2, 1, *[free] * 125)
    return f"{sample.name.rpartition('.')[0]}.xls", bytes(head) + table + bytes(entry) * 2


def false_parquet(sample: Sample) -> Made:
    """Be Parquet by the first and the last bytes, and nothing in between."""
    noise = random.Random(5).randbytes(4_000)  # noqa: S311 -- no secret
    return f"{sample.name.rpartition('.')[0]}.parquet", b"PAR1" + noise + struct.pack("<I", 2_000) + b"PAR1"


def zip_bomb(sample: Sample) -> Made:
    """Come in an archive beside a member that unpacks a thousandfold."""
    return f"{sample.name}.zip", zipped({sample.name: sample.data, "zeros.txt": bytes(20_000_000)})


def nested_bomb(sample: Sample, part: int = 1) -> tuple[str, bytes]:
    """Come in an archive beside archives, each within its bounds, that unpack to more than the whole may, or a part of it."""
    member = (random.Random(3).randbytes(8_000) + bytes(400_000)) * (400 // part)  # noqa: S311 -- no secret
    inner = zipped({"a.txt": member})
    archives = {f"{number}.zip": inner for number in range(7)}
    return f"{sample.name}.zip", zipped({sample.name: sample.data, **archives}, compression=zipfile.ZIP_STORED)


def noise(sample: Sample) -> Made:
    """Keep the first kilobyte, and be noise from there on."""
    return sample.name, sample.data[:1_000] + random.Random(1).randbytes(100_000)  # noqa: S311 -- no secret


HOSTILE: Final[dict[str, Callable[[Sample], Made]]] = {
    made.__name__: made
    for made in (
        deep_nesting,
        lone_surrogate,
        huge_number,
        extreme_days,
        impossible_days,
        terminal_commands,
        endless_line,
        many_lines,
        many_values,
        entities,
        far_cell,
        swollen_workbook,
        cyclic_workbook,
        false_parquet,
        zip_bomb,
        noise,
    )
}
NEVER_TAKEN: Final = frozenset(
    {
        "entities",
        "far_cell",
        "swollen_workbook",
        "cyclic_workbook",
        "false_parquet",
        "zip_bomb",
    }
)
"""Kinds of which nothing may ever be committed."""
