"""A version of a code system of the store, with what supplements add to its concepts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .code_systems import Concept, SystemVersion, canonical
from .exchange import Resource
from .given_systems import GivenConcept, GivenSystem


class SupplementedSystem:
    """Delegates to a version of a code system; its concepts have more designations, properties and extensions."""

    def __init__(self, system: SystemVersion, supplements: Sequence[Resource]) -> None:
        self._system = system
        self._added = [GivenSystem({**one, "content": "fragment"}) for one in supplements]
        self.supplements = [canonical(one["url"], one.get("version")) for one in supplements]
        self._declared = [one for supplement in supplements for one in supplement.get("property", ())]

    @property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have, with those of the supplements."""
        return [*self._system.declared, *self._declared]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def concept(self, code: str) -> Concept | None:
        """Return the concept with this very code, with what the supplements add; None for any other text."""
        return self._with_more(self._system.concept(code))

    def near(self, code: str) -> Concept | None:
        """Return the concept that a code in another spelling means; None where that is not sure."""
        return self._with_more(self._system.near(code))

    def _with_more(self, concept: Concept | None) -> Concept | None:
        if concept is None:
            return None
        designations: list[Resource] = []
        properties: list[Resource] = []
        extensions: list[Resource] = []
        for source, added in zip(self.supplements, self._added, strict=True):
            more = added.concept(concept.code)
            if more is None:
                continue
            designations += [{**one, "source": source} for one in more.designations]
            if more.display is not None:
                language = {"language": added.language} if added.language else {}
                designations.append({**language, "value": more.display, "source": source})
            properties += more.properties
            extensions += more.extensions
        return GivenConcept(
            code=concept.code,
            display=concept.display,
            definition=concept.definition,
            designations=(*concept.designations, *designations),
            properties=(*concept.properties, *properties),
            extensions=(*concept.extensions, *extensions),
            is_abstract=concept.is_abstract,
            is_inactive=concept.is_inactive,
            status=concept.status,
        )
