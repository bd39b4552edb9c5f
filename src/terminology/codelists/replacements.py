"""What may be billed in the place of the code of one row, on the day of that row, and why the row needs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from .bad_texts import Unrepaired, bad_text
from .verdicts import Judge, RowOutcome, RowVerdict, Verdict

if TYPE_CHECKING:
    from ..model import Explanation
    from ..query import Edition

MOST_SHOWN: Final = 5
"""Alternatives that a row names; of more only the number is said."""
Groups = tuple[tuple[str, ...], ...]


@frozen
class Replacement:
    """What may be billed in the place of a code, and why."""

    reason: str
    """Why it needs one, as a sentence."""
    alternatives: Groups = field(default=(), repr=False)
    """Codes that are used together, each group in place of the others."""
    title: str | None = None
    """Of the code itself."""
    where: str = "in its place"

    @property
    def why(self) -> str:
        """The reason, with the number of alternatives where there are too many to be listed."""
        number = len(self.alternatives)
        return f"{self.reason}; {number:,} codes may be billed {self.where}" if number > MOST_SHOWN else self.reason

    @property
    def text(self) -> str:
        """The alternatives between bars, codes that are used together joined by plus signs; empty where there are many."""
        few = self.alternatives if len(self.alternatives) <= MOST_SHOWN else ()
        return " | ".join(map(" + ".join, few))


def replacement_of(text: str, judged: RowVerdict, judge: Judge, stretch: int) -> Replacement:
    """Return what may be billed in the place of a code on the day of its row.

    Args:
        text: Of the cell.
        judged: The verdict on the row.
        judge: Of the column.
        stretch: Number of the stretch of its day, `ALL_DAYS` or `NO_DAY`.
    """
    edition = judge.edition_of(judged, stretch)
    if judged.reading is not None:
        return _of_bad_text(text, judged, judge, edition)
    code = judged.code or ""
    if judged.outcome == RowOutcome.NO_DAY:
        return Replacement("the row has no day that can be read", title=edition.title(code))
    explained = edition.explain(code)
    known = explained.concept.title if explained.concept else None
    title = known or (judged.change.title if judged.change else None)
    if judged.verdict is Verdict.NOT_JUDGED:
        return Replacement(explained.reason, title=title)
    groups = options_of(explained, edition)
    is_header = judged.outcome in (RowOutcome.HEADER, "to_header")
    why = explained.reason
    if judged.verdict is Verdict.BROKEN_BY_RELEASE and judged.change is not None and not groups:
        why = why if judged.change.sentence in why else f"{why}; {judged.change.sentence}"
    return Replacement(why, groups, title, f"below {code}" if is_header else "in its place")


def _of_bad_text(text: str, judged: RowVerdict, judge: Judge, edition: Edition) -> Replacement:
    assert judged.reading is not None  # noqa: S101 -- for the type checker: of such only
    bad = bad_text(judge.cell(text), 1, judged.reading, edition)
    if bad.kind is Unrepaired.SEVERAL_CODES:
        groups = _billable([bad.candidates], edition)
    elif bad.is_number:
        groups = _billable(((code,) for code in (bad.candidates or filter(None, [bad.suggestion]))), edition)
    else:
        groups = options_of(edition.explain(bad.text), edition)
    return Replacement(bad.reason, groups)


def options_of(explained: Explanation, edition: Edition) -> Groups:
    """Return the codes of an edition's own system that an explanation names, each group once."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for option in explained.instead:
        if option.system == edition.system:
            group = (option.code, *option.together)
            found.setdefault(frozenset(group), group)
    return tuple(found.values())


def _billable(groups: Iterable[tuple[str, ...]], edition: Edition) -> Groups:
    return tuple(group for group in groups if group and all(map(edition.is_billable, group)))
