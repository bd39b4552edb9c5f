"""What the fuzzer starts from, and how it spoils it: the packaged samples, as files, as workbooks and as archives.

An input is one byte, which chooses the seed whose name the file bears, and the bytes of the file. Where the name is
that of a workbook, the bytes may be its rows, with tabs between cells: `file_bytes` makes the workbook of them.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.release_files import workbook

ARCHIVES = "archives"
"""The target that is no loader: the reading of zip archives."""

LARGEST = 65_536
WORDS = re.compile(rb"[\w.-]+|[^\w\s]")
TELLING = (
    *(b"", b"0", b"-1", b"00000000", b"99999999", b"20230230", b"00000101", b"0000", b"10000", b"1e999", b"NaN"),
    *(b"2147483648", b"9" * 30, b"A" * 5000, b"A00", b"A00.0", b"M54.5", b"  ", b"\t", b"\x0b", b"\x1c", b"\r", b"\n"),
    *(b"\0", b"\x81", b"\xff\xfe", b"\xef\xbb\xbf", "²".encode(), "٣".encode(), "\uff10".encode(), "\u2028".encode()),
    *(
        "\x85".encode(),
        "ß".encode(),
        "İ".encode(),
        "ﬁ".encode(),
        b"\xed\xa0\x80",
        b'"',
        b'"a\n',
        b";",
        b"&#0;",
        b"&#x85;",
    ),
    *(b"<!DOCTYPE a>", b"<a>", b"<!-- a -->", b"<?a?>", b"null", b"{}", b"[]", b"true", b"[" * 3000, b'"\\ud800"'),
)
"""Values that programs are known to stumble over."""

TREES = b"""#system: trees
#version: 2024-02
#effective: 2024-02-01
#types: height=integer, weight=decimal, seen=date, names=list, evergreen=boolean
code;title;effective_from;effective_through;billable;height;weight;seen;names;evergreen
A1;Oak;2020-01-01;9998-12-31;yes;12;1.5;2024-01-01;oak|elm;no
A2;Elm;2021-01-01;;no;-3;1e3;2023-02-28;;yes
"""


@dataclass(frozen=True)
class Seed:
    """A file to start from."""

    name: str
    data: bytes


def seeds(target: str) -> list[Seed]:
    """Return the files to start from: the samples of a loader or reader and workbooks, or archives of all samples."""
    from terminology.samples import sample_releases

    if target == ARCHIVES:
        return _archives(sample_releases())
    places = (sample_releases() / target, sample_releases() / "crosswalks" / target)
    files = sorted(path for place in places for path in place.rglob("*") if path.is_file())
    found = [Seed(path.name, path.read_bytes()) for path in files]
    for name, rows in _sheets(target, found).items():
        found.append(Seed(name, b"\n".join(b"\t".join(cell.encode() for cell in row) for row in rows)))
        found.append(Seed(name, workbook(rows)))
    if target == "generic":
        found.append(Seed("trees.csv", TREES))
    return found


def file_bytes(name: str, data: bytes) -> bytes:
    """Return the bytes of the file that an input means; rows under the name of a workbook become one."""
    if not name.endswith(".xlsx") or data.startswith(b"PK"):
        return data
    return workbook([row.split("\t") for row in data.decode("utf-8", "replace").split("\n")])


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one to four things lost, doubled, moved or replaced."""
    if data.startswith(b"PK") and chance.random() < 0.6:
        with contextlib.suppress(Exception):
            return _spoiled_member(data, chance)
    for _ in range(chance.randrange(1, 5)):
        data = chance.choice(SPOILERS)(data, chance)[:LARGEST]
    return data


def _line(data: bytes, chance: random.Random) -> bytes:
    """Lose, double, swap or cut a line."""
    lines = data.splitlines(keepends=True) or [b""]
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        del lines[one]
    elif kind == 1:
        lines.insert(other, lines[one])
    elif kind == 2:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 3:
        lines[one] = lines[one][: chance.randrange(len(lines[one]) + 1)]
    else:
        lines = lines[: one + 1]
    return b"".join(lines)


def _word(data: bytes, chance: random.Random) -> bytes:
    """Replace a word by another one of the file, or by a telling one."""
    words = list(WORDS.finditer(data))
    if not words:
        return chance.choice(TELLING)
    word = chance.choice(words)
    other = chance.choice(words)[0] if chance.random() < 0.4 else chance.choice(TELLING)
    return data[: word.start()] + other + data[word.end() :]


def _number(data: bytes, chance: random.Random) -> bytes:
    """Change a digit."""
    digits = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    place = chance.choice(digits)
    return data[:place] + str(chance.randrange(10)).encode() + data[place + 1 :]


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """Lose, double or replace a few bytes."""
    place, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 4, 40))
    fresh = chance.choice((b"", chance.randbytes(length), data[place : place + length] * 2, chance.choice(TELLING)))
    return data[:place] + fresh + data[place + length :]


SPOILERS = (_line, _line, _word, _word, _word, _number, _bytes)


def _spoiled_member(data: bytes, chance: random.Random) -> bytes:
    """Spoil a member of an archive, or how it is packed, and pack it again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    place = chance.randrange(len(members))
    name, content = members[place]
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    members[place] = (name, spoiled(content, chance))
    if chance.random() < 0.1:
        members[place] = (spoiled(name.encode(), chance).decode("utf-8", "replace")[:200], content)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, method)
    return stream.getvalue()


def zipped(members: Sequence[Seed], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of the files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for member in members:
            archive.writestr(zipfile.ZipInfo(member.name, (2020, 1, 1, 0, 0, 0)), member.data, method)
    return stream.getvalue()


def _archives(samples: Path) -> list[Seed]:
    files = [Seed(path.name, path.read_bytes()) for path in sorted(samples.glob("*/*.txt"))[:3]]
    plain = [Seed("a.zip", zipped(files, method)) for method in (0, 8, 12, 14)]
    book = Seed("book.xlsx", workbook([["HCPC", "SEQNUM", "RECID"], ["A0001", "100", "3"]]))
    nested = Seed("outer.zip", zipped([Seed("folder/", b""), Seed("folder/inner.zip", plain[1].data), book]))
    return [*plain, nested, Seed("none.zip", zipped([]))]


def _sheets(target: str, found: Sequence[Seed]) -> dict[str, list[list[str]]]:
    """Return rows of the publishers' workbooks, made of the text samples, by name of the workbook."""
    if target == "hcpcs":
        from terminology_loaders.hcpcs.records import CELLS

        lines = found[0].data.decode("cp1252").splitlines()
        cells = [[line[cell.span].strip() for cell in CELLS] for line in lines if line[10:11] in set("37")]
        return {"HCPC2018_CONTR_ANWEB.xlsx": [[cell.heading for cell in CELLS], *cells]}
    if target in {"icd9cm", "icd9pcs"}:
        kind = "DIAGNOSIS" if target == "icd9cm" else "PROCEDURE"
        rows = [line.split(maxsplit=1) for line in found[0].data.decode("cp1252").splitlines()]
        head = [f"{kind} CODE", "LONG DESCRIPTION", "SHORT DESCRIPTION"]
        return {f"CMS32_DESC_LONG_SHORT_{kind[:2]}.xlsx": [head, *([code, title, title[:24]] for code, title in rows)]}
    if target == "icd10cm":
        head = ["Current code assignment", "Effective Year", "Previous Code(s) Assignment"]
        rows = [["M54.50", "2021", "M54.5"], ["U07.1", "4/1/2020", "None"], ["Z28.310", "2022-04-01", "Z28.3"]]
        return {"icd10cm_conversion_table_2022.xlsx": [head, *rows]}
    if target == "icd10pcs":
        head = [
            *("Current Code", "Title", "Effective Fiscal Year", "Previous Code", "Previous Title"),
            *("Change Type", "Remarks", "Effective Month and Day"),
        ]
        rows = [
            ["XW013V7", "Title", "2022", "NoPCS", "", "New", "", "04.01"],
            ["5A1221J", "", "2021", "", "", "New", "", "10.01"],
        ]
        return {"icd10pcs_conversion_table_2022.xlsx": [head, *rows]}
    return {}
