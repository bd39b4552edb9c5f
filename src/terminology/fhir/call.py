"""One operation on its way: its parameters, and what it can see."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Final

from .catalogue import Catalogue, Library
from .code_systems import SystemVersion, split_canonical
from .exchange import Request, Resource
from .given_maps import GivenMap
from .languages import languages_of
from .outcomes import FhirError, failure, said
from .parameters import LONGEST_NUMBER, Inputs
from .r4 import to_r5
from .structure import CODEABLE_CONCEPT, CODING, checked_element, checked_resource
from .value_sets import Evaluation, unknown_system
from .versions import rules_of

RESOURCES: Final = {
    "tx-resource": None,
    "codeSystem": "CodeSystem",
    "valueSet": "ValueSet",
    "conceptMap": "ConceptMap",
}
"""Parameters that are resources, and their types."""
DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?)?)?")
EXPANDED: Final = frozenset(
    {
        *(
            "url",
            "valueSet",
            "valueSetVersion",
            "filter",
            "date",
            "offset",
            "count",
            "includeDesignations",
            "designation",
        ),
        *("includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI", "excludePostCoordinated", "property"),
        *("displayLanguage", "exclude-system", "system-version", "check-system-version", "force-system-version"),
        *("default-valueset-version", "useSupplement", "limitedExpansion"),
    }
)
"""Parameters that an expansion depends on."""
ELEMENTS: Final = {"coding": CODING, "codingA": CODING, "codingB": CODING, "codeableConcept": CODEABLE_CONCEPT}
"""Parameters that are elements, and their structures."""


class Call:
    """One operation on its way: its parameters, and what it can see.

    Args:
        library: What every request sees.
        request: The request.
        inputs: Its parameters.
        limit: Codes that an expansion may have.
        given: Resources that the request brings beside those in its parameters.
    """

    def __init__(
        self, library: Library, request: Request, inputs: Inputs, limit: int, given: Sequence[Resource] = ()
    ) -> None:
        self.library = library
        self.request = request
        if request.body is not None:
            inputs = _checked(_in_r5(inputs) if request.fhir == "r4" else inputs)
        self.inputs = inputs
        self._limit = limit
        self.given = [*given, *self.inputs.elements("tx-resource")]
        if (sent := self.inputs.first("codeSystem")) is not None and isinstance(sent, dict):
            self.given.append(sent)
        self.catalogue = Catalogue(library, self.given, day=self._day())
        self.catalogue.require_supplements(self.inputs.texts("useSupplement"))

    def with_inputs(self, inputs: Inputs) -> Call:
        """Return a call with other parameters that sees the same resources."""
        return Call(self.library, self.request, inputs, self._limit, self.given)

    def _day(self) -> datetime.date | None:
        """Return the day of the request: of a year or month alone its first day."""
        text = self.inputs.text("date")
        if text is None:
            return None
        found = DATE.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            return datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:
            raise failure(400, "invalid", f"parameter date: expected a date (YYYY-MM-DD), got {text!r}") from None

    @property
    def accepted(self) -> str | None:
        """The languages of the header; none where it is not written as one: a preference is no demand."""
        text = self.request.headers.get("accept-language")
        try:
            return text if languages_of(text) else None
        except FhirError:
            return None

    @property
    def limit(self) -> int:
        """Codes that an expansion may have; a client may ask for fewer."""
        stated = self.request.headers.get("x-too-costly-threshold", "")
        is_number = stated.isascii() and stated.isdigit() and len(stated) <= LONGEST_NUMBER
        return min(self._limit, int(stated)) if is_number else self._limit

    @property
    def key(self) -> tuple[object, ...] | None:
        """What the answer depends on, where it is parameters of the URL alone; None where a request brings resources."""
        if self.request.body is not None:
            return None
        today = datetime.datetime.now(datetime.UTC).date()
        known = (pair for pair in self.inputs.items() if pair[0] in EXPANDED)
        return (today, self.request.path, self.accepted, self.limit, *known)

    def evaluation(self) -> Evaluation:
        """Return a new reading of value sets."""
        return Evaluation(self.catalogue, rules_of(self.inputs))

    def value_set(self, *, is_needed: bool) -> Resource | None:
        """Return the value set that a request is about; None where it names none.

        Raises:
            FhirError: It names one that is not known, or none where one is needed.
        """
        sent = self.inputs.element("valueSet") if isinstance(self.inputs.first("valueSet"), dict) else None
        if sent is not None:
            return sent
        text = self.inputs.text("url") or self.inputs.text("valueSet")
        if text is None:
            if is_needed:
                raise failure(400, "required", "expected a parameter url or valueSet")
            return None
        url, version = split_canonical(text)
        version = self.inputs.text("valueSetVersion") or version
        found = self.catalogue.value_set(url, version)
        if found is None:
            name = f"{url}|{version}" if version else url
            raise FhirError(404, [said("Unable_to_resolve_value_Set_", name, code="not-found", kind="not-found")])
        return found

    def system(self, url: str | None, version: str | None, code: str | None = None) -> SystemVersion:
        """Return a version of a code system; where none is in force, what answers for the code all the same.

        Raises:
            FhirError: It is not known.
        """
        if url is None:
            raise failure(400, "required", "expected a parameter system, or a Coding with one")
        url, stated = split_canonical(url)
        pattern, _ = rules_of(self.inputs).pattern(url, version or stated)
        try:
            found = self.catalogue.system(url, pattern)
        except FhirError:
            found = self.catalogue.row_answer(url, code) if code and not pattern else None
            if found is None:
                raise
        if found is None:
            raise unknown_system(self.catalogue, url, pattern, status=404)
        return found

    def maps(self) -> list[GivenMap]:
        """Return the ConceptMaps that are given, and those that are served beside the store."""
        given = [GivenMap(one) for one in self.given if one.get("resourceType") == "ConceptMap"]
        return [*given, *self.library.concept_maps]


def _checked(inputs: Inputs) -> Inputs:
    """Return parameters whose resources and codings have the structure of their types.

    Raises:
        FhirError: One of them has another.
    """
    for name, kind in RESOURCES.items():
        for resource in inputs.elements(name):
            if kind is not None and resource.get("resourceType") != kind:
                raise failure(400, "structure", f"parameter {name}: expected a {kind}")
            checked_resource(resource)
    for name, structure in ELEMENTS.items():
        for element in inputs.elements(name):
            checked_element(element, structure, name)
    return inputs


def _in_r5(inputs: Inputs) -> Inputs:
    """Return parameters whose resources are in the form of R5."""
    if not any(isinstance(one, dict) for name in RESOURCES for one in inputs.all(name)):
        return inputs
    return Inputs(
        [
            (name, to_r5(value) if name in RESOURCES and isinstance(value, dict) else value)
            for name, value in inputs.items()
        ]
    )
