"""A concept of an edition in FHIR: its texts, its state, and its properties as its CodeSystem declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from ..canonicals import DESIGNATION_USE
from ..query.rows import RowConcept
from ..status import Status
from .exchange import Resource
from .resources.properties import Property, values_of
from .resources.release_rows import days_properties, state_properties

if TYPE_CHECKING:
    from ..model import Concept as StoredConcept

    Stored: TypeAlias = StoredConcept | RowConcept

USUAL: Final = frozenset({"billable", "effectiveDate", "terminationDate"})
"""Properties of the codes of the store that a lookup has without being asked for them."""
SHORT_TITLE: Final[Resource] = {"system": DESIGNATION_USE, "code": "short", "display": "Short title"}


class Owner(Protocol):
    """What a concept asks its version of a code system."""

    url: str
    language: str | None

    @property
    def columns(self) -> Mapping[str, Property]:
        """The properties that are columns of the release, by column."""
        ...

    @property
    def has_usual(self) -> bool:
        """Whether a column of the release states what is otherwise computed for every code."""
        ...

    @property
    def noted(self) -> frozenset[str]:
        """The kinds of instructional notes."""
        ...

    def notes(self, code: str) -> list[Resource]:
        """Return the instructional notes of a code as properties."""
        ...


class LoadedConcept:
    """A concept of an edition; what is not asked for is not made."""

    __slots__ = ("_stored", "_system", "code", "display", "entry", "is_abstract")

    extensions: Sequence[Resource] = ()

    def __init__(self, system: Owner, stored: Stored) -> None:
        self._system = system
        self._stored = stored
        self.code: str = stored.code
        self.display: str | None = stored.title or None
        self.is_abstract: bool = stored.status is Status.HEADER
        self.entry: Resource = {"system": system.url, "code": self.code}
        """What an expansion has of it, where nothing more is asked for."""
        if self.is_abstract:
            self.entry["abstract"] = True
        if self.display is not None:
            self.entry["display"] = self.display

    @property
    def definition(self) -> str | None:
        """What it means, where the release says so."""
        return self._stored.properties.get("definition") or None

    @property
    def is_inactive(self) -> bool:
        """Whether it is not in force, or its file says so."""
        return not self.is_in_force or self._stored.properties.get("inactive") is True

    @property
    def is_in_force(self) -> bool:
        """Whether it is a code or header of the day."""
        return self._stored.status.valid

    @property
    def status(self) -> str | None:
        """``active``; ``retired`` once it expired, ``draft`` before it is in force."""
        return {Status.EXPIRED: "retired", Status.FUTURE: "draft"}.get(self._stored.status, "active")

    @property
    def designations(self) -> Sequence[Resource]:
        """The publisher's short title, where it differs."""
        short = self._stored.short_title
        if not short or short == self.display:
            return ()
        return ({"language": self._system.language, "use": SHORT_TITLE, "value": short},)

    @property
    def properties(self) -> Sequence[Resource]:
        """Its state, whether it may be submitted, its days, what the release says of it, and its own notes."""
        return [*self.state, *self._system.notes(self.code)]

    @property
    def state(self) -> Sequence[Resource]:
        """Its properties without its notes."""
        return loaded_properties(self._stored, self._system.columns)

    @property
    def usual(self) -> Sequence[Resource]:
        """Those of its properties that are of `USUAL`, perhaps among others: most releases have no column of theirs."""
        if self._system.has_usual:
            return self.state
        stored = self._stored
        return list(days_properties(stored.status, stored.effective_from, stored.effective_to))

    def named(self, code: str) -> Sequence[Resource]:
        """Return its properties of one code: notes, which are slow to find, are looked for where it is a kind of them."""
        system = self._system
        held = system.notes(self.code) if code in system.noted else self.state
        return [one for one in held if one["code"] == code]


def loaded_properties(stored: Stored, columns: Mapping[str, Property]) -> list[Resource]:
    """Return the properties of a concept of the store, as the CodeSystem of its release declares them by column."""
    states = state_properties(stored.status, stored.effective_from, stored.effective_to)
    # a file that states these itself is believed
    found = [one for one in states if one["code"] not in columns]
    found.append({"code": "kind", "valueString": stored.kind})
    if stored.derived:
        found.append({"code": "derived", "valueBoolean": True})
    for name, value in stored.properties.items():
        declared = columns.get(name)
        if declared is not None:
            found += values_of(declared.code, declared.type, list(value) if isinstance(value, tuple) else value)
    return found
