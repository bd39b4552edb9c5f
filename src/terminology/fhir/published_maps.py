"""The crosswalks of a store as canonical resources: URL, version and id of each, and by these the crosswalk again.

A crosswalk that came as a ConceptMap keeps its URL. Any other is called by what it is, since its publisher gave it
none: ``urn:terminology:ConceptMap:gems:icd9cm:icd10cm``. Each direction is a map of its own, under a URL of its own,
and each publication is a version of it.
"""

from __future__ import annotations

import hashlib
import re
import weakref
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import Final

from attrs import frozen

from ..model import Crosswalk
from ..query import Terminology
from ..schema import SUCCESSIONS
from ..systems import SYSTEMS
from .matches import Found
from .of_store import OfStore

URN: Final = "urn:terminology:ConceptMap"
LONGEST_ID: Final = 64
DIGEST: Final = 8
"""Hexadecimal digits that make a name its own."""
MOST_ANSWERS: Final = 8_192
MOST_MATCHES: Final = 8
SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


@frozen
class PublishedMap:
    """One version of a map: crosswalks of one URL, most often one."""

    url: str
    version: str
    id: str
    crosswalks: tuple[Crosswalk, ...]

    @property
    def canonical(self) -> str:
        """URL and version, as ``originMap`` has them."""
        return f"{self.url}|{self.version}"

    @property
    def is_succession(self) -> bool:
        """Whether it says what replaced codes within one system."""
        return all(crosswalk.is_succession for crosswalk in self.crosswalks)


class Remembered:
    """Answers with matches, by question: so many, and none that is large."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Found] = {}

    def get(self, key: Hashable) -> Found | None:
        """Return the answer to a question; None on a miss."""
        return self._answers.get(key)

    def remember(self, key: Hashable, found: Found) -> Found:
        """Return an answer, and keep it."""
        if 0 < len(found.matches) <= MOST_MATCHES:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = found
        return found


class PublishedMaps:
    """The maps of one store, found by URL, id, name and systems."""

    def __init__(self, store: Terminology) -> None:
        # the store has this object, so to speak: were it held here, neither would ever go
        self._store = weakref.ref(store)
        gathered: dict[tuple[str, str], list[Crosswalk]] = {}
        for crosswalk in store.crosswalks:
            gathered.setdefault((url_of(crosswalk), crosswalk.version), []).append(crosswalk)
        self._maps = tuple(
            PublishedMap(url, version, id_of(crosswalks[0]), tuple(crosswalks))
            for (url, version), crosswalks in gathered.items()
        )
        self._canonicals = {
            (one.label, one.source_system, one.target_system): each.canonical
            for each in self._maps
            for one in each.crosswalks
        }
        self.pairs = frozenset((one.source_system, one.target_system) for one in store.crosswalks)
        """Short names of the systems that a crosswalk leads from and to."""
        self.uris = {name: uri_of(store, name) for pair in self.pairs for name in pair}
        """URI of each of these systems, by short name."""
        self.answers = Remembered()
        """What was found by them. A store does not change while it is open."""

    def uri(self, store: Terminology, system: str) -> str:
        """Return the URI of a code system, as `uri_of`."""
        return self.uris.get(system) or uri_of(store, system)

    @cached_property
    def stated(self) -> tuple[PublishedMap, ...]:
        """The maps that say what codes become: all but lists of changes that name no successor (order addenda)."""
        return tuple(one for one in self._maps if any(map(self._leads_somewhere, one.crosswalks)))

    def _leads_somewhere(self, crosswalk: Crosswalk) -> bool:
        store = self._store()
        if store is None or not crosswalk.is_succession:
            return True
        changes = store.table(crosswalk).column("change").unique().to_pylist()
        return any(change is None or change in SUCCESSIONS for change in changes)

    def named(self, url: str, version: str | None = None) -> PublishedMap | None:
        """Return the map of a URL, which may have a version behind a bar; without version the newest. None on a miss."""
        plain, _, stated = url.partition("|")
        found = [one for one in self._maps if one.url == plain and (version or stated) in ("", None, one.version)]
        return max(found, key=lambda one: one.crosswalks[0].effective, default=None)

    def with_id(self, wanted: str) -> PublishedMap | None:
        """Return the map of an id; None on a miss."""
        return next((one for one in self._maps if one.id == wanted), None)

    def canonical(self, label: str, source: str, target: str) -> str | None:
        """Return the canonical URL of a map by its label, as steps cite it, and its systems; None on a miss."""
        return self._canonicals.get((label, source, target))

    def __iter__(self) -> Iterator[PublishedMap]:
        return iter(self._maps)


_MAPS: Final = OfStore(PublishedMaps)


def published_maps(store: Terminology) -> PublishedMaps:
    """Return the maps of a store; of one store they are read once.

    >>> published_maps(store).named("urn:terminology:ConceptMap:gems:icd9cm:icd10cm").id
    'gems-2018-icd9cm-icd10cm'
    """
    return _MAPS.of(store)


def uri_of(store: Terminology, system: str) -> str:
    """Return the URI of a code system by its short name; a URN where nobody defines one.

    >>> uri_of(store, "icd9cm"), uri_of(store, "complaints")
    ('http://hl7.org/fhir/sid/icd-9-cm', 'urn:terminology:CodeSystem:complaints')
    """
    if system in store:
        return store[system].definition.uri
    return SYSTEMS[system].uri if system in SYSTEMS else f"urn:terminology:CodeSystem:{system}"


def url_of(crosswalk: Crosswalk) -> str:
    """Return the canonical URL of a crosswalk, without version."""
    if SCHEME.fullmatch(crosswalk.identity):
        return crosswalk.identity
    parts = [URN, crosswalk.name, crosswalk.source_system, crosswalk.target_system]
    return ":".join([*parts, *_called(crosswalk)])


def id_of(crosswalk: Crosswalk) -> str:
    """Return the id of a crosswalk as a resource: letters, digits, dots and dashes, at most 64."""
    parts = [crosswalk.name, crosswalk.version, crosswalk.source_system, crosswalk.target_system, *_called(crosswalk)]
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", "-".join(parts)).strip("-")
    if len(plain) <= LONGEST_ID:
        return plain
    return f"{plain[: LONGEST_ID - DIGEST - 1]}-{_digest(parts)}"


def _called(crosswalk: Crosswalk) -> Sequence[str]:
    """Return by what a map differs from others of its reader and systems; nothing where its reader reads one map."""
    return [_digest([crosswalk.identity])] if crosswalk.identity else []


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGEST]
