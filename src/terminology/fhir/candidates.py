"""What can be read of a store: a CodeSystem and a ValueSet of each release, a ConceptMap of each crosswalk; and given resources.

A candidate is known by the few facts that a search asks for. Its resource is made when it is wanted.
"""

from __future__ import annotations

import hashlib
import json
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ..query import CodeSystem, Terminology
from ..systems import names_of, plain_name
from .concept_maps import concept_map, concept_maps
from .exchange import Resource
from .grouped import with_groupings
from .of_store import OfStore
from .published_maps import PublishedMap, published_maps
from .resources import (
    code_system,
    code_system_head,
    code_systems_of,
    implicit_value_set,
    resource_id,
    system_name,
    value_set,
)

KINDS: Final = ("CodeSystem", "ValueSet", "ConceptMap")
LARGE: Final = 20_000
"""Concepts or mappings above which a resource is given without them, unless it is asked for whole."""
FACTS: Final = ("id", "url", "version", "name", "title", "status", "publisher", "description", "date", "identifier")


@frozen
class Candidate:
    """A resource that can be read."""

    facts: Mapping[str, Any]
    """Its elements that searches ask for."""
    head: Callable[[], Resource]
    """Makes it without its concepts or groups."""
    whole: Callable[[], Resource]
    size: int = 0
    """Concepts, or mappings."""
    names: frozenset[str] = frozenset()
    """Further URIs by which it is found, in plain form."""
    systems: frozenset[str] = frozenset()
    """URIs of the code systems that it is about."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.facts["id"])

    @property
    def is_large(self) -> bool:
        """Whether it is given without its content unless it is asked for whole."""
        return self.size > LARGE


class Candidates:
    """The resources of one store. A store does not change while it is open, so what is made once is kept: heads only."""

    def __init__(self, store: Terminology) -> None:
        self._store = weakref.ref(store)
        self._heads: dict[tuple[str, str], Resource] = {}
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    @property
    def store(self) -> Terminology:
        """The store."""
        store = self._store()
        assert store is not None, "whoever asks holds the store"  # noqa: S101
        return store

    def candidates(self, kind: str) -> tuple[Candidate, ...]:
        """Return the resources of a kind, of each system the newest first."""
        if kind not in self._candidates:
            makers: Mapping[str, Callable[[], Iterator[Candidate]]] = {
                "CodeSystem": lambda: self._of_releases(self._code_system),
                "ValueSet": lambda: self._of_releases(self._value_set),
                "ConceptMap": self._concept_maps,
            }
            self._candidates[kind] = tuple(makers[kind]())
        return self._candidates[kind]

    def implicit(self, url: str) -> Candidate | None:
        """Return the value set of a code and everything below it, which no list has, by its URL; None on a miss."""
        made = value_set(self.store, url)
        return given_candidate(made) if made else None

    def _of_releases(self, make: Callable[[CodeSystem, str], Candidate]) -> Iterator[Candidate]:
        for system in code_systems_of(self.store):
            for release in reversed(system.releases):
                found = system.release(release.version).release
                if found is not None and found.version == release.version:
                    # a release that was corrected is answered by its correction
                    yield make(system, release.version)

    def _code_system(self, system: CodeSystem, version: str) -> Candidate:
        # the functions must not hold the store, or it would never go
        store, name = self._store, system.name
        edition = system.release(version)
        definition = system.definition

        def opened() -> CodeSystem:
            held = store()
            assert held is not None, "whoever asks holds the store"  # noqa: S101
            return held[name]

        def head() -> Resource:
            key = ("CodeSystem", f"{name} {version}")
            if key not in self._heads:
                released = opened().release(version)
                self._heads[key] = with_groupings(code_system_head(opened(), released)[0], released)
            return self._heads[key]

        def whole() -> Resource:
            released = opened().release(version)
            return with_groupings(code_system(opened(), released, concepts=True), released)

        facts = {
            "id": resource_id(name, version),
            "url": definition.uri,
            "version": version,
            "name": system_name(definition),
            "title": definition.title,
            "status": "active",
            "date": edition.date.isoformat(),
            "identifier": [{"value": f"urn:oid:{definition.oid}"}] if definition.oid else [],
        }
        release = edition.release
        size = release.concepts if release else 0
        return Candidate(facts, head, whole, size, names_of(definition), frozenset({definition.uri}))

    def _value_set(self, system: CodeSystem, version: str) -> Candidate:
        made = implicit_value_set(system, system.release(version))
        names = frozenset(f"{name}?fhir_vs" for name in names_of(system.definition))
        return Candidate(_facts(made), lambda: made, lambda: made, 1, names, frozenset({system.definition.uri}))

    def _concept_maps(self) -> Iterator[Candidate]:
        store = self.store
        heads = concept_maps(store)
        for head, published in zip(heads, published_maps(store).stated, strict=True):
            yield self._concept_map(head, published)

    def _concept_map(self, head: Resource, published: PublishedMap) -> Candidate:
        held = self._store

        def whole() -> Resource:
            store = held()
            assert store is not None, "whoever asks holds the store"  # noqa: S101
            return concept_map(store, published)

        scopes = (str(head.get(name, "")).removesuffix("?fhir_vs") for name in ("sourceScopeUri", "targetScopeUri"))
        size = sum(one.mappings for one in published.crosswalks)
        return Candidate(_facts(head), lambda: head, whole, size, systems=frozenset(filter(None, scopes)))


def given_candidate(resource: Resource) -> Candidate:
    """Return a resource that somebody gave as a candidate; one without id gets one that its content makes."""
    if not isinstance(resource.get("id"), str):
        text = json.dumps(resource, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        resource = {**resource, "id": resource_id(str(resource.get("name") or "given")[:40], digest)}
    return Candidate(_facts(resource), lambda: resource, lambda: resource, systems=_systems_of(resource))


def _systems_of(resource: Resource) -> frozenset[str]:
    """Return the code systems that a given resource is about, by what it states of them."""
    compose = resource.get("compose")
    includes = compose.get("include") if isinstance(compose, dict) else None
    is_system = resource.get("resourceType") == "CodeSystem"
    holders: list[tuple[Resource, tuple[str, ...]]] = [(resource, ("url",))] if is_system else []
    holders += [(one, ("system",)) for one in _objects(includes)]
    holders += [(one, ("source", "target")) for one in _objects(resource.get("group"))]
    found = (str(one.get(name) or "").partition("|")[0] for one, names in holders for name in names)
    return frozenset(filter(None, found))


def _objects(value: Any) -> Sequence[Resource]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _facts(resource: Resource) -> dict[str, Any]:
    return {name: resource[name] for name in FACTS if name in resource}


def is_named(candidate: Candidate, uri: str) -> bool:
    """Return whether a candidate is found by a URI: its URL, or another one of its code system."""
    return candidate.facts.get("url") == uri or plain_name_of(uri) in candidate.names


def plain_name_of(uri: str) -> str:
    """Return a URI in plain form; the mark of an implicit value set stays.

    >>> plain_name_of("https://hl7.org/fhir/sid/icd-10-cm?fhir_vs")
    'hl7.org/fhir/sid/icd-10-cm?fhir_vs'
    """
    base, mark, rest = uri.partition("?fhir_vs")
    return plain_name(base) + mark + rest


_CANDIDATES: Final = OfStore(Candidates)


def candidates_of(store: Terminology) -> Candidates:
    """Return the candidates of a store; of one store there is one such.

    >>> [one.id for one in candidates_of(store).candidates("CodeSystem") if "icd10cm" in one.id]
    ['icd10cm-2022-04', 'icd10cm-2022', 'icd10cm-2021']
    """
    return _CANDIDATES.of(store)
