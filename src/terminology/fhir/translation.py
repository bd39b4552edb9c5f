"""``ConceptMap/$translate``: what a code is in another system, or in another release of its own.

Two things answer: ConceptMaps that came with the request or that the service holds as resources (`given_maps`), and the
crosswalks of the store (`crosswalk_answers`). All hits of both are told, each with the map that it is from, unless the
request names the map to be used.

Whether ``result`` is true says that there is a translation. Where there is none, ``message`` says why: that the
publisher says so, that nothing published covers the code, or that the code is written in another way.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), operation ConceptMap/$translate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from attrs import field, frozen

from ..query import Terminology
from .crosswalk_answers import found_in_store
from .exchange import FhirVersion, Resource
from .given_maps import GivenMap, found_in
from .matches import Found, part_of, united
from .outcomes import failure
from .parameters import Inputs, parameter, parameters
from .published_maps import PublishedMap, published_maps
from .questions import IMPLICIT, Coding, Question

MOST_MAPS: Final = 16
"""A map can leave a code to another one: so many are asked at most, one after the other."""


def _as_given(maps: Sequence[Resource | GivenMap]) -> tuple[GivenMap, ...]:
    return tuple(one if isinstance(one, GivenMap) else GivenMap(one) for one in maps)


@frozen
class TranslationContext:
    """What a translation can draw on."""

    store: Terminology
    maps: Sequence[GivenMap] = field(default=(), converter=_as_given)
    """ConceptMaps given with the request (``tx-resource``), or held as resources, in their order; several may have one
    URL. A resource that is asked again and again is best given as a `GivenMap`, made once: it sorts its codes when it is
    first asked."""
    is_member: Callable[[str, Resource], bool | None] | None = None
    """Whether a Coding is in the value set of a URL; None where that is not known. Without it the value sets that a
    request names only choose among the maps that are given."""


def translate(context: TranslationContext, inputs: Inputs, fhir: FhirVersion) -> Resource:
    """Return the Parameters that answer a request.

    The map of ``ConceptMap/ID/$translate`` is named by its ``url`` and ``conceptMapVersion`` among the inputs.

    Args:
        context: The store, and ConceptMaps that are given.
        inputs: Parameters of the request, by the names of R4 or R5; ``date`` is the day whose edition of the target is
            meant, by default its newest.
        fhir: Version of the endpoint: it decides between ``equivalence`` and ``relationship``.

    Raises:
        FhirError: Nothing is to be translated, a parameter is of another type, or the map that is named is not known.

    >>> asked = Inputs([("sourceCode", "754.35"), ("system", "http://hl7.org/fhir/sid/icd-9-cm"),
    ...                 ("targetSystem", "http://hl7.org/fhir/sid/icd-10-cm")])
    >>> answer = translate(TranslationContext(store), asked, "r5")
    >>> [one["name"] for one in answer["parameter"]], answer["parameter"][0]["valueBoolean"]
    (['result', 'message'], False)
    """
    question = Question.of(inputs, fhir)
    found = _within(context, question, united([_found(context, question, coding) for coding in question.codings]))
    result = any(match.is_translation for match in found.matches)
    said = found.said or (() if result else (_nothing(question),))
    return parameters(
        parameter("result", boolean=result),
        parameter("message", string="; ".join(said)) if said and (not result or found.said) else None,
        *(part_of(match, question) for match in found.matches),
    )


def _found(context: TranslationContext, question: Question, coding: Coding) -> Found:
    """Return what is found of one code: by the map that is named, else by all."""
    if question.given:
        return _by_maps(context, question, coding, _as_given(question.given))
    if question.url is not None:
        named = _named(context, question.url, question.map_version)
        if isinstance(named, PublishedMap):
            return found_in_store(context.store, question, coding, named)
        return _by_maps(context, question, coding, named)
    if coding.system is None:
        raise failure(400, "required", f"a system is required with the code '{coding.code}', or the url of a map")
    suited = [one for one in context.maps if one.is_in_scope(question)]
    return united([_by_maps(context, question, coding, suited), found_in_store(context.store, question, coding)])


def _within(context: TranslationContext, question: Question, found: Found) -> Found:
    """Return the matches whose codes are in the value sets that the request names."""
    said = dict.fromkeys(found.said)
    matches = found.matches
    for side, url in (("source", question.source_scope), ("target", question.target_scope)):
        if url is None or url.endswith(IMPLICIT) or context.is_member is None:
            continue
        kept = []
        for match in matches:
            coding = match.source if side == "source" else match.target
            is_in = context.is_member(url, coding) if coding else True
            if is_in is None:
                said[f"The value set '{url}' is not known, or not all of it: it was not applied"] = None
            elif not is_in and coding:
                said[f"'{coding.get('system')}#{coding['code']}' is not in the value set '{url}'"] = None
            if is_in is not False:
                kept.append(match)
        matches = tuple(kept)
    return Found(matches, tuple(said))


def _named(context: TranslationContext, url: str, version: str | None) -> Sequence[GivenMap] | PublishedMap:
    """Return the maps of a URL: those that are given, else that of the store.

    Raises:
        FhirError: There is none.
    """
    given = [one for one in context.maps if one.is_named(url, version)]
    if given:
        return given
    published = published_maps(context.store).named(url, version)
    if published is None:
        stated = f" version '{version}'" if version else ""
        raise failure(
            404, "not-found", f"A definition for the ConceptMap '{url}'{stated} could not be found", kind="not-found"
        )
    return published


def _by_maps(context: TranslationContext, question: Question, coding: Coding, maps: Sequence[GivenMap]) -> Found:
    """Return what given maps say, and those that they leave the code to."""
    waiting: list[GivenMap] = list(maps)
    asked: list[GivenMap] = []
    found: list[Found] = []
    left: set[str] = set()
    for given in waiting:
        if given in asked:
            continue
        asked.append(given)
        said, others = found_in(given, question, coding)
        found.append(said)
        for url in others:
            if url in left or len(left) >= MOST_MAPS:
                continue
            left.add(url)
            named = _named(context, url, None)
            if isinstance(named, PublishedMap):
                found.append(found_in_store(context.store, question, coding, named))
            else:
                # the loop goes on with what is added behind it
                waiting.extend(named)
    return united(found)


def _nothing(question: Question) -> str:
    """Return the sentence for what no map is known of."""
    systems = " and ".join(dict.fromkeys(f"'{coding.system}'" for coding in question.codings))
    other = f"'{question.sought}'" if question.sought else "another system"
    way = f"from {other} to {systems}" if question.is_reverse else f"from {systems} to {other}"
    return f"No ConceptMap is known that leads {way}"
