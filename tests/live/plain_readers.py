"""The publisher's bytes, read in the plainest way and by nothing of the library: what its answers are compared with."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import NamedTuple

Alternatives = Counter[tuple[str, tuple[str, ...] | None]]
"""How often a code leads to codes used together, or to none."""


def members(folder: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Yield archive and name, and the bytes, of every file below a folder whose name matches."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                names = [name for name in packed.namelist() if re.search(pattern, name)]
                yield from ((f"{path.name}!{name}", packed.read(name)) for name in names)
        elif path.is_file() and re.search(pattern, path.name):
            yield path.name, path.read_bytes()


def dotted(system: str, code: str) -> str:
    """Return a code with its dot."""
    code = code.upper()
    places = {"icd10cm": 3, "icd9cm": 4 if code.startswith("E") else 3, "icd9pcs": 2, "icd10pcs": 7}
    place = places[system]
    return f"{code[:place]}.{code[place:]}" if len(code) > place else code


def gem_alternatives(data: bytes, source: str, target: str) -> Alternatives:
    """Return what a GEM says: blanks divide the three fields, and each source is expanded by itself."""
    rows: dict[str, list[tuple[str, str]]] = {}
    words = data.decode("ascii").split()
    for code, to, flags in zip(words[::3], words[1::3], words[2::3], strict=True):
        rows.setdefault(dotted(source, code), []).append((to, flags))
    found: Alternatives = Counter()
    for code, entries in rows.items():
        real = [(dotted(target, to), flags) for to, flags in entries if not to.startswith("No")]
        if not real:
            found[code, None] += 1
        found.update((code, (to,)) for to, flags in real if flags[2] == "0")
        for scenario in sorted({flags[3] for _, flags in real if flags[2] == "1"}):
            mine = [(to, flags[4]) for to, flags in real if flags[2] == "1" and flags[3] == scenario]
            lists = [[to for to, one in mine if one == choice] for choice in sorted({choice for _, choice in mine})]
            found.update((code, codes) for codes in product(*lists))
    return found


def reimbursement_alternatives(data: bytes, source: str, target: str) -> Alternatives:
    """Return what a reimbursement mapping says: a code, a number, that many codes."""
    found: Alternatives = Counter()
    for line in data.decode("ascii").splitlines():
        code, number, *codes = line.split()
        assert int(number) == len(codes)
        found[
            dotted(source, code), None if codes in (["NODX"], ["NOI9"]) else tuple(dotted(target, one) for one in codes)
        ] += 1
    return found


def icd11_pairs(data: bytes) -> set[tuple[str, str | None]]:
    """Return the pairs of a table of ICD-10 and ICD-11: cells by their headings, blocks without a code left out."""
    header, *rows = [line.split("\t") for line in data.decode("utf-8-sig").split("\r\n") if line]
    places = header.index("icd10Code"), header.index("icd11Code")
    found = set()
    for row in rows:
        source, target = (row[place] for place in sorted(places))
        nothing = "No Mapping" in row
        if source and (nothing or target):
            found.add((source, None if nothing else target))
    return found


class Hcpcs(NamedTuple):
    """What a contractor file says of one code."""

    title: str
    short_title: str
    added: date
    terminated: date | None
    coverage: str
    betos: str

    def status(self, day: date) -> str:
        """Return its status on a day."""
        if self.added > day:
            return "future"
        return "expired" if self.terminated and self.terminated < day else "billable"


def hcpcs_codes(data: bytes, repairs: dict[int, bytes]) -> dict[str, Hcpcs]:
    """Return the codes of a contractor file; lines that are known to be odd are given as they should be."""
    lines: dict[str, list[str]] = {}
    for number, raw in enumerate(data.split(b"\r\n"), 1):
        line = repairs.get(number, raw).decode("cp1252")
        if line[10:11] in set("3478"):
            lines.setdefault(line[:5].strip(), []).append(line)
    found = {}
    for code, (first, *more) in lines.items():
        title = " ".join(" ".join(line[11:91] for line in (first, *more)).split())
        days = [first[start : start + 8].strip() for start in (268, 284)]
        added, terminated = (date.fromisoformat(day) if day else None for day in days)
        assert added
        cells = (first[91:119].strip(), first[229:230].strip(), first[256:259].strip())
        found[code] = Hcpcs(title, cells[0], added, terminated, *cells[1:])
    return found


def icd9_titles(data: bytes, system: str) -> dict[str, str]:
    """Return the titles of a list of ICD-9-CM, by code with its dot."""
    width = 5 if system == "icd9cm" else 4
    lines = [line.rstrip("\r") for line in data.decode("cp1252").split("\n") if line.strip()]
    found = {dotted(system, line[:width].strip()): line[width:].strip() for line in lines}
    assert len(found) == len(lines)
    return found
