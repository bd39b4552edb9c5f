"""The operations: from parameters to what they ask for, and to the functions that know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import evolve

from .budget import spend
from .call import ELEMENTS, Call
from .closure import ClosureTables, closure
from .code_systems import split_canonical
from .exchange import Request, Resource
from .expansion import expand, is_short, options_of, stated_language
from .findings import Coding, Rules
from .languages import languages_of
from .lookup import coded, looked_up, subsumption
from .outcomes import FhirError, failure
from .parameters import Inputs
from .scopes import Scopes
from .structure import CODING, checked_element
from .translation import TranslationContext, translate
from .validation import Validation, plain_answer

NOTHING_TO_VALIDATE: Final = "Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters"
MOST_IN_BATCH: Final = 10_000
MOST_KEPT: Final = 500
"""Entries of an expansion that is kept for who asks the same."""


def lookup(call: Call) -> Resource:
    """Return what is known of a code."""
    inputs = call.inputs
    system, version, code = inputs.text("system"), inputs.text("version"), inputs.text("code") or ""
    if "coding" in inputs:
        of, its_version, code = coded(inputs.element("coding"), "coding")
        system, version = _agreed(call, (system, version), (of, its_version))
    if not code:
        raise failure(400, "required", "expected a parameter code or coding")
    languages = languages_of(inputs.text("displayLanguage") or call.accepted)
    return looked_up(call.system(system, version, code), code, languages, inputs.texts("property"))


def subsumes(call: Call) -> Resource:
    """Return how two codes relate."""
    inputs = call.inputs
    system, version = inputs.text("system") or inputs.text("url"), inputs.text("version")
    codes = []
    for letter in "AB":
        if f"coding{letter}" in inputs:
            of, its_version, code = coded(inputs.element(f"coding{letter}"), f"coding{letter}")
            system, version = _agreed(call, (system, version), (of, its_version))
        else:
            code = inputs.text(f"code{letter}") or ""
        if not code:
            raise failure(400, "required", f"expected a parameter code{letter} or coding{letter}")
        codes.append(code)
    return subsumption(call.system(system, version), *codes)


def _agreed(
    call: Call, said: tuple[str | None, str | None], coded: tuple[str | None, str | None]
) -> tuple[str | None, str | None]:
    """Return code system and version, said twice at most.

    Raises:
        FhirError: They are said twice, and differ.
    """
    (system, version), (of, its_version) = said, coded
    if system and of and not call.catalogue.is_same(system, of):
        raise failure(400, "invalid", f"Two code systems are named: {system} and {of}")
    if version and its_version and version != its_version:
        raise failure(400, "invalid", f"Two versions are named: {version} and {its_version}")
    return system or of, version or its_version


def expansion(call: Call) -> Resource:
    """Return a value set with its expansion; one that was asked for before may be that of then, as it says itself."""
    key = call.key
    found = call.library.expansions.get(key) if key is not None else None
    if found is None:
        value_set = call.value_set(is_needed=True) or {}
        found = expand(call.evaluation(), value_set, options_of(call.inputs, value_set, call.accepted, call.limit))
        if key is not None and is_short(found["expansion"].get("contains", ()), MOST_KEPT):
            call.library.keep(key, found)
    return found


def validate_in_value_set(call: Call) -> Resource:
    """Return whether a code is in a value set; where none is named, in its code system."""
    return _validated(call, call.value_set(is_needed=False))


def validate_in_code_system(call: Call) -> Resource:
    """Return whether a code is in its code system."""
    return _validated(call, None)


def _validated(call: Call, value_set: Resource | None) -> Resource:
    return _answered(validation_of(call, value_set), call.inputs)


def validation_of(call: Call, value_set: Resource | None) -> Validation:
    """Return what validates codes against a value set, or against code systems alone, as a request wants it."""
    inputs = call.inputs
    language = inputs.text("displayLanguage") or call.accepted or stated_language(value_set or {})
    rules = Rules(
        languages=languages_of(language),
        is_active_only=inputs.flag("activeOnly") is True,
        is_lenient_of_display=inputs.flag("lenient-display-validation") is True,
        is_lenient_of_code=inputs.flag("lenient-code-validation") is True,
        is_membership_only=inputs.flag("valueset-membership-only") is True,
        is_abstract_refused=inputs.flag("abstract") is False,
    )
    return Validation(call.evaluation(), value_set, rules)


def _answered(validation: Validation, inputs: Inputs) -> Resource:
    """Return the answer for what a request wants validated."""
    if (element := inputs.element("codeableConcept")) is not None:
        found = [one for one in element.get("coding") or [] if isinstance(one, dict)]
        codings = [_coding(one, f"CodeableConcept.coding[{number}]") for number, one in enumerate(found)]
        return validation.concept([_within(validation, inputs, one) for one in codings], element)
    if (element := inputs.element("coding")) is not None:
        return validation.coding(_within(validation, inputs, _coding(element, "Coding")))
    return _answered_code(validation, inputs)


def _within(validation: Validation, inputs: Inputs, coding: Coding) -> Coding:
    """Return a coding with the code system and version that the request names beside it, where it has none itself."""
    if validation.value_set is not None:
        return coding
    url, stated = split_canonical(_code_system(inputs) or "")
    version = inputs.text("version") or stated
    made = evolve(coding, system=coding.system or url or None, version=coding.version or version)
    if url and made.system and not validation.evaluation.catalogue.is_same(made.system, url):
        return evolve(made, required=url)
    return made


def _code_system(inputs: Inputs) -> str | None:
    """Return the code system that a request names: by URL, or as a resource."""
    sent = inputs.first("codeSystem")
    named = sent.get("url") if isinstance(sent, dict) else None
    return inputs.text("url") or inputs.text("system") or named


def _answered_code(validation: Validation, inputs: Inputs) -> Resource:
    code, system = inputs.text("code"), inputs.text("system")
    version = inputs.text("systemVersion") or inputs.text("version")
    if validation.value_set is None:
        system = system or _code_system(inputs)
    if code is None or (system is None and inputs.flag("inferSystem") is not True):
        raise failure(400, "invalid", NOTHING_TO_VALIDATE)
    url, stated = split_canonical(system) if system else (None, None)
    coding = Coding(code, url, version or stated, inputs.text("display"))
    return validation.coding(coding) if url else validation.inferred(coding)


def _coding(element: Resource, place: str) -> Coding:
    code = element.get("code")
    system, version, display = (element.get(name) for name in ("system", "version", "display"))
    return Coding(code if isinstance(code, str) else "", system, version, display, place)


CODED: Final = frozenset({"code", "system", "systemVersion", "version", "display", "coding", "codeableConcept"})
"""Parameters that say what is to be validated; others say how."""
NAMING: Final = frozenset({"url", "system", "codeSystem", "version"})
"""Parameters that name the code system of codings which do not, or must be of it."""


def batch_in_value_set(call: Call) -> Resource:
    """Return the answers to many validations against a value set."""
    return _batch(call, lambda one: one.value_set(is_needed=False))


def batch_in_code_system(call: Call) -> Resource:
    """Return the answers to many validations against code systems."""
    return _batch(call, lambda _: None)


def _batch(call: Call, value_set_of: Callable[[Call], Resource | None]) -> Resource:
    """Return the answers to many validations, in their order; what they have in common is read once."""
    asked = call.inputs.elements("validation")
    if not asked:
        raise failure(400, "required", "expected parameters validation, each a Parameters resource")
    if len(asked) > MOST_IN_BATCH:
        raise failure(413, "too-costly", f"a batch may have {MOST_IN_BATCH:,} validations, got {len(asked):,}")
    outer = [(name, value) for name, value in call.inputs.items() if name not in ("validation", "tx-resource")]
    common = validation_of(call, value_set_of(call))
    # a value set is asked about codings as they are, and so are code systems where the request names none
    is_as_it_is = common.value_set is not None or NAMING.isdisjoint(call.inputs.names)
    made = []
    for element in asked:
        spend()
        try:
            sole = _sole_coding(element)
            if sole is not None:
                if is_as_it_is and (plain := _plain(common, sole)) is not None:
                    made.append(plain)
                    continue
                coding = _coding(checked_element(sole, CODING, "coding"), "Coding")
                made.append(common.coding(_within(common, call.inputs, coding)))
                continue
            inner = Inputs.of(Request("", body=element)).with_pairs(outer)
            for name, structure in ELEMENTS.items():
                for one in inner.elements(name):
                    checked_element(one, structure, name)
            validation = common
            if not inner.names - call.inputs.names <= CODED or inner.differs(call.inputs, CODED):
                other = call.with_inputs(inner)
                validation = validation_of(other, value_set_of(other))
            made.append(_answered(validation, inner))
        except FhirError as error:
            made.append(error.outcome)
    return {"resourceType": "Parameters", "parameter": [{"name": "validation", "resource": one} for one in made]}


def _plain(validation: Validation, coding: Resource) -> Resource | None:
    """Return the answer for system and code alone, where there is nothing to say of them; None of any other coding."""
    if len(coding) != 2:  # noqa: PLR2004 -- system and code
        return None
    url, code = coding.get("system"), coding.get("code")
    if not (isinstance(url, str) and isinstance(code, str) and url and url.isascii() and code.isascii()):
        return None
    system = validation.whole(url)
    return plain_answer(system, url, code) if system is not None else None


def _sole_coding(element: Resource) -> Resource | None:
    """Return the coding of a validation that has nothing else; None of any other."""
    match element:
        case {"parameter": [{"name": "coding", "valueCoding": dict(coding)}]}:
            return coding
    return None


def translation(call: Call) -> Resource:
    """Return what a code is by the maps of the request, of the service, and of the store."""
    context = TranslationContext(call.library.store, call.maps(), Scopes(call).holds)
    return translate(context, call.inputs, call.request.fhir)


def closure_with(tables: ClosureTables) -> Callable[[Call], Resource]:
    """Return the operation that keeps its tables between requests."""

    def answered(call: Call) -> Resource:
        return closure(call.library.store, tables, call.inputs, call.request.fhir)

    return answered
