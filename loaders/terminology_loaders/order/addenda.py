"""The order addenda of ICD-10-CM and ICD-10-PCS: what changed from one order file to the next.

The file ends in a summary that counts codes and headers before and after, so it proves which two releases it
connects (an errata may come without). Records end at the first line without a label. ICD-10-CM writes a flag
before the code; ICD-10-PCS does not, there the length of a code decides: three characters are a table, seven a code.

References:
    CMS and NCHS, "ICD-10-CM/PCS Order File Format", section on the addenda.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.reading import Faults, lines_of

from .file import CM_NAME, CODE, PCS_NAME

if TYPE_CHECKING:
    import pyarrow as pa

LABELS: Final = ("Add:", "Delete:", "Revise from:", "Revise to:")
RECORD: Final = re.compile(rb"(?:Add|Delete|Revise from|Revise to): ")
PCS_RECORD: Final = re.compile(r".{13}(?:[0-9A-HJ-NP-Z]{3}    |[0-9A-HJ-NP-Z]{7}) ")
TOTAL: Final = re.compile(r"(?<!\d)(\d{1,9}) (codes|headers) in (\S+)")
COUNT: Final = re.compile(r"\s*(\d{1,9}) (additions|deletions|revisions)\s*$")
EMPTY_ADDENDA: Final = 2048
"""More bytes than an addenda without a record has."""
TABLE_LENGTH: Final = 3
CODE_LENGTH: Final = 7
SUMMARY_HEAD: Final = re.compile(rb"^\s*(Codes|Headers)\s*$", re.MULTILINE)


@frozen
class Change:
    """One record of an addenda."""

    action: str
    """add, delete, revise_from or revise_to."""
    billable: bool | None
    """None in a codes addenda, which lists billable codes only and has no flag."""
    code: str
    short_title: str
    title: str
    line: int


@frozen
class Addenda:
    """The records of an addenda, and its summary as facts.

    Facts: ``level`` (order or codes), ``flagged`` (whether records have a flag), ``changes`` (the number of
    records by action), ``old_name`` and ``new_name`` (the files that it connects), and for ``codes`` and
    ``headers`` the counts ``old``, ``new``, ``additions``, ``deletions``, ``revisions``.
    """

    changes: tuple[Change, ...]
    facts: dict[str, Any]

    def to_table(self) -> pa.Table:
        """Return the records as an Arrow table."""
        import pyarrow as pa

        names = ("action", "billable", "code", "short_title", "title", "line")
        types = (pa.string(), pa.bool_(), pa.string(), pa.string(), pa.string(), pa.int32())
        columns = [
            pa.array([getattr(change, name) for change in self.changes], kind)
            for name, kind in zip(names, types, strict=True)
        ]
        return pa.table(dict(zip(names, columns, strict=True)))


def changes_of(table: pa.Table) -> list[Change]:
    """Return the records that `Addenda.to_table` wrote."""
    return [Change(**row) for row in table.to_pylist()]


def is_addenda(head: bytes) -> bool:
    """Return whether the bytes begin like an addenda: a labelled record, or a summary without any record.

    >>> is_addenda(b"Add:         1 C810A   Nodular lymphocyte predom"), is_addenda(b"Codes\\n  12 codes in icd10cm")
    (True, True)
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if RECORD.match(start):
        return True
    return len(start) < EMPTY_ADDENDA and bool(SUMMARY_HEAD.search(start)) and b" in icd10" in start


def is_pcs_addenda(text: str, name: str) -> bool:
    """Return whether an addenda is of ICD-10-PCS: by the files that it names, its own name, else by its codes.

    >>> is_pcs_addenda("Add:         XW023X7 Introduce\\n", "order_addenda_2022.txt")
    True
    """
    names = TOTAL.findall(text)
    if names:
        return PCS_NAME.search(names[-1][2]) is not None
    if CM_NAME.search(name):
        return False
    records = [line for _, line in lines_of(text) if line.startswith(LABELS)]
    return PCS_NAME.search(name) is not None or (bool(records) and all(PCS_RECORD.match(r) for r in records))


def read_addenda(text: str, file: str) -> Addenda:
    """Return the records and the summary of an addenda.

    Raises:
        ReleaseFaults: Records are malformed, or their number is not what the summary says; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file)
    lines = list(lines_of(text))
    end = next((i for i, (_, line) in enumerate(lines) if line.strip() and not line.startswith(LABELS)), len(lines))
    records = [(number, line) for number, line in lines[:end] if line.strip()]
    flagged = _has_flags(records)
    counts_headers = any(" headers in " in line for _, line in lines[end:])
    level = "order" if flagged or counts_headers or _has_two_titles(records) else "codes"
    layout = (level, flagged or (level == "order" and not records))
    changes = tuple(change for number, line in records if (change := _change(number, line, layout, faults)) is not None)
    counted = dict(Counter(change.action for change in changes))
    facts = {"level": level, "flagged": flagged, "changes": counted, **_summary([line for _, line in lines[end:]])}
    _check_counts(changes, facts, faults, lines[end][0] if end < len(lines) else len(lines))
    faults.raise_if_any()
    return Addenda(changes, facts)


def _has_flags(records: list[tuple[int, str]]) -> bool:
    flagged = sum(line[13:14] in ("0", "1") and line[14:15] == " " for _, line in records)
    return flagged * 2 > len(records)


def _has_two_titles(records: list[tuple[int, str]]) -> bool:
    """Return whether records without a flag hold a short title in 60 columns before the long one.

    Every long title begins in its column; where all short titles fill theirs, only the blanks between decide.
    """
    titles = [line[21:] for _, line in records]
    aligned = [title[60:61] == " " and title[61:62].strip() != "" for title in titles]
    return bool(titles) and all(aligned) and any("  " in title[:61] for title in titles)


def _change(number: int, line: str, layout: tuple[str, bool], faults: Faults) -> Change | None:
    level, flagged = layout
    action = line[:13].rstrip()
    start = 15 if flagged else 13
    code = line[start : start + 7].rstrip()
    if action not in LABELS:
        faults.add(f"expected one of {', '.join(LABELS)}, got {action!r}", line=number, column=1)
        return None
    if flagged and (line[13:14] not in ("0", "1") or line[14:15] != " "):
        faults.add(f"expected '0' or '1' and a blank, got {line[13:15]!r}", line=number, column=14)
        return None
    if not CODE.fullmatch(code) or line[start + 7 : start + 8] != " ":
        found = line[start : start + 8]
        faults.add(f"expected a code in seven columns, got {found!r}", line=number, column=start + 1)
        return None
    name = action.rstrip(":").lower().replace(" ", "_")
    rest = line[start + 8 :]
    if level == "codes":
        return Change(name, None, code, "", rest.rstrip(), number)
    billable = line[13] == "1" if flagged else _billable_by_length(code)
    if billable is None:
        faults.add(f"expected a table of 3 or a code of 7 characters, got {code!r}", line=number, column=start + 1)
        return None
    return Change(name, billable, code, rest[:60].rstrip(), rest[61:].rstrip(), number)


def _billable_by_length(code: str) -> bool | None:
    """Return the flag of a code of ICD-10-PCS, None where its length decides none."""
    return {TABLE_LENGTH: False, CODE_LENGTH: True}.get(len(code))


def _summary(lines: list[str]) -> dict[str, Any]:
    """Return old and new file names and the counts by block; empty where the file has no summary."""
    facts: dict[str, Any] = {}
    block: dict[str, Any] = {}
    for line in lines:
        if total := TOTAL.match(line.lstrip()):
            block = facts.setdefault(total[2], {})
            side = "new" if "old" in block else "old"
            block[side] = int(total[1])
            facts[f"{side}_name"] = total[3]
        elif count := COUNT.match(line):
            block[count[2]] = int(count[1])
    return facts


def _check_counts(changes: tuple[Change, ...], facts: dict[str, Any], faults: Faults, line: int) -> None:
    """Note where the summary contradicts the records: a file cut short, or lines lost."""
    if "headers" in facts and "codes" not in facts:
        faults.add("expected the summary to count codes after headers: it is cut short", line=line)
    for name, flag in (("codes", True), ("headers", False)):
        counts = facts.get(name)
        if counts is None:
            continue
        missing = [word for word in ("old", "new", "additions", "deletions", "revisions") if word not in counts]
        if missing:
            faults.add(f"expected the summary of {name} to count {', '.join(missing)}: it is cut short", line=line)
            continue
        for label, action in (("additions", "add"), ("deletions", "delete"), ("revisions", "revise_to")):
            found = sum(1 for c in changes if c.action == action and c.billable in (flag, None))
            if found != counts[label]:
                faults.add(f"the summary counts {counts[label]} {label} of {name}, the records {found}", line=line)
        if counts["old"] + counts["additions"] - counts["deletions"] != counts["new"]:
            faults.add(f"{counts['old']} {name} and the changes do not make {counts['new']}", line=line)
