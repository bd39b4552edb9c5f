"""Post-coordinated expressions: a code and what qualifies it, written together (CPT ``code:modifier:modifier``).

The grammar and the rules of a system are in the module of this package that has the system's name; what is said
here holds for all: an expression is in force while all of its members are.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, Final, Protocol

from attrs import evolve, frozen

from ..model import Concept, Status
from ..systems import SystemDefinition

EXPRESSION: Final = "expression"
"""Kind of the concept that an expression is."""
WORST_FIRST: Final = (Status.UNCOVERED, Status.UNKNOWN, Status.EXPIRED, Status.FUTURE, Status.HEADER)
REASONS: Final = {
    Status.UNCOVERED: "no release covers this day: nothing is known of {code}",
    Status.UNKNOWN: "{code} is not known",
    Status.EXPIRED: "{code} is no longer in force",
    Status.FUTURE: "{code} is not yet in force",
    Status.HEADER: "{code} is not valid for submission",
}


@frozen
class Expression:
    """The members of an expression, in official form."""

    base: str
    modifiers: tuple[str, ...]
    text: str
    """The expression in official form."""


@frozen
class Assessment:
    """What is to be said of an expression on a day."""

    code: str
    status: Status
    reason: str | None = None
    base: Concept | None = None
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    concept: Concept | None = None
    """The expression as a concept: the base with its modifiers; None where a member is not known."""


class Members(Protocol):
    """An edition, as far as expressions need it."""

    def status(self, code: str) -> Status:
        """Return what a code is."""
        ...

    def lookup(self, code: str) -> Concept | None:
        """Return a concept, or None if it is unknown or malformed."""
        ...


class Rules(Protocol):
    """What a module of this package offers."""

    SEPARATOR: str
    """Stands between the members, and in no plain code."""
    BORROWED: Sequence[str]
    """Other systems whose modifiers may qualify a code."""

    def parsed(self, text: str) -> Expression | str:
        """Return the members, or why the text is no expression."""
        ...

    def violation(self, expression: Expression) -> str | None:
        """Return which rule the members break together, or None."""
        ...


Elsewhere = Callable[[str], "Members | None"]
"""Gives the edition of another system on the same day, or None where the store does not hold it."""


def rules_of(definition: SystemDefinition) -> Rules | None:
    """Return the rules of a system, or None where its codes do not combine."""
    if not definition.postcoordinated:
        return None
    module: Any = import_module(f"{__name__}.{definition.name}")
    return module  # type: ignore[no-any-return]


def expression_of(text: str, definition: SystemDefinition) -> Expression | None:
    """Return the members of an expression, whether or not they may stand together; None for a text that is none."""
    rules = rules_of(definition)
    parsed = rules.parsed(text) if rules is not None and rules.SEPARATOR in text else None
    return parsed if isinstance(parsed, Expression) else None


def assessment_of(text: str, definition: SystemDefinition, members: Members, elsewhere: Elsewhere) -> Assessment | None:
    """Return what is to be said of an expression; None for a text that is none.

    Malformed are texts of another shape and members that must not stand together; otherwise the expression is
    what the worst of its members is.

    Args:
        text: As given; case and blanks around it are forgiven.
        definition: Of the system.
        members: The edition that is asked.
        elsewhere: Gives editions of other systems.
    """
    rules = rules_of(definition)
    if rules is None or rules.SEPARATOR not in text:
        return None
    expression = rules.parsed(text)
    if isinstance(expression, str):
        return Assessment(text, Status.MALFORMED, expression)
    if broken := rules.violation(expression):
        return Assessment(expression.text, Status.MALFORMED, broken)
    base = members.lookup(expression.base)
    found = [(expression.base, members.status(expression.base), base)]
    editions = [members, *(edition for system in rules.BORROWED if (edition := elsewhere(system)))]
    found += [(code, *_modifier(code, editions)) for code in expression.modifiers]
    return _combined(expression, found)


def _modifier(code: str, editions: Sequence[Members]) -> tuple[Status, Concept | None]:
    """Return a modifier of the first system that has it in force, else of the first that knows it."""
    known = list(_known(code, editions))
    best = next((concept for concept in known if concept.billable), known[0] if known else None)
    if best is not None:
        return best.status, best
    covered = any(edition.status(code) is not Status.UNCOVERED for edition in editions)
    return (Status.UNKNOWN if covered else Status.UNCOVERED), None


def _known(code: str, editions: Sequence[Members]) -> Iterator[Concept]:
    for edition in editions:
        concept = edition.lookup(code)
        if concept is not None and concept.kind == "modifier":
            yield concept


def _combined(expression: Expression, found: Sequence[tuple[str, Status, Concept | None]]) -> Assessment:
    status = next((one for one in WORST_FIRST if any(one is other for _, other, _ in found)), Status.BILLABLE)
    culprit = next((code for code, other, _ in found if other is status), None)
    reason = REASONS[status].format(code=culprit) if status in REASONS else None
    base = found[0][2]
    concepts = [concept for _, _, concept in found if concept is not None]
    if base is None or len(concepts) < len(found):
        return Assessment(expression.text, status, reason, base)
    begin = max((one.effective_from for one in concepts if one.effective_from), default=None)
    end = min((one.effective_to for one in concepts if one.effective_to), default=None)
    if begin and end and begin >= end:
        begin = end = None
    # it begins with the members that begin last: one of them that is known to begin then is enough
    known = any(one.from_known for one in concepts if one.effective_from == begin) if begin else None
    concept = evolve(
        base,
        code=expression.text,
        title="; ".join(one.title for one in concepts),
        short_title=None,
        status=status,
        kind=EXPRESSION,
        parent=base.code,
        derived=True,
        effective_from=begin,
        effective_to=end,
        properties={"modifiers": list(expression.modifiers)},
        from_known=known,
    )
    return Assessment(expression.text, status, reason, base, begin, end, concept)
