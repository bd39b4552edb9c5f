"""The files of a release of CPT, compared with each other: what one says and another does not."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, Final

from terminology.counts import counted
from terminology.drafts import Part
from terminology.reading import Faults

from .authority import Change, believed
from .changes import changes_of
from .concepts import CodeList
from .laboratory import DELETED as DELETED_STATUS
from .layout import AUTHORITIES, category_of

SHOWN: Final = 5


def descriptor_checks(parts: Sequence[Part], codes: CodeList) -> Iterator[str]:
    """Yield where two files word a descriptor differently.

    Raises:
        ReleaseFaults, ReleaseFormatError: They list different codes.
    """
    authority = parts[0]
    for kind in AUTHORITIES:
        part = _of(kind, parts)
        if part is None or part is authority:
            continue
        faults = Faults(part.origin.label)
        rows = part.tables["rows"].to_pylist()
        for row in rows:
            if row["code"] not in codes.rows:
                faults.add(
                    f"expected a code of {authority.origin.label}, got {row['code']}", line=row["line"], column=1
                )
        listed = {row["code"] for row in rows}
        if lost := [code for code in codes.rows if code not in listed]:
            message = f"expected all {len(codes.rows):,} codes of {authority.origin.label}, {counted(len(lost), 'is', 'are')} missing: "
            faults.add(message + _listed(lost), line=rows[-1]["line"])
        faults.raise_if_any()
        if kind.startswith("long") and authority.kind.startswith(("long", "consolidated")):
            yield from _wording(part, authority, codes, rows)


def _wording(part: Part, authority: Part, codes: CodeList, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    fold = "upper" in part.kind or "upper" in authority.kind
    own = {code: row["title"].upper() if fold else row["title"] for code, row in codes.rows.items()}
    wrong = [row["code"] for row in rows if own[row["code"]] != (row["title"].upper() if fold else row["title"])]
    if wrong:
        yield f"{part.origin.label}: {_counted(wrong)} worded differently than in {authority.origin.label}"


def subset_checks(parts: Sequence[Part], codes: CodeList) -> list[str]:
    """Return where files in other words have codes that the release lacks."""
    found = []
    for kind in ("consumer", "clinician"):
        if part := _of(kind, parts):
            listed = dict.fromkeys(part.tables["rows"].column("code").to_pylist())
            if unknown := [code for code in listed if code not in codes.rows]:
                found.append(f"{part.origin.label}: {_counted(unknown)} not in the release, left out")
    return found


def laboratory_checks(part: Part, codes: CodeList, day: datetime.date) -> list[str]:
    """Return where the list of PLA codes and the release differ."""
    rows = part.tables["rows"].to_pylist()
    listed = {row["code"] for row in rows}
    due = [row for row in rows if row["effective"] <= day]
    deleted = [row["code"] for row in due if (row["pla_status"] or "").upper() == DELETED_STATUS]
    found = {
        "in force by the list, not in the release": [
            row["code"] for row in due if row["code"] not in codes.rows and row["code"] not in deleted
        ],
        "deleted by the list, in the release": [code for code in deleted if code in codes.rows],
        "in the release, not in the list": [
            code for code in codes.rows if category_of(code) == "PLA" and code not in listed
        ],
    }
    return [f"{part.origin.label}: {_counted(wrong)} {what}" for what, wrong in found.items() if wrong]


def history_checks(histories: Sequence[Part], codes: set[str], day: datetime.date) -> list[str]:
    """Return where the last change of a code up to the release is not what the release shows."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, changes in _by_code(histories).items():
        last = next((one for one in reversed(believed([one for one in changes if one.day <= day]))), None)
        if last and last.begins != (code in codes):
            what = (
                "added by the history, not in the release" if last.begins else "deleted by the history, in the release"
            )
            found.setdefault((last.part.origin.label, what), []).append(code)
    return [f"{label}: {_counted(sorted(wrong))} {what}" for (label, what), wrong in sorted(found.items())]


def deletion_checks(histories: Sequence[Part]) -> list[str]:
    """Return where the list of deleted codes and the history date another deletion; the same one in both is one."""
    history, deleted = _of("history", histories), _of("deleted", histories)
    if history is None or deleted is None:
        return []
    told, listed = _by_code([history]), _by_code([deleted])
    days = {code: {one.day for one in changes if not one.begins} for code, changes in told.items()}
    found: dict[str, list[str]] = {}
    for code, changes in sorted(listed.items()):
        day = changes[-1].day
        if not days.get(code):
            found.setdefault(f"deleted, and not by {history.origin.label}", []).append(code)
        elif day not in days[code]:
            other = f"{code}: {day}, there {max(days[code])}"
            found.setdefault(f"deleted on another day than {history.origin.label} says", []).append(other)
    if lost := [code for code, changes in sorted(told.items()) if not changes[-1].begins and code not in listed]:
        found[f"deleted by {history.origin.label}, and not in the list"] = lost
    return [f"{deleted.origin.label}: {_counted(wrong)} {what}" for what, wrong in found.items()]


def _by_code(parts: Sequence[Part]) -> dict[str, list[Change]]:
    """Return the changes that the files say, by code, in order of their days."""
    found: dict[str, list[Change]] = {}
    for change in sorted(changes_of(parts), key=lambda one: one.place):
        found.setdefault(change.code, []).append(change)
    return found


def _counted(codes: Sequence[str]) -> str:
    return f"{len(codes)} code{'s' * (len(codes) != 1)} ({_listed(codes)})"


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")


def _of(kind: str, parts: Sequence[Part]) -> Part | None:
    return next((part for part in parts if part.kind == kind), None)
