"""What the program prints: JSON in the shapes of the contract, and the phrases of its texts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import asdict

from ..model import Check, Concept, History, Note, Notes, Release, Source, Status
from ..query import Edition
from .printing import echo, echo_json, style

STATUS_COLOURS: Final[Mapping[Status, str]] = {
    Status.BILLABLE: "green",
    Status.HEADER: "yellow",
    Status.FUTURE: "cyan",
    Status.EXPIRED: "red",
    Status.UNKNOWN: "red",
    Status.MALFORMED: "red",
    Status.UNCOVERED: "magenta",
}


def say(values: Any, text: Callable[[], Iterable[str]], *, as_json: bool) -> None:
    """Print the values as JSON, or the lines of the text."""
    if as_json:
        echo_json(values)
        return
    for line in text():
        echo(line)


def iso(day: datetime.date | None) -> str | None:
    """Return a day in ISO form, or None."""
    return day.isoformat() if day else None


def through(end: datetime.date | None) -> str:
    """Return the end of a half-open period as people say it.

    >>> through(datetime.date(2021, 10, 1)), through(None)
    ('through 2021-09-30', 'still in force')
    """
    return f"through {end - datetime.timedelta(days=1)}" if end else "still in force"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "release"), counted(2_000, "release")
    ('1 release', '2,000 releases')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def styled(status: Status) -> str:
    """Return a status in its colour; the colour is dropped where the output is no terminal."""
    return style(str(status), fg=STATUS_COLOURS[status])


# ---- the shapes of the contract


def check_values(check: Check) -> dict[str, Any]:
    """Return one row of ``status``."""
    return {
        "code": check.code,
        "status": str(check.status),
        "valid": check.valid,
        "billable": check.billable,
        "suggestion": check.suggestion,
        "other_systems": list(check.other_systems),
    }


def concept_values(edition: Edition, check: Check, concept: Concept | None, notes: Notes) -> dict[str, Any]:
    """Return the object of ``lookup``; of a code that nothing is known of, with nulls in place of what is known."""
    return {
        "system": edition.system,
        "version": edition.release.version if edition.release else None,
        "code": concept.code if concept else check.code,
        "title": concept.title if concept else None,
        "short_title": concept.short_title if concept else None,
        "status": str(check.status),
        "valid": check.valid,
        "billable": check.billable,
        "effective_from": iso(concept.effective_from) if concept else None,
        "effective_to": iso(concept.effective_to) if concept else None,
        "parent": concept.parent if concept else None,
        "properties": dict(concept.properties) if concept else {},
        "notes": [note_values(note) for note in notes],
        "source": source_values(concept.source) if concept else None,
        "suggestion": check.suggestion,
        "other_systems": list(check.other_systems),
        "kind": concept.kind if concept else None,
        "derived": concept.derived if concept else None,
        # of a code that is not in force no notes were asked for
        "notes_known": notes.known if check.valid else None,
    }


def note_values(note: Note) -> dict[str, Any]:
    """Return a note as the contract has it."""
    return {
        "kind": note.kind,
        "text": note.text,
        "declared_at": note.declared_at,
        "inherited": note.inherited,
        "targets": list(note.targets),
    }


def source_values(source: Source | None) -> dict[str, Any] | None:
    """Return the source of an answer, or None where it has none."""
    return asdict(source) if source else None


def history_values(history: History) -> dict[str, Any]:
    """Return the object of ``history``."""
    return {
        "code": history.code,
        "periods": [
            {
                "effective_from": iso(period.effective_from),
                "effective_to": iso(period.effective_to),
                "from_known": period.from_known,
                "status": str(period.status),
                "title": period.title,
            }
            for period in history.periods
        ],
        "predecessors": list(history.predecessors),
        "successors": list(history.successors),
    }


def release_values(release: Release) -> dict[str, Any]:
    """Return one row of ``releases``."""
    return {
        "system": release.system,
        "version": release.version,
        "effective": iso(release.effective),
        "concepts": release.concepts,
        "billable": release.billable,
        "derived": release.derived,
        "sources": [{"file": source.file, "sha256": source.sha256} for source in release.sources],
    }
