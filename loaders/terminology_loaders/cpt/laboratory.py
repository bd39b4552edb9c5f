"""The list of Proprietary Laboratory Analyses (PLA): XML, one element a code, published each quarter.

References:
    AMA, public ETL code `datalabs.curate.cpt.pla` and its tests (`plaCodes/plaCode` with `cdCode` and `cdId`;
    elements `cdDesc`, `cdMDesc`, `cdSDesc`, `cdStatus`, `effectiveDate`, `labName`, `manufacturerName`,
    `publishDate`, `testName`; days with time and zone). The code drops the first line before it parses.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, xml_root

from .dating import name_facts
from .descriptors import LIMITS
from .layout import day_of_text

if TYPE_CHECKING:
    import pyarrow as pa

MARK: Final = re.compile(rb"<plaCodes?[\s>]", re.IGNORECASE)
NAME: Final = re.compile(r"cptpla.*\.xml", re.IGNORECASE)
CODE: Final = re.compile(r"[0-9]{4}[UM]")
TEXTS: Final = {
    "title": "cdDesc",
    "medium_title": "cdMDesc",
    "short_title": "cdSDesc",
    "pla_status": "cdStatus",
    "laboratory": "labName",
    "manufacturer": "manufacturerName",
    "test_name": "testName",
    "consumer_title": "consumerDesc",
}
DAYS: Final = {"effective": "effectiveDate", "pla_published": "publishDate"}
DELETED: Final = "DELETED"


def is_laboratory_list(file: ReadableFile) -> bool:
    """Return whether the file is a list of PLA codes."""
    return MARK.search(file.head) is not None


def read_laboratory_list(file: ReadableFile) -> Part:
    """Return the list as a part.

    Raises:
        ReleaseFormatError: The XML is not well formed, or holds no code.
        ReleaseFaults: Codes are malformed or repeated; descriptor or effective day are missing.
    """
    root = xml_root(_document(file.data), file.label)
    faults = Faults(file.label)
    rows = [
        _row(element, faults)
        for element in root.iter()
        if isinstance(element.tag, str) and _local(element.tag).lower() == "placode"
    ]
    if not rows:
        raise ReleaseFormatError("expected at least one plaCode element, got none", file=file.label, line=1)
    _check(rows, faults)
    faults.kept.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any()
    newest = max(row["effective"] for row in rows if row["effective"])
    facts = {
        "codes": len(rows),
        "newest_day": newest.isoformat(),
        "digest": hashlib.sha256(repr(rows).encode()).hexdigest(),
        **name_facts(file.origin),
    }
    return Part("laboratory", file.origin, facts, {"rows": _table(rows)})


def _document(data: bytes) -> bytes:
    """Return the bytes without what comes before the markup, keeping their lines."""
    start = data.find(b"<")
    return (
        b"\n" * data.count(b"\n", 0, start) + data[start:] if start > 0 and b"<?xml" not in data[:200] else data[start:]
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _row(element: Any, faults: Faults) -> dict[str, Any]:
    line = element.sourceline
    attributes = {name.lower(): value for name, value in element.attrib.items()}
    texts = {_local(child.tag).lower(): " ".join("".join(child.itertext()).split()) for child in element}
    row: dict[str, Any] = {"code": attributes.get("cdcode", "").strip(), "line": line}
    if not CODE.fullmatch(row["code"]):
        faults.add(f"expected a PLA code (four digits and U), got {row['code']!r}", line=line, column="cdCode")
    for name, tag in TEXTS.items():
        row[name] = texts.get(tag.lower()) or None
    for name, tag in DAYS.items():
        row[name] = _day(texts.get(tag.lower(), ""), tag, line, faults)
    return row


def _day(text: str, tag: str, line: int, faults: Faults) -> datetime.date | None:
    try:
        return day_of_text(text)
    except ValueError as error:
        faults.add(str(error), line=line, column=tag)
        return None


def _check(rows: list[dict[str, Any]], faults: Faults) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        code, line = row["code"], row["line"]
        if code in seen:
            faults.add(f"expected each code once, got {code} again (first on line {seen[code]})", line=line)
        seen.setdefault(code, line)
        if not row["title"]:
            faults.add(f"expected a descriptor of {code}, got none", line=line, column="cdDesc")
        if row["effective"] is None and not any(f.line == line and f.column == "effectiveDate" for f in faults.kept):
            faults.add(f"expected the day on which {code} takes effect, got none", line=line, column="effectiveDate")
        for name, kind in (("medium_title", "medium"), ("short_title", "short")):
            if len(row[name] or "") > LIMITS[kind]:
                message = f"expected at most {LIMITS[kind]} characters of a {kind} descriptor, got {len(row[name])}"
                faults.add(message, line=line, column=TEXTS[name])


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    columns = [("code", pa.string()), *((name, pa.string()) for name in TEXTS), *((d, pa.date32()) for d in DAYS)]
    return pa.Table.from_pylist(rows, schema=pa.schema([*columns, ("line", pa.int32())]))
