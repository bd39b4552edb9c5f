"""A code system that came as a CodeSystem resource: sent with a request, or served beside the store.

Hierarchy is by nesting and by the properties ``parent`` and ``child``. What a property means is said by its URI; where
it has none, by its code.

References:
    HL7 FHIR R5, resource CodeSystem, and http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from ..query import Edition
from .code_systems import STANDARD_PROPERTIES, Concept, ancestors, canonical, matches_words
from .exchange import Resource

STANDARDS_STATUS: Final = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status"
STANDARD: Final = frozenset({"parent", "child", "status", "inactive", "notSelectable", "deprecated"})
INACTIVE: Final = frozenset({"retired", "inactive"})


@frozen(eq=False)
class GivenConcept:
    """A concept of a CodeSystem resource, with what supplements add to it."""

    code: str
    display: str | None
    definition: str | None
    designations: tuple[Resource, ...]
    properties: tuple[Resource, ...]
    extensions: tuple[Resource, ...]
    is_abstract: bool
    is_inactive: bool
    status: str | None

    def named(self, code: str) -> Sequence[Resource]:
        """Return its properties of one code."""
        return [one for one in self.properties if one.get("code") == code]


class GivenSystem:
    """A CodeSystem resource, with the supplements that apply."""

    def __init__(self, resource: Resource, supplements: Sequence[Resource] = ()) -> None:
        self.head: Resource = {name: value for name, value in resource.items() if name not in ("concept", "text")}
        self.url: str = resource["url"]
        self.version: str | None = resource.get("version")
        self.language: str | None = resource.get("language")
        self.is_case_sensitive: bool = resource.get("caseSensitive") is not False
        self.supplements = [canonical(one["url"], one.get("version")) for one in supplements]
        if supplements:
            declared = [*self.head.get("property", ()), *(p for one in supplements for p in one.get("property", ()))]
            self.head["property"] = declared
        self._meanings = {one["code"]: _meaning(one) for one in self.head.get("property", ()) if "code" in one}
        self._concepts: dict[str, GivenConcept] = {}
        self._parents: dict[str, list[str]] = {}
        self._children: dict[str, list[str]] = {}
        for element, parent in _nested(resource.get("concept"), None):
            self._add(element, parent)
        for supplement in supplements:
            self._supplement(supplement)
        self._codes = list(self._concepts)
        self.is_ranked = False
        self.has_inactive = any(one.is_inactive for one in self._concepts.values())
        self._folded = {} if self.is_case_sensitive else {code.lower(): code for code in self._concepts}

    @property
    def editions(self) -> Sequence[Edition]:
        """None: the store has no release of it."""
        return ()

    @property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have, as of ``CodeSystem.property``."""
        found: Sequence[Resource] = self.head.get("property", ())
        return found

    def _add(self, element: Resource, parent: str | None) -> None:
        code = element["code"]
        if code in self._concepts:
            return
        self._concepts[code] = self._concept(element)
        if parent is not None:
            self._join(parent, code)
        for one in element.get("property", ()):
            meaning = self._meanings.get(one.get("code"), one.get("code"))
            if meaning == "parent" and _value(one) is not None:
                self._join(str(_value(one)), code)
            elif meaning == "child" and _value(one) is not None:
                self._join(code, str(_value(one)))

    def _join(self, parent: str, child: str) -> None:
        if child not in self._children.setdefault(parent, []):
            self._children[parent].append(child)
            self._parents.setdefault(child, []).append(parent)

    def _concept(self, element: Resource) -> GivenConcept:
        properties = tuple(
            one
            for one in element.get("property", ())
            if self._meanings.get(one.get("code"), one.get("code")) not in ("parent", "child")
        )
        extensions = tuple(element.get("extension", ()))
        meant = {self._meanings.get(one.get("code"), one.get("code")): _value(one) for one in properties}
        status = meant.get("status") or standards_status(extensions)
        is_inactive = meant.get("inactive") is True or status in INACTIVE
        return GivenConcept(
            code=element["code"],
            display=element.get("display"),
            definition=element.get("definition"),
            designations=tuple(one for one in element.get("designation", ()) if "value" in one),
            properties=properties,
            extensions=extensions,
            is_abstract=meant.get("notSelectable") is True,
            is_inactive=is_inactive,
            status=status,
        )

    def _supplement(self, supplement: Resource) -> None:
        """Add what a supplement says of the concepts of this system."""
        source = canonical(supplement["url"], supplement.get("version"))
        for element, _ in _nested(supplement.get("concept"), None):
            concept = self._concepts.get(element["code"])
            if concept is None:
                continue
            added = [{**one, "source": source} for one in element.get("designation", ()) if "value" in one]
            if "display" in element:
                language = supplement.get("language")
                told = {"value": element["display"], "source": source}
                added.append({"language": language, **told} if language else told)
            self._concepts[concept.code] = evolve(
                concept,
                definition=concept.definition or element.get("definition"),
                designations=(*concept.designations, *added),
                properties=(*concept.properties, *element.get("property", ())),
                extensions=(*concept.extensions, *element.get("extension", ())),
            )

    def concept(self, code: str) -> Concept | None:
        """Return the concept with this very code; None for any other text."""
        return self._concepts.get(code)

    def near(self, code: str) -> Concept | None:
        """Return the concept whose code differs by case alone, where case does not count; else None."""
        return self._concepts.get(self._folded.get(code.lower(), ""))

    def lapsed(self, code: str) -> Concept | None:  # noqa: ARG002 -- a resource is one version, and no history
        """Return None: a resource knows of no code that it does not have."""
        return None

    def source(self, code: str) -> str | None:  # noqa: ARG002 -- as above
        """Return None: the resource itself is the source."""
        return None

    def holds(self, code: str) -> bool:
        """Return whether there is a concept with this very code."""
        return code in self._concepts

    def absence(self, code: str) -> str | None:  # noqa: ARG002 -- of a resource nothing is known but its concepts
        """Return None: a resource knows of no code that it does not have."""
        return None

    def remark(self, code: str) -> str | None:  # noqa: ARG002 -- as above
        """Return None: all that is known of a code is in its concept."""
        return None

    def codes(self) -> Sequence[str]:
        """Return all codes, parents before children."""
        return self._codes

    def parents(self, code: str) -> Sequence[str]:
        """Return the codes directly above."""
        return self._parents.get(code, ())

    def children(self, code: str) -> Sequence[str]:
        """Return the codes directly below."""
        return self._children.get(code, ())

    def descendants(self, code: str) -> Sequence[str]:
        """Return all codes below, parents before children, each once."""
        found: dict[str, None] = {}
        waiting = list(reversed(self.children(code)))
        while waiting:
            below = waiting.pop()
            if below not in found and below != code:
                found[below] = None
                waiting += reversed(self.children(below))
        return list(found)

    def is_below(self, code: str, ancestor: str) -> bool:
        """Return whether a code is below another."""
        return ancestor in ancestors(self, code)

    def found(self, text: str) -> Sequence[str]:
        """Return the codes that a text finds in codes, displays and designations."""
        return [
            one.code
            for one in self._concepts.values()
            if matches_words(text, [one.code, one.display or "", *(d.get("value", "") for d in one.designations)])
        ]

    def ranked(self, text: str, *, loosely: bool = False) -> None:  # noqa: ARG002 -- as of `SystemVersion`
        """Return None: it has no search index."""
        return


def _nested(concepts: Any, parent: str | None) -> Iterator[tuple[Resource, str | None]]:
    """Yield every concept with the code of the one that it stands in, in document order."""
    waiting: list[tuple[Any, str | None]] = [(one, parent) for one in reversed(concepts or [])]
    while waiting:
        element, above = waiting.pop()
        if isinstance(element, dict) and isinstance(element.get("code"), str):
            yield element, above
            waiting += [(one, element["code"]) for one in reversed(element.get("concept") or [])]


def _meaning(definition: Resource) -> str:
    """Return the standard code of a property, by its URI; its own code where it is no standard one."""
    name = str(definition.get("uri") or "").removeprefix(STANDARD_PROPERTIES)
    return name if name in STANDARD else str(definition["code"])


def _value(holder: Resource) -> Any:
    return next((value for name, value in holder.items() if name.startswith("value")), None)


def standards_status(extensions: Iterable[Resource]) -> str | None:
    """Return the standards status that extensions state: ``deprecated``, ``withdrawn`` … None where there is none."""
    return next((_value(one) for one in extensions if one.get("url") == STANDARDS_STATUS), None)
