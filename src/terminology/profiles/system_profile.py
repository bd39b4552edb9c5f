"""What the rows of one code system hold, as values: by status, year and chapter, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, field, frozen

from ..codelists import CodeChange, Unrepaired
from ..licences import unquoted
from ..model import Release, Status
from ..repairs import Rule
from ..systems import SystemDefinition

EMPTY: Final = "empty"
"""Beside the statuses: there is no code, or a word for none."""
NO_DAY: Final = "no_day"
"""Beside the statuses: the row has no day that can be read."""
STATES: Final = (*map(str, Status), EMPTY, NO_DAY)
"""What rows are counted by."""


class Action(StrEnum):
    """What to do about a text."""

    REPAIR = "repair"
    """Take the code that it was meant for: one alone fits."""
    CHOOSE = "choose"
    """Choose: several codes fit, or are in one cell."""
    SPECIFY = "specify"
    """It is a header: choose one of the billable codes below it."""
    REPLACE = "replace"
    """It was not in force on its day: take what was in force in its place."""
    CHECK_DAY = "check_day"
    """It was not in force yet: check the day, or the code."""
    MOVE = "move"
    """It is a code of another system: move it there, or translate it."""
    EMPTY = "empty"
    """It is a word for nothing: leave the cell empty."""
    DECIDE = "decide"
    """Nothing that is loaded says what it was meant for."""


ACTIONS: Final[Mapping[str, str]] = {
    Action.REPAIR: "take the code that it was meant for",
    Action.CHOOSE: "choose one of the codes that fit",
    Action.SPECIFY: "choose a billable code below the header",
    Action.REPLACE: "take the code that was in force in its place",
    Action.CHECK_DAY: "check the day: the code came later",
    Action.MOVE: "move to its own code system, or translate",
    Action.EMPTY: "leave the cell empty",
    Action.DECIDE: "decide: nothing loaded says what was meant",
}
"""Actions as people read them."""


@frozen
class Finding:
    """A text that is not billable on the day of its rows, with what to do about it."""

    text: str
    """The code in official form; of what is no code the text as it is written."""
    status: str
    """A status, or ``empty`` of a word for nothing."""
    rows: int
    """With the text and this status."""
    years: tuple[int, int] | None
    """First and last year of its rows; None where they have no days."""
    action: Action
    """What to do about it."""
    reason: str
    """Why it is not billable, as a sentence."""
    title: str | None = None
    """Of the code, where a release knows it; None where it is withheld."""
    kind: Rule | Unrepaired | None = None
    """The kind of damage, of a text that is no known code."""
    instead: tuple[tuple[str, ...], ...] = ()
    """What to take in its place: alternatives of codes that are used together."""
    other_systems: tuple[str, ...] = ()
    """Short names of the systems that know it."""

    def without_texts(self, _open_properties: Iterable[str] = ()) -> Finding:
        """Return the finding without the publisher's words; the text of the column itself stays."""
        return evolve(self, title=None, reason=unquoted(self.reason))

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        return {
            "text": self.text,
            "status": self.status,
            "rows": self.rows,
            "years": list(self.years) if self.years else None,
            "title": self.title,
            "kind": str(self.kind) if self.kind else None,
            "action": str(self.action),
            "instead": [list(group) for group in self.instead],
            "other_systems": list(self.other_systems),
            "reason": self.reason,
        }


@frozen
class Chapter:
    """A chapter of the system, with the rows whose codes are in it."""

    code: str
    """Of the chapter."""
    title: str | None
    """None where it is withheld."""
    rows: int
    """With a code of the chapter."""

    def to_dict(self) -> dict[str, Any]:
        """Return the chapter as plain values."""
        return {"code": self.code, "title": self.title, "rows": self.rows}


@frozen
class EndedCode:
    """A code that is right on the day of its rows, and that a release does not have as a billable code."""

    rows: int
    """With the code."""
    change: CodeChange
    """What the release makes of it."""

    def without_texts(self, open_properties: Iterable[str] = ()) -> EndedCode:
        """Return the code without the publisher's words."""
        return evolve(self, change=self.change.without_texts(open_properties))

    def to_dict(self) -> dict[str, Any]:
        """Return the code as plain values."""
        return {"rows": self.rows, **self.change.to_dict()}


@frozen(eq=False)
class SystemProfile:
    """What the rows of one code system hold."""

    definition: SystemDefinition
    """What is fixed about the code system."""
    rows: int
    """Those with a text that is read as a code of this system."""
    codes: int
    """Different codes that a release knows."""
    statuses: Mapping[str, int]
    """Rows by status; with ``empty`` and ``no_day`` beside the statuses. Only those that occur."""
    years: Mapping[int, Mapping[str, int]]
    """Rows by year and status; empty where rows have no days."""
    chapters: tuple[Chapter, ...]
    """In their order; codes that are in no chapter are not counted."""
    findings: tuple[Finding, ...] = field(repr=False)
    """Texts that are not billable on the day of their rows, those with the most rows first."""
    unlisted: int
    """Rows that are not billable and are in no finding: there are too many different texts."""
    rewritten: int
    """Rows with a known code that is not written in its official form."""
    gap: str | None
    """Why no release covers some days, and which one would; None where all are covered."""
    release: Release | None
    """The release that the codes are compared with."""
    ended: tuple[EndedCode, ...] = field(repr=False)
    """Codes that this release does not have as billable codes, those with the most rows first."""

    @property
    def name(self) -> str:
        """Short name of the code system."""
        return self.definition.name

    @property
    def kinds(self) -> dict[str, int]:
        """Rows by the kind of damage, most first."""
        found: dict[str, int] = {}
        for finding in self.findings:
            if finding.kind:
                found[str(finding.kind)] = found.get(str(finding.kind), 0) + finding.rows
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def actions(self) -> dict[str, int]:
        """Rows by what to do about them, most first."""
        found: dict[str, int] = {}
        for finding in self.findings:
            found[str(finding.action)] = found.get(str(finding.action), 0) + finding.rows
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def ended_rows(self) -> int:
        """Rows whose code is right on its day and that ``release`` does not have as a billable code."""
        return sum(code.rows for code in self.ended)

    def without_texts(self, open_properties: Iterable[str] = ()) -> SystemProfile:
        """Return the profile without the publisher's words; the texts of the column itself stay."""
        return evolve(
            self,
            chapters=tuple(evolve(chapter, title=None) for chapter in self.chapters),
            findings=tuple(finding.without_texts(open_properties) for finding in self.findings),
            ended=tuple(code.without_texts(open_properties) for code in self.ended),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as plain values."""
        return {
            "system": self.name,
            "rows": self.rows,
            "codes": self.codes,
            "statuses": dict(self.statuses),
            "actions": self.actions,
            "kinds": self.kinds,
            "years": {str(year): dict(counts) for year, counts in self.years.items()},
            "chapters": [chapter.to_dict() for chapter in self.chapters],
            "rewritten": self.rewritten,
            "gap": self.gap,
            "release": self.release.version if self.release else None,
            "ended_rows": self.ended_rows,
            "ended": [code.to_dict() for code in self.ended],
            "unlisted": self.unlisted,
            "findings": [finding.to_dict() for finding in self.findings],
        }
