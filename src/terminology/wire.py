"""What leaves the process: every answer passes here, and takes its shape in JSON.

A value knows its own shape (`terminology.model.Value.to_dict`); what is put together of several values is put together
here, once for all faces. `sent` is the door: a face hands every answer through it before it prints, writes or sends
it, and shows nothing of an answer that did not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from attrs import evolve

from .licences import may_show, outgoing, unquoted
from .model import Check, Concept, Crosswalk, Notes, Release, Status, Translation, lines_lost, plain
from .periods import coverage_end
from .procedures import Axis
from .query import Edition
from .systems import LICENCES, SYSTEMS, SystemDefinition

Answer = TypeVar("Answer")
Warned = TypeVar("Warned", Release, Crosswalk)


class Licensed(Protocol):
    """An edition, a code system: whatever says which system an answer is of, and which licences are declared."""

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about the system."""
        ...

    @property
    def licences(self) -> frozenset[str]:
        """Short names of the systems whose licence is declared."""
        ...


def sent(answer: Answer, of: Licensed) -> Answer:
    """Return an answer as it may leave the process: whole, or without the texts of a system without declared licence.

    >>> sent(store["icd10cm"].latest["M54.50"], store["icd10cm"]).title
    'Low back pain, unspecified'
    """
    return outgoing(answer, of.definition, of.licences)


def sent_translation(
    found: Translation, systems: Iterable[str], loaded: Mapping[str, Licensed], licences: frozenset[str]
) -> Translation:
    """Return a translation as it may leave the process: its steps may quote any system that the way leads through.

    Args:
        found: The answer.
        systems: Short names of the systems that it leads from and to.
        loaded: The store.
        licences: Short names of the systems whose licence is declared.
    """
    steps = [*found.path, *(step for alternative in found.alternatives for step in alternative.path)]
    for name in dict.fromkeys([*systems, *(step.system for step in steps)]):
        definition = loaded[name].definition if name in loaded else SYSTEMS.get(name)
        if definition is not None:
            found = outgoing(found, definition, licences)
    return found


def sent_crosswalk(crosswalk: Crosswalk, licences: frozenset[str]) -> Crosswalk:
    """Return a crosswalk as it may leave the process: its warnings quote no text of a system without licence."""
    return _sent_warnings(crosswalk, (crosswalk.source_system, crosswalk.target_system), licences)


def sent_release(release: Release, licences: frozenset[str]) -> Release:
    """Return a release as it may leave the process: its warnings quote no text of a system without licence."""
    return _sent_warnings(release, (release.system,), licences)


def _sent_warnings(warned: Warned, systems: Iterable[str], licences: frozenset[str]) -> Warned:
    if all(may_show(SYSTEMS[name], licences) for name in systems if name in SYSTEMS):
        return warned
    faults = tuple(evolve(fault, message=unquoted(fault.message), text=None) for fault in warned.faults)
    return evolve(warned, warnings=tuple(map(unquoted, warned.warnings)), faults=faults)


# ---- sentences about the edition that answers


def late_day(edition: Edition, newest: Release) -> str | None:
    """Return that an answer is for a day after the year, or the quarter, of the newest release; None for others.

    The reason, and what to load, is in the answer itself.

    >>> late_day(store["icd10cm"].on("2031-01-15"), store["icd10cm"].releases[-1])
    '2031-01-15 is after the newest release of ICD-10-CM, 2022-04'
    """
    definition = edition.definition
    end = coverage_end("calendar" if definition.calendar == "open" else definition.calendar, newest.effective)
    if end is None or edition.date < end or definition.is_over(edition.date):
        return None
    goes_on = ", and answered from it" if edition.is_covered else ""
    return f"{edition.date} is after the newest release of {definition.title}, {newest.version}{goes_on}"


def unread_lines(edition: Edition) -> str | None:
    """Return how many lines the release in force lacks that could not be read; None where it lacks none."""
    faults = edition.release.faults if edition.release else ()
    if not faults:
        return None
    lines = lines_lost(faults)
    version = edition.release.version if edition.release else ""
    return f"{edition.system} {version} lacks {lines:,} {'line' if lines == 1 else 'lines'} that could not be read"


def withheld(of: Licensed) -> str | None:
    """Return how a licence is declared, where texts are withheld because none is; None where they are shown.

    >>> withheld(store["icd10cm"]) is None
    True
    """
    if may_show(of.definition, of.licences):
        return None
    title, name = of.definition.title, of.definition.name
    return f"texts of {title} are withheld: declare your licence with {LICENCES}={name}"


# ---- answers of several values


def lookup_values(edition: Edition, check: Check, concept: Concept | None, notes: Notes) -> dict[str, Any]:
    """Return the object of ``lookup``; of a code that nothing is known of, with nulls in place of what is known.

    The values are those that `sent` returned.
    """
    known = concept.to_dict() if concept else dict.fromkeys([*UNKNOWN_CONCEPT, "kind", "derived"])
    return {
        "system": edition.system,
        "version": edition.release.version if edition.release else None,
        "code": concept.code if concept else check.code,
        "title": known["title"],
        "short_title": known["short_title"],
        "status": str(check.status),
        "valid": check.valid,
        "billable": check.billable,
        "effective_from": known["effective_from"],
        "effective_to": known["effective_to"],
        "from_known": known["from_known"],
        "parent": known["parent"],
        "properties": known["properties"] or {},
        "notes": plain(notes),
        "source": known["source"],
        "suggestion": check.suggestion,
        "other_systems": list(check.other_systems),
        "kind": known["kind"],
        "derived": known["derived"],
        # of a code that is not in force no notes were asked for
        "notes_known": notes.known if check.valid else None,
    }


UNKNOWN_CONCEPT = (
    "title",
    "short_title",
    "effective_from",
    "effective_to",
    "from_known",
    "parent",
    "properties",
    "source",
)
"""What ``lookup`` has as null of a code that nothing is known of."""


def property_text(value: Any) -> str:
    """Return the value of a property as people read it.

    >>> property_text(["00", "57"]), property_text(True)
    ('00; 57', 'yes')
    """
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return "; ".join(property_text(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def place_values(concepts: Iterable[Concept]) -> list[dict[str, Any]]:
    """Return the rows of ``parent``, ``children``, ``ancestors`` and ``descendants``."""
    return [{"code": one.code, "title": one.title, "billable": one.billable} for one in concepts]


def build_values(
    prefix: str, axes: Sequence[Axis], title: str | None, choices: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Return the object of ``pcs build``: the axes so far, and the values that may follow."""
    return {
        "prefix": prefix,
        "axes": plain(tuple(axes)),
        "next": {
            "position": len(prefix) + 1 if title else None,
            "title": title,
            "values": [{"value": value, "label": label} for value, label in choices],
        },
    }


def axes_values(
    code: str, concept: Concept | None, status: Status, axes: Sequence[Axis], explanation: str
) -> dict[str, Any]:
    """Return the object of ``pcs explain``."""
    return {
        "code": concept.code if concept else code.strip().upper(),
        "title": concept.title if concept and status.valid else None,
        "status": str(status),
        "valid": status.valid,
        "axes": plain(tuple(axes)),
        "explanation": explanation,
    }
