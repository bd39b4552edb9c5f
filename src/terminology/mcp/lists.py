"""A list of codes, checked: what it includes on the day, and what is wrong with which entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from ..query import CodeSystem, Edition, Terminology
from ..wire import sent
from .answers import Answer, answer_of, edition_of, edition_remarks
from .parameters import ArgumentError

if TYPE_CHECKING:
    from ..codelists import CodeList, Match, Resolution
    from ..model import Check

CUT: Final = ("codes", "entries", "entries.codes", "absent", "empty", "damaged")
NAME: Final = "codes"
"""What the list is called in messages: the parameter that it came in."""


def validate_list(store: Terminology, arguments: Mapping[str, Any]) -> Answer:
    """Return the answer of the tool of this name.

    Raises:
        ArgumentError: Neither the list nor the call names a code system, or the arguments contradict each other.
        TerminologyError: The list is none; there is no such system, release or day.
    """
    code_list = _read(store, arguments["codes"], arguments["system"])
    code_system = store[code_list.system or ""]
    edition, was_dated = _edition(store, code_list, code_system, arguments)
    found = sent(code_list.resolve(edition), edition)
    checks = [sent(check, edition).to_dict() for match in found.matches if (check := _check(match, edition))]
    limit = arguments["limit"]
    made = answer_of(
        found.to_dict(),
        limit=limit,
        lists=CUT,
        edition=edition,
        remarks=chain(edition_remarks(edition, code_system, was_dated=was_dated), code_list.warnings),
        summary=_summary(found, checks),
        checks=checks[:limit],
    )
    if len(checks) > limit:
        made.values["left_off"]["checks"] = len(checks) - limit
    return made


def _read(store: Terminology, text: str, system: str | None) -> CodeList:
    from ..codelists import CodeList

    found = CodeList.parse(text, store[system].name if system else None, file=NAME)
    if found.system is None:
        raise ArgumentError("system is missing: the list names no code system either; give one, like icd10cm")
    return found


def _edition(
    store: Terminology, code_list: CodeList, code_system: CodeSystem, arguments: Mapping[str, Any]
) -> tuple[Edition, bool]:
    """Return the edition that the call names, else the one that the list was written for, else today's."""
    on, version, known = arguments["on"], arguments["version"], arguments["known"]
    if not (on or version or known) and (code_list.head.on or code_list.head.release):
        return code_list.edition(store), True
    return edition_of(code_system, on=on, version=version, known=known), bool(on or version)


def _check(match: Match, edition: Edition) -> Check | None:
    """Return what is known of the code that an entry names; None of an entry that names several."""
    if match.check is not None or match.entry.excluding:
        return match.check
    if not match.names_a_code:
        return None
    return edition.check(match.codes[0] if match.codes else match.entry.code)


def _summary(found: Resolution, checks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rows = list(checks)
    return {
        "is_whole": found.is_whole,
        "entries": len(found.matches),
        "codes": len(found.codes),
        "billable": len(found.billable),
        "single_codes": len(rows),
        "single_codes_not_billable": sum(not row["billable"] for row in rows),
        "absent": len(found.absent),
        "empty": len(found.empty),
        "damaged": len(found.damaged),
    }
