"""What the crosswalks of a store say of a code, as matches of ``$translate``.

The answer is that of `Terminology.translate`, or of `CodeSystem.migrate` within one system; nothing is decided here
again. It names the edition that it is for as the version of each code.

Reverse reads a map against its direction, which is what FHIR asks for: all the codes that might be mapped to this one.
It is not the map that a publisher made for the other direction. Of GEM, which have both, the backward one is asked
forward, from its own source; it is another map, and answers otherwise.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from attrs import evolve, field, frozen

from ..canonicals import ATTRIBUTE, PROPERTY, USED_WITH
from ..errors import InvalidDateError, UnknownReleaseError, UnknownSystemError
from ..licences import may_show
from ..model import Alternative, Crosswalk, Outcome, Source, Step, Translation
from ..query import Edition, Terminology
from ..systems import SYSTEMS, SystemDefinition, named, plain_name
from ..wire import sent_translation
from .exchange import Resource
from .matches import Detail, Found, Match, united
from .outcomes import failure, text_of
from .published_maps import PublishedMap, PublishedMaps, published_maps
from .questions import Coding, Question
from .relationships import NO_MAP, inverse_of

TODAY: Final = "today"
"""A day that is another one tomorrow: answers for it are not remembered."""
LONGEST_KEY: Final = 400
"""Characters of a question that is remembered: known systems, their versions and codes have fewer."""
SHARED_URIS: Final = {"icd9cm": ("icd9cm", "icd9pcs")}
"""By the short name of the system that a URI is resolved to, all systems that HL7 has this URI for."""


@frozen
class Way:
    """From which system to which one a code is asked to go, by which map."""

    source: str
    target: str
    crosswalk: str | None = None
    """Label of the one to use; None: all that lead there."""


@frozen
class Answered:
    """A translation, with what is needed to tell it."""

    store: Terminology
    coding: Coding
    way: Way
    """Of the question: in reverse from the code's system to the one that is sought."""
    is_reverse: bool
    translation: Translation
    source_version: str | None
    edition: Edition | None
    """Of the codes that were found; None where their system is not loaded."""
    published: PublishedMaps = field(repr=False)


def found_in_store(store: Terminology, question: Question, coding: Coding, only: PublishedMap | None = None) -> Found:
    """Return what the crosswalks of a store say of a code; nothing where they do not know its system.

    Args:
        store: The store.
        question: The question.
        coding: The code.
        only: The map that alone is asked; by default all that lead to the system that is sought.

    Raises:
        FhirError: The date is none.
    """
    published = published_maps(store)
    texts = (coding.system, coding.version, coding.code, question.sought, question.sought_version, question.on)
    if question.on == TODAY or sum(map(len, filter(None, texts))) > LONGEST_KEY:
        return _fresh(store, published, question, coding, only)
    key = (texts, question.is_reverse, question.is_lenient, only.canonical if only else None)
    found = published.answers.get(key)
    return found or published.answers.remember(key, _fresh(store, published, question, coding, only))


def _fresh(
    store: Terminology, published: PublishedMaps, question: Question, coding: Coding, only: PublishedMap | None
) -> Found:
    names = systems_named(store, published, coding.system) if coding.system else _sides(only, question)
    if not names:
        return Found()
    exact = [name for name in names if _official(store, name, coding.code) == coding.code]
    forms = [] if exact else _forms(store, names, coding.code)
    if len(forms) == 1 and question.is_lenient:
        coding = evolve(coding, code=forms[0])
        exact = [name for name in names if _official(store, name, coding.code) == coding.code]
    elif forms:
        # a code that is written in another way is none
        unknown = text_of("Unknown_Code_in", coding.code, coding.system or "")
        return Found(said=(f"{unknown}. Its official form is {' or '.join(map(repr, forms))}",))
    ways = [way for name in exact or names[:1] for way in _ways(store, published, question, name, only)]
    if not ways and only is not None:
        return Found(
            said=(f"{only.canonical} does not lead {'to' if question.is_reverse else 'from'} {coding.system}",)
        )
    return united([_answer(store, published, question, coding, way) for way in ways])


# ---- systems and ways


def systems_named(store: Terminology, published: PublishedMaps, uri: str) -> tuple[str, ...]:
    """Return the short names of the systems of a URI, OID or alias: two of that of ICD-9-CM, none of an unknown one."""
    if uri in store:
        name = store[uri].name
    elif (known := named(uri)) is not None:
        name = known.name
    else:
        return tuple(name for name, one in published.uris.items() if one == uri)
    shared = SHARED_URIS.get(name)
    return shared if shared and plain_name(uri) == plain_name(SYSTEMS[name].uri) else (name,)


def _sides(only: PublishedMap | None, question: Question) -> tuple[str, ...]:
    """Return the systems that a code can be of which comes without one, for the map that alone is asked."""
    if only is None:
        return ()
    side = "target_system" if question.is_reverse else "source_system"
    return tuple(dict.fromkeys(getattr(one, side) for one in only.crosswalks))


def _ways(
    store: Terminology, published: PublishedMaps, question: Question, name: str, only: PublishedMap | None
) -> Iterator[Way]:
    """Yield the ways from a system to those that are sought: along a crosswalk, or within the system."""
    sought = systems_named(store, published, question.sought) if question.sought else None
    if only is not None:
        for crosswalk in only.crosswalks:
            own, other = _directed(crosswalk, question)
            if own == name and (sought is None or other in sought):
                yield Way(own, other, crosswalk.label)
        return
    pairs = sorted(pair[::-1] for pair in published.pairs) if question.is_reverse else sorted(published.pairs)
    for own, other in pairs:
        if own == name and (other in sought if sought is not None else other != name):
            yield Way(own, other)
    if sought and name in sought and (name, name) not in published.pairs and name in store:
        yield Way(name, name)


def _directed(crosswalk: Crosswalk, question: Question) -> tuple[str, str]:
    sides = (crosswalk.source_system, crosswalk.target_system)
    return sides[::-1] if question.is_reverse else sides


def _definition(store: Terminology, system: str) -> SystemDefinition | None:
    return store[system].definition if system in store else SYSTEMS.get(system)


def _official(store: Terminology, system: str, code: str) -> str | None:
    definition = _definition(store, system)
    return definition.official(code) if definition else code


def _forms(store: Terminology, systems: Sequence[str], code: str) -> list[str]:
    found = (_official(store, system, code) for system in systems)
    return list(dict.fromkeys(form for form in found if form))


# ---- answers


def _answer(store: Terminology, published: PublishedMaps, question: Question, coding: Coding, way: Way) -> Found:
    try:
        source_edition = _edition(store, way.source, coding.version, None)
        edition = _target_edition(store, question, coding, way)
        if source_edition and coding.version and not source_edition.is_valid(coding.code):
            unknown = text_of("Unknown_Code_in_Version", coding.code, coding.system or "", coding.version)
            return Found(said=(unknown,))
        translation = _translation(store, question, coding, way, edition)
    except (_NoEditionError, UnknownSystemError) as missing:
        return Found(said=(str(missing.args[0]),))
    except InvalidDateError as error:
        raise failure(400, "invalid", f"parameter date: {error}") from None
    translation = sent_translation(translation, (way.source, way.target), store, store.licences)
    version = source_edition.release.version if source_edition and coding.version and source_edition.release else None
    answered = Answered(store, coding, way, question.is_reverse, translation, version, edition, published)
    return Found(tuple(_matches(answered)), tuple(_sentences(translation)))


class _NoEditionError(Exception):
    """There is no edition to translate from or to."""


def _target_edition(store: Terminology, question: Question, coding: Coding, way: Way) -> Edition | None:
    """Return the edition that codes are sought in; in reverse within one system that before the code began."""
    is_told = question.on or question.sought_version
    if is_told or way.source != way.target or not question.is_reverse:
        return _edition(store, way.target, question.sought_version, question.on)
    if way.source not in store:
        return None
    periods = store[way.source].history(coding.code).periods
    edition = store[way.source].on(periods[0].effective_from - datetime.timedelta(days=1)) if periods else None
    if edition is None or not edition.is_covered:
        raise _NoEditionError(f"no loaded release of {way.source} is from before {coding.code}")
    return edition


def _edition(store: Terminology, system: str, version: str | None, on: str | None) -> Edition | None:
    """Return the edition of a version, or of a day, or the newest; None where the system is not loaded."""
    if system not in store:
        return None
    code_system = store[system]
    if version is None:
        return code_system.on(on) if on else code_system.latest
    try:
        return code_system.release(version)
    except UnknownReleaseError:
        known = ", ".join(release.version for release in code_system.releases)
        uri = code_system.definition.uri
        raise _NoEditionError(text_of("UNKNOWN_CODESYSTEM_VERSION", uri, version, known)) from None


def _translation(
    store: Terminology, question: Question, coding: Coding, way: Way, edition: Edition | None
) -> Translation:
    is_dated = question.on or question.sought_version
    day = edition.date if edition and is_dated else question.on
    if way.source == way.target and edition and edition.release and (question.is_reverse or way.crosswalk is None):
        if coding.version is None and not question.is_reverse:
            return store[way.source].became(coding.code, day)
        return store[way.source].migrate(coding.code, coding.version or "latest", edition.release.version)
    return store.translate(
        coding.code,
        source=way.source,
        target=way.target,
        on=day,
        crosswalk=way.crosswalk,
        inverted=question.is_reverse,
    )


def _sentences(translation: Translation) -> Iterator[str]:
    if translation.reason:
        yield translation.reason
    if translation.split_off:
        yield f"partially replaced by {', '.join(translation.split_off)}"


# ---- matches


def _matches(answered: Answered) -> Iterator[Match]:
    """Yield a match for each alternative; where the publisher says that there is none, one that says so."""
    translation = answered.translation
    asked = _coding(answered.store, answered.way.source, answered.coding.code, answered.source_version)
    for alternative in translation.alternatives:
        yield _match(answered, alternative, asked)
    if translation.outcome is Outcome.NONE:
        yield Match(NO_MAP, asked, None, _origin(answered, translation.path))


def _match(answered: Answered, alternative: Alternative, asked: Resource) -> Match:
    first, *others = alternative.codes
    version = answered.edition.release.version if answered.edition and answered.edition.release else None
    uri = answered.published.uri(answered.store, answered.way.target)
    found = _coding(answered.store, answered.way.target, first, version, answered.edition)
    made = Match(
        relationship=alternative.relationship,
        source=asked,
        target=found,
        origin=_origin(answered, alternative.path),
        product=tuple(_used_with(uri, code, answered.edition) for code in others),
        depends_on=tuple(_conditions(answered, alternative)),
        properties=tuple(_properties(alternative)),
    )
    if not answered.is_reverse:
        return made
    return evolve(
        made,
        relationship=inverse_of(alternative.relationship),
        source=found,
        target=asked,
        product=made.depends_on,
        depends_on=made.product,
    )


def _coding(
    store: Terminology, system: str, code: str, version: str | None, edition: Edition | None = None
) -> Resource:
    made = {"system": published_maps(store).uri(store, system)}
    if version:
        made["version"] = version
    made["code"] = code
    made |= _display(edition, code)
    return made


def _used_with(system: str, code: str, edition: Edition | None = None) -> Detail:
    made = {"system": system, "code": code, **_display(edition, code)}
    return Detail(f"{ATTRIBUTE}{USED_WITH}", {"valueCoding": made})


def _display(edition: Edition | None, code: str) -> Resource:
    """Return the title of a code as an element, where it has one and that may be shown."""
    if edition and may_show(edition.definition, edition.licences) and (title := edition.title(code)):
        return {"display": title}
    return {}


def _conditions(answered: Answered, alternative: Alternative) -> Iterator[Detail]:
    """Yield the codes that a map has together with the one that is asked."""
    if alternative.path and len(left := alternative.path[0].from_codes) > 1:
        uri = answered.published.uri(answered.store, answered.way.source)
        yield from (_used_with(uri, code) for code in left if code != answered.translation.code)


def _origin(answered: Answered, path: Sequence[Step]) -> str | None:
    """Return the map that a way leads along: the one between the systems, else the last one within the target's."""
    ways = (answered.way.source, answered.way.target)
    for step in path:
        sides = ways[::-1] if step.inverted else ways
        if step.crosswalk and (found := answered.published.canonical(step.crosswalk, *sides)):
            return found
    return None


def _properties(alternative: Alternative) -> Iterator[Detail]:
    detail = next((step.detail for step in alternative.path if "scenario" in step.detail), {})
    if isinstance(scenario := detail.get("scenario"), int):
        yield _constant("scenario", "valueInteger", scenario)
    for codes in detail.get("choice_lists") or ():
        yield _property("choice-list", "valueString", ", ".join(codes))
    if alternative.approximate is not None:
        yield _constant("approximate", "valueBoolean", alternative.approximate)
    yield _constant("kind", "valueCode", alternative.kind)
    if alternative.billable is not None:
        yield _constant("billable", "valueBoolean", alternative.billable)
    for step in alternative.path:
        yield _property("step", "valueString", _told(step))
    if alternative.source:
        yield _property("source", "valueString", _cited(alternative.source))


def _property(name: str, kind: str, value: str | int) -> Detail:
    return Detail(f"{PROPERTY}{name}", {kind: value})


_constant = cache(_property)
"""Of flags, kinds and scenarios, which are few: answers that are remembered share them."""


def _told(step: Step) -> str:
    """Return a step as a text: what became what, how, from which day on, by which publication.

    >>> _told(Step("split", "icd10cm", ("M54.5",), ("M54.50",), None, None, "icd10cm_conversion 2022"))
    'M54.5 > M54.50: split, by icd10cm_conversion 2022'
    """
    how = step.kind.replace("_", " ")
    if step.effective:
        how += f" on {step.effective.isoformat()}"
    if step.crosswalk:
        how += f", by {step.crosswalk}{', inverted' if step.inverted else ''}"
    return f"{' + '.join(step.from_codes)} > {' + '.join(step.to_codes) or 'nothing'}: {how}"


def _cited(source: Source) -> str:
    return f"{source.place}, SHA-256 {source.sha256}"
