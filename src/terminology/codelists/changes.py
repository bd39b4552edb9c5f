"""What each code of one release is in another, for people who keep lists."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..licences import unquoted
from ..model import Alternative, Outcome, Status, Translation
from .matching import absence, check_of

if TYPE_CHECKING:
    from ..query import CodeSystem, Edition


class Fate(StrEnum):
    """What the other release makes of a code."""

    UNCHANGED = "unchanged"
    """The same code, with the same description."""
    RENAMED = "renamed"
    """The same code, its description changed."""
    REPLACED = "replaced"
    """Another code replaces it."""
    SPLIT = "split"
    """Several codes replace it, one or the other."""
    MERGED = "merged"
    """Another code replaces it and others."""
    COMBINATION = "combination"
    """Several codes together replace it."""
    TO_HEADER = "to_header"
    """It is a header now, and may not be submitted itself."""
    TO_BILLABLE = "to_billable"
    """It was a header, and may be submitted now."""
    DELETED = "deleted"
    """The publisher says that nothing replaces it."""
    UNKNOWN = "unknown"
    """It is gone, and nothing loaded names a replacement."""
    NEW = "new"
    """Of an entry: what it names was not in force before, and came into force since."""
    ABSENT = "absent"
    """Of an entry: what it names was not in force before."""

    @property
    def stays(self) -> bool:
        """Whether the code itself is still in force, and may be used as before."""
        return self in (Fate.UNCHANGED, Fate.RENAMED, Fate.TO_BILLABLE)


WORDS: Final = {
    Fate.REPLACED: "replaced by",
    Fate.SPLIT: "split into",
    Fate.MERGED: "merged into",
    Fate.COMBINATION: "now coded as",
    Fate.TO_HEADER: "now a header of",
}
SHOWN: Final = 6
"""Codes that a sentence lists; the values have all."""


@frozen
class CodeChange:
    """A code of the release before, and what it is in the release after."""

    code: str
    """In official form."""
    title: str | None
    """In the release before; None where it is withheld."""
    fate: Fate
    """What the release after makes of it."""
    alternatives: tuple[tuple[str, ...], ...] = ()
    """Its replacements, each a group of codes used together; itself where it stays."""
    titles: tuple[str | None, ...] = ()
    """Titles in the release after, of `codes`."""
    is_approximate: bool = False
    """Whether a publication says that a successor does not mean the same."""
    is_complete: bool = True
    """False where its replacements are only partly known."""
    split_off: tuple[str, ...] = ()
    """Codes that took over a part of its meaning, while it stays."""
    split_off_titles: tuple[str | None, ...] = ()
    """Titles of these in the release after."""
    since: str | None = None
    """First day of the change, where it is known."""
    absence: str | None = None
    """Why the code was not in force in the release before, as a sentence; None where it was."""
    status: Status = Status.UNKNOWN
    """Status in the release before."""
    reason: str | None = None
    """A sentence on what is not known."""

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes that replace it, each once."""
        return tuple(dict.fromkeys(code for group in self.alternatives for code in group))

    @property
    def why(self) -> str:
        """The change without the successors, like ``split 2021-10-01``."""
        words = {Fate.TO_HEADER: "a header", Fate.COMBINATION: "several codes together"}
        word = words.get(self.fate, str(self.fate))
        return f"{word} since {self.since}" if self.since else word

    @property
    def sentence(self) -> str:
        """The change as a sentence."""
        if self.fate is Fate.UNKNOWN:
            return self.reason or f"the replacement of {self.code} is not known"
        if self.fate is Fate.DELETED:
            return self.reason or f"{self.code} was deleted, and the publisher names no successor"
        if self.fate is Fate.RENAMED:
            revised = f"the title of {self.code} was revised"
            return f'{revised} from "{self.title}" to "{self.titles[0]}"' if self.title else revised
        if self.fate is Fate.TO_BILLABLE:
            return f"{self.code} was a header and may be submitted now"
        if self.fate is Fate.UNCHANGED:
            return f"{self.code} is as before"
        said = f"{self.code} is {WORDS[self.fate]} {listed(self.alternatives)}"
        return f"{said} since {self.since}" if self.since else said

    def without_texts(self, _open_properties: Iterable[str] = ()) -> CodeChange:
        """Return the change without the publisher's words: codes, fate and days."""
        return evolve(
            self,
            title=None,
            titles=(None,) * len(self.titles),
            split_off_titles=(None,) * len(self.split_off_titles),
            reason=self.reason and unquoted(self.reason),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain values."""
        return {
            "code": self.code,
            "title": self.title,
            "fate": str(self.fate),
            "becomes": [list(group) for group in self.alternatives],
            "titles": dict(zip(self.codes, self.titles, strict=True)),
            "split_off": list(self.split_off),
            "approximate": self.is_approximate,
            "complete": self.is_complete,
            "since": self.since,
            "status": str(self.status),
            "reason": self.reason,
        }


def listed(groups: tuple[tuple[str, ...], ...]) -> str:
    """Return alternatives as a sentence has them.

    >>> listed((("I63.9", "P91.88"), ("I63.8",)))
    'I63.9 + P91.88, I63.8'
    """
    shown = ", ".join(" + ".join(group) for group in groups[:SHOWN])
    return f"{shown} and {len(groups) - SHOWN} more" if len(groups) > SHOWN else shown


class Changes:
    """What codes of one release are in another. Each is asked once.

    Args:
        code_system: The code system.
        before: Version, effective date or ``latest``.
        after: The same, later or earlier.
        titles: Whether titles may be shown (`licences.may_show`); without, they are None.
    """

    def __init__(self, code_system: CodeSystem, before: str, after: str, *, titles: bool = True) -> None:
        self.code_system = code_system
        self._has_titles = titles
        self.before = code_system.release(before)
        self.after = code_system.release(after)
        self.versions = tuple(
            edition.release.version if edition.release else "" for edition in (self.before, self.after)
        )
        """Of the two releases, as they are labelled."""
        self._asked_for = (before, after)
        self._known: dict[str, CodeChange] = {}

    def of(self, code: str) -> CodeChange:
        """Return what a code is in the release after; never raises for a code."""
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = self._asked(code)
        return found

    def since(self, version: str) -> Changes:
        """Return the changes from another release to the same one."""
        return Changes(self.code_system, version, self._asked_for[1], titles=self._has_titles)

    def without_titles(self) -> Changes:
        """Return the same changes, without titles."""
        return Changes(self.code_system, *self._asked_for, titles=False)

    def title(self, code: str) -> str | None:
        """Return the title of a code in the release after, or None where it is not in force."""
        return self._title(self.after, code)

    def _title(self, edition: Edition, code: str) -> str | None:
        return edition.title(code) if self._has_titles else None

    def _asked(self, code: str) -> CodeChange:
        translation: Translation = self.code_system.migrate(code, *self._asked_for)
        status = self.before.status(code)
        steps = [step for alternative in translation.alternatives for step in alternative.path] or translation.path
        days = [step.effective for step in steps if step.effective]
        return CodeChange(
            code=code if status is Status.UNKNOWN else translation.code,
            title=self._title(self.before, code),
            fate=fate_of(translation),
            alternatives=tuple(alternative.codes for alternative in translation.alternatives),
            titles=tuple(self._title(self.after, successor) for successor in translation.codes),
            is_approximate=any(map(_is_approximate, translation.alternatives)),
            is_complete=translation.is_complete,
            split_off=translation.split_off,
            split_off_titles=tuple(self._title(self.after, code) for code in translation.split_off),
            since=str(days[0]) if days else None,
            absence=None if status.valid else absence(code, check_of(code, self.before), self.before),
            status=status,
            reason=translation.reason,
        )


def _is_approximate(alternative: Alternative) -> bool:
    related = alternative.relationship == "related-to" and alternative.kind == "replaced"
    return bool(alternative.approximate) or related


def fate_of(translation: Translation) -> Fate:
    """Return the fate of the code of a translation between releases.

    >>> str(fate_of(store["icd10cm"].migrate("M54.5", "2021", "2022")))
    'to_header'
    """
    alternatives = translation.alternatives
    if translation.outcome is Outcome.NONE:
        return Fate.DELETED
    if not alternatives:
        return Fate.UNKNOWN
    kinds = {alternative.kind for alternative in alternatives}
    if alternatives[0].codes == (translation.code,) and len(alternatives) == 1:
        stayed = {"renamed": Fate.RENAMED, "to_billable": Fate.TO_BILLABLE}
        if alternatives[0].kind == "reinstated" and alternatives[0].relationship != "equivalent":
            return Fate.RENAMED
        return stayed.get(alternatives[0].kind, Fate.UNCHANGED)
    if any(len(alternative.codes) > 1 for alternative in alternatives):
        return Fate.COMBINATION
    if "to_header" in kinds:
        return Fate.TO_HEADER
    if len(alternatives) > 1:
        return Fate.SPLIT
    return Fate.MERGED if "merged" in kinds else Fate.REPLACED
