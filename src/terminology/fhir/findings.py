"""A code to be validated, how strictly, and what is found of it."""

from __future__ import annotations

from attrs import define, field, frozen

from .clauses import Row
from .code_systems import Concept, canonical
from .exchange import Resource
from .languages import Languages


@frozen
class Coding:
    """A code to be validated, and where it stands in the request."""

    code: str
    system: str | None = None
    version: str | None = None
    display: str | None = None
    place: str = ""
    """``Coding``, ``CodeableConcept.coding[0]``; empty for the parameters code, system, version and display."""
    required: str | None = None
    """The code system that the request names, where the coding is of another."""

    def at(self, name: str) -> str:
        """Return the FHIRPath of one of its elements."""
        return f"{self.place}.{name}" if self.place else name

    @property
    def itself(self) -> str:
        """FHIRPath of the coding as a whole."""
        return self.place or "code"

    @property
    def text(self) -> str:
        """The coding as messages show it: ``'system|version#code ('display')'``."""
        shown_as = f"{canonical(self.system or '', self.version)}#{self.code}"
        return f"'{shown_as} ('{self.display}')'" if self.display else f"'{shown_as}'"


@frozen
class Rules:
    """How strict a validation is."""

    languages: Languages = field(factory=Languages)
    is_active_only: bool = False
    is_lenient_of_display: bool = False
    is_lenient_of_code: bool = False
    is_membership_only: bool = False
    is_abstract_refused: bool = False


@define(eq=False)
class Finding:
    """What was found of one coding."""

    coding: Coding
    is_member: bool = False
    is_blocked: bool = False
    """Whether it cannot be said: a code system or value set is not known."""
    row: Row | None = None
    concept: Concept | None = None
    display: str | None = None
    version: str | None = None
    normalized: str | None = None
    is_inactive: bool = False
    issues: list[Resource] = field(factory=list)
    messages: list[str] = field(factory=list)
    causes: dict[tuple[str, str], None] = field(factory=dict)
    """Code systems that are not known: ``x-caused-by-unknown-system`` or ``x-unknown-system``, and which."""

    def add(self, made: Resource, *, is_said: bool = True) -> None:
        """Add an issue; its text is said in the message, too, unless it is not."""
        self.issues.append(made)
        if is_said:
            self.messages.append(made["details"]["text"])

    @property
    def has_error(self) -> bool:
        """Whether any issue is an error."""
        return any(one["severity"] == "error" for one in self.issues)
