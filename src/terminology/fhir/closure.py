"""``$closure``: how the concepts that a client has met so far subsume each other, told as a ConceptMap.

A client begins a table by its name alone, and then sends each concept when it meets it. It gets the relations that the
concept adds, and keeps them: its own queries then need no terminology server. Every answer with something new has a
higher version. A client that lost answers sends the last version it has, and gets all that came since.

An element is the narrower concept, its targets those that subsume it; R5 calls it ``source-is-narrower-than-target``,
R4 ``subsumes``, for R4 says what the target is. Ancestors that the client never sent are not told. The same code in two
versions of a system is ``equivalent`` where nothing of it changed between them.

Tables are held in memory: the caller makes one `ClosureTables` and passes it to every request. It is bounded in tables,
in concepts, and in time; a table that was dropped is an error that says so, and the client begins it again.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), operation ConceptMap/$closure.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen

from ..errors import UnknownReleaseError
from ..query import CodeSystem, Edition, Terminology
from .crosswalk_answers import systems_named
from .exchange import FhirVersion, Resource
from .outcomes import FhirError, failure, said
from .parameters import Inputs
from .published_maps import published_maps
from .questions import Coding

EQUIVALENT: Final = {"r4": ("equivalence", "equal"), "r5": ("relationship", "equivalent")}
BELOW: Final = {"r4": ("equivalence", "subsumes"), "r5": ("relationship", "source-is-narrower-than-target")}
LONGEST_NAME: Final = 200


@frozen
class Concept:
    """A code in an edition of its system."""

    uri: str
    version: str
    code: str


@frozen
class Met:
    """A concept that a client sends, with what knows of it."""

    concept: Concept
    edition: Edition = field(eq=False)
    code_system: CodeSystem = field(eq=False)


@frozen
class Relation:
    """What a table knows of two concepts."""

    version: int
    """Of the table, when it was learned."""
    source: Concept
    target: Concept
    is_equivalent: bool = False
    """Else the target subsumes the source."""


@define
class ClosureTable:
    """The concepts of one name, and their relations."""

    touched: float
    version: int = 0
    concepts: set[Concept] = field(factory=set)
    relations: list[Relation] = field(factory=list)
    below: dict[Concept, list[Concept]] = field(factory=dict)
    """By ancestor, sent or not, the concepts that were sent."""
    versions: dict[tuple[str, str], list[Concept]] = field(factory=dict)
    """By URI and code, the concepts that differ in their version alone."""


class ClosureTables:
    """The closure tables of a service; safe for threads. Another process has tables of its own.

    Args:
        tables: At most so many are kept; the one that was longest unused goes first.
        concepts: At most so many a table holds.
        total: At most so many all tables hold; those that were longest unused make room.
        seconds: A table that is not used for so long is dropped.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self,
        *,
        tables: int = 100,
        concepts: int = 2_000,
        total: int = 20_000,
        seconds: float = 3_600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most_tables, self.most_concepts, self.most_in_all, self.seconds = tables, concepts, total, seconds
        self._clock = clock
        self._tables: dict[str, ClosureTable] = {}
        self.lock = threading.RLock()
        """Held while a table is read and changed."""

    def __len__(self) -> int:
        return len(self._tables)

    def begin(self, name: str) -> ClosureTable:
        """Return a new table of a name; a former one of that name is forgotten."""
        self._tables.pop(name, None)
        self._drop_expired()
        while len(self._tables) >= self.most_tables:
            self._drop_longest_unused(self._tables)
        made = self._tables[name] = ClosureTable(self._clock())
        return made

    def held(self, name: str) -> ClosureTable | None:
        """Return the table of a name; None where it was never begun, or dropped."""
        self._drop_expired()
        found = self._tables.get(name)
        if found is not None:
            found.touched = self._clock()
        return found

    def make_room(self, name: str) -> None:
        """Drop other tables than that of a name until all hold no more concepts than they may."""
        others = {other: table for other, table in self._tables.items() if other != name}
        held = sum(len(table.concepts) for table in self._tables.values())
        while others and held > self.most_in_all:
            dropped = self._drop_longest_unused(others)
            held -= len(others.pop(dropped).concepts)

    def _drop_longest_unused(self, tables: Mapping[str, ClosureTable]) -> str:
        name = min(tables, key=lambda one: tables[one].touched)
        del self._tables[name]
        return name

    def _drop_expired(self) -> None:
        oldest = self._clock() - self.seconds
        for name in [name for name, table in self._tables.items() if table.touched < oldest]:
            del self._tables[name]


def closure(store: Terminology, tables: ClosureTables, inputs: Inputs, fhir: FhirVersion) -> Resource:
    """Return a ConceptMap with the relations that are new: to the table, or since the version that the client has.

    Args:
        store: Its editions say what subsumes what: that of a Coding's version, else the newest.
        tables: The tables of the service.
        inputs: ``name``; and ``concept``, any number of Codings, or ``version``, the last one that the client has. The
            name alone begins the table anew.
        fhir: Version of the endpoint.

    Raises:
        FhirError: There is no name, or both concepts and a version; the table is not there, or full; a code is unknown.
            Then the table stays as it is.

    >>> tables = ClosureTables()
    >>> closure(store, tables, Inputs([("name", "patients")]), "r5")["version"]
    '0'
    >>> cm = "http://hl7.org/fhir/sid/icd-10-cm"
    >>> met = [("concept", {"system": cm, "code": code}) for code in ("M54.50", "M54")]
    >>> found = closure(store, tables, Inputs([("name", "patients"), *met]), "r5")
    >>> found["group"][0]["element"]
    [{'code': 'M54.50', 'target': [{'code': 'M54', 'relationship': 'source-is-narrower-than-target'}]}]
    """
    name = inputs.text("name")
    if not name or len(name) > LONGEST_NAME:
        raise failure(
            400, "required", f"parameter name: expected the name of a closure table, up to {LONGEST_NAME} characters"
        )
    codings = [Coding.of(element, "concept") for element in inputs.elements("concept")]
    if len(codings) < len(inputs.all("concept")):
        raise failure(400, "invalid", "parameter concept: expected a Coding")
    since = inputs.text("version")
    if codings and since is not None:
        raise failure(400, "invalid", "expected either concepts or a version, got both")
    with tables.lock:
        if not codings and since is None:
            return _resource(name, tables.begin(name), (), fhir)
        table = tables.held(name)
        if table is None:
            raise failure(404, "not-found", f"there is no closure table '{name}': begin it, by its name alone")
        if since is not None:
            return _resource(name, table, _since(table, since), fhir)
        added = _added(table, _resolved(store, codings), tables.most_concepts)
        tables.make_room(name)
        return _resource(name, table, added, fhir)


def _since(table: ClosureTable, since: str) -> Iterator[Relation]:
    """Return the relations that were learned after a version.

    Raises:
        FhirError: The table never had the version.
    """
    if not since.isascii() or not since.isdigit() or not 0 <= int(since[:9]) <= table.version:
        raise failure(422, "not-found", f"the closure table is at version {table.version}, and never was at '{since}'")
    return (one for one in table.relations if one.version > int(since))


def _added(table: ClosureTable, sent: Iterable[Met], most: int) -> list[Relation]:
    """Return the relations that concepts add to a table; they are in it then."""
    new = [met for met in dict.fromkeys(sent) if met.concept not in table.concepts]
    if len(table.concepts) + len(new) > most:
        raise failure(422, "too-costly", f"a closure table holds at most {most} concepts")
    if not new:
        return []
    table.version += 1
    found = [relation for met in new for relation in _relations(table, met)]
    table.relations += found
    return found


def _relations(table: ClosureTable, met: Met) -> Iterator[Relation]:
    """Yield the relations of a concept to those in a table, and put it there."""
    concept = met.concept
    for code in met.edition.ancestors(concept.code):
        above = Concept(concept.uri, concept.version, code)
        table.below.setdefault(above, []).append(concept)
        if above in table.concepts:
            yield Relation(table.version, concept, above)
    for lower in table.below.get(concept, ()):
        yield Relation(table.version, lower, concept)
    same = table.versions.setdefault((concept.uri, concept.code), [])
    for other in same:
        if _is_unchanged(met, other):
            yield Relation(table.version, concept, other, is_equivalent=True)
    same.append(concept)
    table.concepts.add(concept)


def _is_unchanged(met: Met, other: Concept) -> bool:
    """Return whether a code is the same in another version of its system, by what is known of its way there."""
    found = met.code_system.migrate(met.concept.code, met.concept.version, other.version)
    return [(one.codes, one.kind) for one in found.alternatives] == [((other.code,), "identity")]


def _resolved(store: Terminology, codings: Iterable[Coding]) -> list[Met]:
    """Return concepts with their editions.

    Raises:
        FhirError: Systems, versions or codes are unknown: an issue for each.
    """
    found = [_met(store, coding, f"concept[{place}]") for place, coding in enumerate(codings)]
    if issues := [one for one in found if not isinstance(one, Met)]:
        raise FhirError(422, issues)
    return [one for one in found if isinstance(one, Met)]


def _met(store: Terminology, coding: Coding, at: str) -> Met | Resource:
    """Return a code in its edition, or the issue of one that is unknown."""
    uri, version, code = coding.system or "", coding.version, coding.code
    names = [name for name in systems_named(store, published_maps(store), uri) if name in store]
    if not names:
        return said("UNKNOWN_CODESYSTEM", uri, code="not-found", kind="not-found", at=f"{at}.system")
    code_system = next((store[one] for one in names if store[one].definition.official(code) == code), store[names[0]])
    try:
        edition = code_system.release(version or "latest")
    except UnknownReleaseError:
        known = ", ".join(release.version for release in code_system.releases)
        message = said("UNKNOWN_CODESYSTEM_VERSION", uri, version, known, code="not-found", kind="not-found")
        return {**message, "location": [f"{at}.version"], "expression": [f"{at}.version"]}
    stated = edition.release.version if edition.release else version
    if code_system.definition.official(code) != code or code not in edition:
        return said(
            "Unknown_Code_in_Version", code, uri, stated, code="code-invalid", kind="invalid-code", at=f"{at}.code"
        )
    return Met(Concept(code_system.definition.uri, str(stated), code), edition, code_system)


# ---- written


def _resource(name: str, table: ClosureTable, relations: Iterable[Relation], fhir: FhirVersion) -> Resource:
    made: Resource = {
        "resourceType": "ConceptMap",
        "version": str(table.version),
        "name": "ClosureUpdates",
        "title": f"Updates for closure table {name}",
        "status": "active",
        "experimental": True,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    groups = list(_groups(relations, fhir))
    return {**made, "group": groups} if groups else made


def _groups(relations: Iterable[Relation], fhir: FhirVersion) -> Iterator[Resource]:
    """Yield a group for each pair of versions, elements and targets in the order in which they were learned."""
    gathered: dict[tuple[str, str, str], dict[str, list[Resource]]] = {}
    for one in relations:
        elements = gathered.setdefault((one.source.uri, one.source.version, one.target.version), {})
        key, word = (EQUIVALENT if one.is_equivalent else BELOW)[fhir]
        elements.setdefault(one.source.code, []).append({"code": one.target.code, key: word})
    for (uri, source, target), elements in gathered.items():
        yield {
            **_sides(uri, source, target, fhir),
            "element": [{"code": code, "target": targets} for code, targets in elements.items()],
        }


def _sides(uri: str, source: str, target: str, fhir: FhirVersion) -> Resource:
    if fhir == "r5":
        return {"source": f"{uri}|{source}", "target": f"{uri}|{target}"}
    return {"source": uri, "sourceVersion": source, "target": uri, "targetVersion": target}
