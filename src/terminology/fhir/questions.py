"""What ``ConceptMap/$translate`` is asked, in the words of R4, R5, or a mixture of both.

R4 names the concept ``code``, ``coding`` or ``codeableConcept``, and with ``reverse=true`` it is one of the map's
targets. R5 has ``sourceCode`` and so on, and a concept that is one of the targets is ``targetCode`` and so on. Clients
mix the names, so each is understood under either version. Which names a question uses decides which parts its answer
has, where the versions differ.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), operation ConceptMap/$translate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import field, frozen

from .exchange import FhirVersion, Resource
from .outcomes import failure
from .parameters import Inputs

IMPLICIT: Final = "?fhir_vs"
"""What makes of the URI of a code system that of the value set of all its codes."""
LENIENT: Final = "lenient-code-validation"
"""The parameter by which a client has codes repaired."""
ISO_DAY: Final = 10
"""Characters of a day; a time behind it says nothing about an edition."""
SOURCE_NAMES: Final = ("sourceCode", "sourceCoding", "sourceCodeableConcept")
TARGET_NAMES: Final = ("targetCode", "targetCoding", "targetCodeableConcept")
R5_NAMES: Final = (*SOURCE_NAMES, *TARGET_NAMES)


@frozen
class Coding:
    """A code with its system, as a request or a map has it."""

    system: str | None
    code: str
    version: str | None = None

    @classmethod
    def of(cls, element: Resource, name: str) -> Coding:
        """Return a Coding of a request.

        Raises:
            FhirError: It has no code, or texts are none.
        """
        system, version, code = (element.get(key) for key in ("system", "version", "code"))
        for text in (system, version, code):
            if text is not None and not isinstance(text, str):
                raise failure(400, "invalid", f"parameter {name}: expected texts as system, version and code")
        if not code:
            raise failure(400, "invalid", f"parameter {name}: expected a code")
        return cls(system or None, code, version or None)


@frozen
class Question:
    """One request of ``$translate``."""

    fhir: FhirVersion
    codings: tuple[Coding, ...]
    is_reverse: bool = False
    """Whether the codings are targets, and what is sought are sources."""
    is_named_as_r4: bool = False
    sought: str | None = None
    """URI of the system that codes are sought in."""
    sought_version: str | None = None
    source_scope: str | None = None
    target_scope: str | None = None
    url: str | None = None
    map_version: str | None = None
    on: str | None = None
    """Day whose edition is asked for, as ISO text."""
    is_lenient: bool = False
    """Whether a code that is written in another way, without dot or in lower case, is taken for the one that is meant."""
    dependencies: tuple[tuple[str, Any], ...] = ()
    """Attributes, by code or URI, with what is known of them."""
    given: tuple[Resource, ...] = field(factory=tuple, hash=False)
    """ConceptMaps in ``conceptMap``: they alone are asked, where there are any."""

    @classmethod
    def of(cls, inputs: Inputs, fhir: FhirVersion) -> Question:
        """Return what a request asks.

        Raises:
            FhirError: It names no concept, or a parameter is of another type.
        """
        at_target = any(name in inputs for name in TARGET_NAMES)
        source_scope, target_scope = _text(inputs, "sourceScope", "source"), _text(inputs, "targetScope", "target")
        is_reverse = at_target or bool(inputs.flag("reverse"))
        is_r4 = fhir == "r4" and not any(name in inputs for name in R5_NAMES)
        codings = tuple(_target_codings(inputs) if at_target else _source_codings(inputs))
        if not codings:
            names = "code, coding or codeableConcept" if is_r4 else ", ".join((*SOURCE_NAMES, *TARGET_NAMES))
            raise failure(400, "required", f"nothing to translate: expected one of {names}")
        sought = _sought(inputs, at_target=at_target)
        # in the words of R4, reverse "reverses the meaning of the source and target parameters"
        if is_reverse and not at_target:
            source_scope, target_scope = target_scope, source_scope
        uri, _, version = (sought or _system_of(source_scope if is_reverse else target_scope) or "").partition("|")
        return cls(
            fhir=fhir,
            codings=codings,
            is_reverse=is_reverse,
            is_named_as_r4=is_r4,
            sought=uri or None,
            sought_version=version or (None if at_target else inputs.text("targetVersion")),
            source_scope=source_scope,
            target_scope=target_scope,
            url=inputs.text("url"),
            map_version=inputs.text("conceptMapVersion"),
            on=(inputs.text("date") or "")[:ISO_DAY] or None,
            is_lenient=bool(inputs.flag(LENIENT)),
            dependencies=tuple(_dependencies(inputs)),
            given=tuple(inputs.elements("conceptMap")),
        )


def _text(inputs: Inputs, *names: str) -> str | None:
    """Return the first of several parameters that is given."""
    return next((text for text in map(inputs.text, names) if text), None)


def _sought(inputs: Inputs, *, at_target: bool) -> str | None:
    """Return the system that codes are sought in. ``system`` is that of a target code where there is no other."""
    if not at_target:
        return _text(inputs, "targetSystem", "targetsystem")
    is_of_code = "targetCode" in inputs and not _text(inputs, "targetSystem", "targetsystem")
    return _text(inputs, "sourceSystem") if is_of_code else _text(inputs, "sourceSystem", "system")


def _source_codings(inputs: Inputs) -> Iterator[Coding]:
    for name in ("sourceCode", "code"):
        if code := inputs.text(name):
            yield _coding(code, _text(inputs, "sourceSystem", "system"), _text(inputs, "sourceVersion", "version"))
            return
    yield from _elements(inputs, ("sourceCoding", "coding"), ("sourceCodeableConcept", "codeableConcept"))


def _target_codings(inputs: Inputs) -> Iterator[Coding]:
    if code := inputs.text("targetCode"):
        system = _text(inputs, "targetSystem", "targetsystem", "system")
        yield _coding(code, system, _text(inputs, "targetVersion", "version"))
        return
    yield from _elements(inputs, ("targetCoding",), ("targetCodeableConcept",))


def _coding(code: str, system: str | None, version: str | None) -> Coding:
    uri, _, stated = (system or "").partition("|")
    return Coding(uri or None, code, version or stated or None)


def _elements(inputs: Inputs, codings: Sequence[str], concepts: Sequence[str]) -> Iterator[Coding]:
    for name in codings:
        if element := inputs.element(name):
            yield Coding.of(element, name)
            return
    for name in concepts:
        if concept := inputs.element(name):
            found = concept.get("coding")
            for element in found if isinstance(found, list) else ():
                if isinstance(element, dict):
                    yield Coding.of(element, name)
            return


def _dependencies(inputs: Inputs) -> Iterator[tuple[str, Any]]:
    for parts in inputs.all("dependency"):
        if not isinstance(parts, Inputs):
            raise failure(400, "invalid", "parameter dependency: expected parts")
        attribute = _text(parts, "attribute", "element")
        if not attribute:
            raise failure(400, "invalid", "parameter dependency: expected an attribute")
        yield attribute, parts.first("value") if "value" in parts else parts.first("concept")


def _system_of(scope: str | None) -> str | None:
    """Return the URI of the system whose codes are all in a value set, by the URI of that; None for any other."""
    return scope.removesuffix(IMPLICIT) if scope and scope.endswith(IMPLICIT) else None
