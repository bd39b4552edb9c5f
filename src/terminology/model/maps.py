"""Values about what codes become: translations, their alternatives and steps; crosswalks."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final

from attrs import field, frozen

from .base import Value
from .codes import Fault, Source, SourceFile

SHOWN: Final = 6
"""Alternatives that the repr of a translation has."""


class Outcome(StrEnum):
    """What is known of the way from a code to another system or release."""

    MAPPED = "mapped"
    """There is at least one alternative."""
    NONE = "none"
    """The publisher says that there is nothing to map to."""
    UNKNOWN = "unknown"
    """Nothing that is loaded covers it."""


@frozen
class Step(Value):
    """One step of the way from a code to what it became."""

    SHAPE: ClassVar = "kind system from=from_codes to=to_codes effective release crosswalk inverted source detail"

    kind: str
    """identity, reinstated, renamed, replaced, split, merged, combination, to_header, to_billable, single, none …"""
    system: str
    """Of the codes that the step leads to."""
    from_codes: tuple[str, ...]
    """Codes that are left, used together."""
    to_codes: tuple[str, ...]
    """Codes that are reached, used together; empty where the publisher says that there are none."""
    effective: datetime.date | None
    """First day of the change; None of a step between systems, which holds on no day in particular."""
    release: str | None
    """Version of the release that the codes belong to from then on (backwards: that the codes left came with)."""
    crosswalk: str | None
    """Name and version of the published map that says so; None where the releases themselves do."""
    source: Source | None = None
    """The file and line that says so; None where the releases themselves do."""
    detail: Mapping[str, Any] = field(factory=dict, hash=False)
    """What the publication says besides: scenario, choice list, its own words, a comment."""
    inverted: bool = False
    """Whether the map was published in the other direction."""


@frozen
class Alternative(Value):
    """One complete way to map a code: codes that are used together."""

    SHAPE: ClassVar = "system codes relationship kind approximate billable path source"

    codes: tuple[str, ...]
    """In official form; several are used together, in one claim."""
    relationship: str
    """FHIR R5: equivalent, source-is-narrower-than-target, source-is-broader-than-target, related-to."""
    kind: str
    """identity, reinstated, renamed, replaced, split, merged, to_header … (as of a `Step`): of the whole way."""
    path: tuple[Step, ...] = ()
    """The steps that lead to it, in their order."""
    approximate: bool | None = None
    """As the publisher flags it; None where nobody says."""
    system: str = ""
    """Short name of the code system of the codes."""
    source: Source | None = None
    """Where the last step of the way is published; where no publication has one, where the first code is listed."""
    billable: bool | None = None
    """Whether all codes are billable in the edition asked for: a map may lead to a header. None where none is loaded."""


@frozen(repr=False)
class Translation(Value):
    """What a code becomes in another system, or in another release of its own."""

    SHAPE: ClassVar = "code outcome alternatives reason path split_off complete=is_complete"

    code: str
    """In official form where the code is well formed, else as given."""
    outcome: Outcome
    """Whether there is an alternative, or the publisher says there is none, or nothing is known."""
    alternatives: tuple[Alternative, ...] = ()
    """Of several one is meant; empty unless the outcome is ``mapped``."""
    reason: str | None = None
    """One sentence where there is no alternative, or where not every way could be followed to its end."""
    path: tuple[Step, ...] = ()
    """How far the way was followed where there is no alternative."""
    split_off: tuple[str, ...] = ()
    """Codes in force that took over a part of what the code meant, while the code itself stays."""
    is_complete: bool = True
    """False where some ways could not be followed to their end, or there are more than are listed."""

    @property
    def source(self) -> Source | None:
        """Where the first alternative is published, or the end of the way; None where nothing is known."""
        told = [alternative.source for alternative in self.alternatives[:1]] or [step.source for step in self.path[-1:]]
        return told[0] if told else None

    def __repr__(self) -> str:
        head = f"<Translation {self.code}: {self.outcome}"
        lines = [f"{head}, {self.reason}" if self.reason else head]
        for one in self.alternatives[:SHOWN]:
            way = " > ".join(f"{step.kind} {step.effective or ''} {step.crosswalk or ''}".strip() for step in one.path)
            said = f"{one.kind}, {one.relationship}{', not billable' if one.billable is False else ''}"
            lines.append(f"  {' + '.join(one.codes)} ({said}){f' by {way}' if way else ''}")
        if len(self.alternatives) > SHOWN:
            lines.append(f"  and {len(self.alternatives) - SHOWN} more")
        if self.split_off:
            lines.append(f"  partially replaced by {', '.join(self.split_off)}")
        return "\n".join(lines) + ">"

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes of all alternatives, each once, in order."""
        return tuple(dict.fromkeys(code for alternative in self.alternatives for code in alternative.codes))


@frozen
class Crosswalk(Value):
    """A published map between two code systems, or between releases of one; each direction is a map of its own."""

    SHAPE: ClassVar = (
        "name identity version title source_system target_system effective mappings own sources warnings [faults]"
    )

    name: str
    """gems, icd10cm_conversion … with the name of its reader."""
    version: str
    """The publisher's year, with the month of an update: ``2023``, ``2023-04``."""
    source_system: str
    """Short name of the code system that it maps from."""
    target_system: str
    """Short name of the code system that it maps to."""
    effective: datetime.date
    """First day of the editions that it connects to."""
    mappings: int
    """Rows of its table ``mappings``."""
    sources: tuple[SourceFile, ...]
    """The files that it was made of."""
    title: str = ""
    """The publisher's name of the publication; empty where it has none."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was loaded, a sentence each."""
    faults: tuple[Fault, ...] = ()
    """Lines that it lacks: they could not be read, and the operator accepted that."""
    identity: str = ""
    """Name or URL by which the map calls itself, where one reader reads many maps; versions of one have the same."""
    own: bool = False
    """Whether it is the user's own, and answers before those of publishers."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What versions of one map have in common: name, systems, and identity."""
        return self.name, self.source_system, self.target_system, self.identity

    @property
    def names(self) -> tuple[str, ...]:
        """Names by which it can be asked for: that of its reader, its own, and both together."""
        if self.identity in ("", self.name):
            return (self.name,)
        return self.name, self.identity, f"{self.name} {self.identity}"

    @property
    def is_succession(self) -> bool:
        """Whether it says what replaced codes within one system."""
        return self.source_system == self.target_system

    @property
    def label(self) -> str:
        """Name, identity and version, as steps cite it."""
        return f"{self.names[-1]} {self.version}"
