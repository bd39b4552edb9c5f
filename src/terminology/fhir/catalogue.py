"""What one request can see: the code systems and value sets that it brings, those served beside the store, the store.

In this order they are asked, so that a client that sends a resource is answered from what it sent.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ..periods import day_number
from ..query import CodeSystem, Edition, Terminology, stretch_starts
from ..status import Status
from .code_systems import SystemVersion, canonical, split_canonical
from .contents import Content
from .exchange import Resource
from .given_maps import GivenMap
from .given_systems import GivenSystem
from .loaded_systems import LoadedSystem
from .outcomes import FhirError, said
from .paired_systems import PairedSystem
from .versions import age, fits, newest

KEPT: Final = 16
"""Stretches of days whose content is kept ready."""
KEPT_EXPANSIONS: Final = 256
KEPT_KINDS: Final = 1_024
"""Kinds of questions that are prepared."""
KEPT_DAYS: Final = 1_024
"""Days whose editions are kept: each costs little, what it holds is that of its stretch."""
SPOKEN_FOR: Final = frozenset({Status.BILLABLE, Status.HEADER, Status.EXPIRED, Status.FUTURE})
"""Statuses that a row of a dated system gives a code."""
LATEST: Final = "latest"
"""What the newest version of a system of the store is called."""
PAIRED: Final = {"icd9cm": "icd9pcs"}
"""Systems whose URI stands for another one as well."""


class Library:
    """What every request sees: an open store, and the resources served beside it. Safe for threads."""

    def __init__(self, store: Terminology, resources: Sequence[Resource] = ()) -> None:
        self.store = store
        self.resources = Shelf(resources)
        self._editions: dict[tuple[str, str, str], LoadedSystem] = {}
        self._contents: dict[tuple[str, str, int], Content] = {}
        self._titled: dict[int, Content] = {}
        self._starts: dict[str, tuple[int, ...]] = {}
        self.expansions: dict[tuple[object, ...], Resource] = {}
        """Expansions that were asked for, by what they depend on."""
        self.prepared: dict[tuple[object, ...], Callable[..., Resource | None]] = {}
        """What answers questions of a kind, from their codes (`prepared`)."""
        self._given: dict[tuple[str, str | None], GivenSystem] = {}
        self.concept_maps = tuple(GivenMap(one) for one in resources if one.get("resourceType") == "ConceptMap")
        """The maps that are served beside the store."""

    def keep(self, key: tuple[object, ...], expansion: Resource) -> None:
        """Keep an expansion for whoever asks for the same."""
        _make_room(self.expansions, KEPT_EXPANSIONS)
        self.expansions[key] = expansion

    def prepare(self, kind: tuple[object, ...], answer: Callable[..., Resource | None]) -> None:
        """Keep what answers questions of a kind."""
        _make_room(self.prepared, KEPT_KINDS)
        self.prepared[kind] = answer

    def given(self, resource: Resource) -> GivenSystem:
        """Return a code system that is served beside the store."""
        key = resource["url"], resource.get("version")
        if key not in self._given:
            self._given[key] = GivenSystem(resource)
        return self._given[key]

    def versions(self, code_system: CodeSystem) -> list[str]:
        """Return the labels of the releases of a code system, oldest first."""
        return [release.version for release in code_system.releases]

    def in_force(self, code_system: CodeSystem, day: datetime.date | None) -> LoadedSystem:
        """Return the edition in force on a day; where no day is given, today's, or else the newest.

        Raises:
            FhirError: No release covers the day that was given.
        """
        asked = day or datetime.datetime.now(datetime.UTC).date()
        edition = code_system.on(asked)
        if day is None and (edition.release is None or code_system.definition.retired):
            # of a system that is no longer used the last version is meant, and what was in force in its time
            edition = code_system.latest
        if edition.release is None:
            text = f"No version of {code_system.definition.uri} is in force on {day}: {edition.gap}"
            raise FhirError(422, [_issue_of_day(text)])
        return self._kept(code_system, edition.date, edition.release.version, known=None)

    def row_answer(self, code_system: CodeSystem, day: datetime.date, code: str) -> LoadedSystem | None:
        """Return what answers for a code on a day that no release covers: of a dated system a row speaks for itself.

        None where nothing does.
        """
        edition = code_system.on(day) if code_system.definition.dated else None
        if edition is None or edition.release is not None or edition.status(code) not in SPOKEN_FOR:
            return None
        releases = code_system.releases
        release = next((one for one in reversed(releases) if one.effective <= day), releases[0])
        return LoadedSystem(edition, Content(code_system.release(release.version)), release)

    def release(self, code_system: CodeSystem, version: str, day: datetime.date | None) -> LoadedSystem:
        """Return an edition as one release knows it: on its effective day, or on the day that is given."""
        release = next(one for one in code_system.releases if one.version == version)
        found = self._kept(code_system, day or release.effective, version, known=version)
        if day is not None and found.version != version:
            # who names both is never answered by another version than the one that was named
            text = f"Version {version} of {code_system.definition.uri} is not in force on {day}: {found.version} is"
            raise FhirError(422, [_issue_of_day(text)])
        return found

    def _kept(self, code_system: CodeSystem, day: datetime.date, version: str, known: str | None) -> LoadedSystem:
        key = code_system.name, str(day), known or ""
        found = self._editions.get(key)
        if found is None:
            edition = code_system.on(day, known=known)
            if edition.release is None:
                text = f"Version {version} of {code_system.definition.uri} is not in force on {day}: {edition.gap}"
                raise FhirError(422, [_issue_of_day(text)])
            found = LoadedSystem(edition, self._content(code_system, edition, known))
            _make_room(self._editions, KEPT_DAYS)
            self._editions[key] = found
        return found

    def _content(self, code_system: CodeSystem, edition: Edition, known: str | None) -> Content:
        """Return what an edition has in common with those of the days around it."""
        starts = self._starts.get(code_system.name)
        if starts is None:
            starts = self._starts[code_system.name] = stretch_starts(edition)
        key = code_system.name, known or "", bisect_right(starts, day_number(edition.date))
        found = self._contents.get(key)
        if found is None:
            found = Content(edition, self._titled)
            for dropped in _make_room(self._contents, KEPT):
                # an edition holds its content, and what is prepared an edition
                self.prepared.clear()
                days = [day for day, one in self._editions.items() if one.content is dropped]
                for day in days:
                    self._editions.pop(day, None)
                self._titled.pop(id(dropped), None)
            self._contents[key] = found
        return found


def _make_room(kept: dict[Any, Any], most: int) -> list[Any]:
    """Drop what was made first, until there is room for one more; return what was dropped."""
    dropped = []
    while len(kept) >= most:
        # another thread may have emptied it meanwhile
        dropped.append(kept.pop(next(iter(kept), None), None))
    return dropped


def _issue_of_day(text: str) -> Resource:
    from .outcomes import issue

    return issue("error", "not-found", text, kind="not-found")


class Shelf:
    """Resources by type, URL and version."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.all = [one for one in resources if isinstance(one, dict)]
        self._by_url: dict[tuple[str, str], list[Resource]] = {}
        for one in self.all:
            if isinstance(one.get("url"), str):
                self._by_url.setdefault((str(one.get("resourceType")), one["url"]), []).append(one)

    def of(self, kind: str, url: str) -> list[Resource]:
        """Return every version of a resource."""
        return self._by_url.get((kind, url), [])

    def one(self, kind: str, url: str, version: str | None) -> Resource | None:
        """Return the newest version of a resource that a pattern fits; None where there is none."""
        fitting = [one for one in self.of(kind, url) if fits(one.get("version"), version)]
        return max(fitting, key=lambda one: age(one.get("version")), default=None)


class Catalogue:
    """What one request can see."""

    def __init__(
        self,
        library: Library,
        given: Sequence[Resource] = (),
        *,
        day: datetime.date | None = None,
        supplements: Sequence[str] = (),
    ) -> None:
        self.library = library
        self.day = day
        self.shelves = [Shelf(given), library.resources] if given else [library.resources]
        self.supplements = list(supplements)
        """The supplements that are asked for, by ``url`` or ``url|version``."""
        self._given: dict[tuple[int, tuple[str, ...]], GivenSystem] = {}
        self._systems: dict[tuple[str, str | None], SystemVersion | None] = {}

    def versions(self, url: str) -> list[str | None]:
        """Return the versions of a code system that are known, oldest first; supplements are none."""
        found = [one.get("version") for one in self._resources(url)]
        code_system = self.loaded(url)
        if code_system is not None:
            found += self.library.versions(code_system)
        return sorted(set(found), key=age)

    def _is_known(self, url: str) -> bool:
        """Return whether any version of a code system is known."""
        return self.loaded(url) is not None or bool(self._resources(url))

    def is_same(self, url: str, other: str) -> bool:
        """Return whether two URLs name one code system; those of the store have several names."""
        if url == other:
            return True
        loaded = self.loaded(url)
        return loaded is not None and loaded is self.loaded(other)

    def loaded(self, url: str) -> CodeSystem | None:
        """Return the code system of the store that has a URL, in any of its forms; None where there is none."""
        found: CodeSystem | None = self.library.store.get(url)
        return found

    def _resources(self, url: str) -> list[Resource]:
        found = [one for shelf in self.shelves for one in shelf.of("CodeSystem", url)]
        return [one for one in found if one.get("content") not in ("supplement", "not-present")]

    def system(self, url: str, version: str | None = None) -> SystemVersion | None:
        """Return the newest version of a code system that fits a pattern; None where there is none.

        Of a system of the store the version in force on the day of the request is meant where no version is given.

        Raises:
            FhirError: No version is in force on the day of the request.
        """
        key = url, version
        if key not in self._systems:
            self._systems[key] = self._system(url, version)
        return self._systems[key]

    def _system(self, url: str, version: str | None) -> SystemVersion | None:
        for shelf in self.shelves:
            fitting = [
                one
                for one in shelf.of("CodeSystem", url)
                if fits(one.get("version"), version) and one.get("content") not in ("supplement", "not-present")
            ]
            if fitting:
                return self._system_of(max(fitting, key=lambda one: age(one.get("version"))))
        code_system = self.loaded(url)
        if code_system is None:
            return None
        found = self._edition(code_system, version)
        second_name = PAIRED.get(code_system.name) if url == code_system.definition.uri else None
        other = self.loaded(second_name) if second_name else None
        if found is not None and other is not None:
            second = self._edition(other, version)
            if second is not None:
                return self._supplemented(PairedSystem(found, second))
        return self._supplemented(found) if found is not None else None

    def label(self, url: str, version: str | None) -> str | None:
        """Return the label of a version: of a system of the store it may be an effective day, or ``latest``."""
        code_system = self.loaded(url) if version else None
        if version is None or code_system is None or version in self.versions(url):
            return version
        if version == LATEST:
            return code_system.releases[-1].version
        return self._by_day(code_system, version) or version

    def fits(self, url: str, version: str | None, pattern: str | None) -> bool:
        """Return whether a version of a code system is the one that a pattern asks for, however either is written."""
        return fits(version, pattern) or fits(self.label(url, version), self.label(url, pattern))

    def _edition(self, code_system: CodeSystem, version: str | None) -> LoadedSystem | None:
        if version is None:
            return self.library.in_force(code_system, self.day)
        version = self.label(code_system.name, version) or version
        label = newest(self.library.versions(code_system), version)
        return self.library.release(code_system, label, self.day) if label is not None else None

    def _by_day(self, code_system: CodeSystem, version: str) -> str | None:
        """Return the label of the release that takes effect on a day: a day is a version, too."""
        return next((one.version for one in code_system.releases if str(one.effective) == version), None)

    def row_answer(self, url: str, code: str) -> SystemVersion | None:
        """Return what answers for a code on the day of the request, though no version is in force; None on a miss."""
        code_system = self.loaded(url)
        if code_system is None or self.day is None:
            return None
        found = self.library.row_answer(code_system, self.day, code)
        return self._supplemented(found) if found is not None else None

    def _system_of(self, resource: Resource) -> SystemVersion:
        supplements = self._supplements(resource["url"], resource.get("version"))
        if not supplements and any(one is resource for one in self.library.resources.all):
            return self.library.given(resource)
        key = id(resource), tuple(canonical(one["url"], one.get("version")) for one in supplements)
        if key not in self._given:
            self._given[key] = GivenSystem(resource, supplements)
        return self._given[key]

    def _supplemented(self, system: LoadedSystem | PairedSystem) -> SystemVersion:
        supplements = self._supplements(system.url, system.version)
        if not supplements:
            return system
        from .supplemented import SupplementedSystem

        return SupplementedSystem(system, supplements)

    def _supplements(self, url: str, version: str | None) -> list[Resource]:
        """Return the supplements of a code system that are asked for."""
        found = [one for text in self.supplements if (one := self.supplement(text)) is not None]
        return [one for one in found if _is_of(one, url, version)]

    def supplement(self, text: str) -> Resource | None:
        """Return a supplement by ``url`` or ``url|version``; None where there is none."""
        url, version = split_canonical(text)
        for shelf in self.shelves:
            found = shelf.one("CodeSystem", url, version)
            if found is not None and found.get("content") == "supplement":
                return found
        return None

    def require_supplements(self, texts: Iterable[str]) -> None:
        """Ask for supplements.

        Raises:
            FhirError: One of them is not known.
        """
        missing = [text for text in texts if self.supplement(text) is None]
        if missing:
            message = "VALUESET_SUPPLEMENT_MISSING_" + ("one" if len(missing) == 1 else "other")
            issue = said(message, len(missing), ", ".join(missing), code="not-found", kind="not-found")
            raise FhirError(404, [plural(issue, "VALUESET_SUPPLEMENT_MISSING")])
        added = [text for text in texts if text not in self.supplements]
        if added:
            self.supplements += added
            self._systems.clear()

    def value_set(self, url: str, version: str | None = None) -> Resource | None:
        """Return a value set by URL, implicit ones of code systems included; None where there is none."""
        for shelf in self.shelves:
            found = shelf.one("ValueSet", url, version)
            if found is not None:
                return found
        return self._implicit(url, version)

    def value_set_versions(self, url: str) -> list[str | None]:
        """Return the versions of a value set that are known."""
        return sorted({one.get("version") for shelf in self.shelves for one in shelf.of("ValueSet", url)}, key=age)

    def _implicit(self, url: str, version: str | None) -> Resource | None:
        """Return the value set that ``SYSTEM?fhir_vs`` names, or that a code system calls its own."""
        base, mark, rest = url.partition("?")
        if mark and (rest == "fhir_vs" or rest.startswith("fhir_vs=isa/")) and self._is_known(base):
            include: Resource = {"system": base}
            if version:
                include["version"] = version
            if rest == "fhir_vs=isa/":
                return None
            if code := rest.removeprefix("fhir_vs").removeprefix("=isa/"):
                include["filter"] = [{"property": "concept", "op": "is-a", "value": code}]
            return _implied(url, version, include)
        for shelf in self.shelves:
            for one in shelf.all:
                if one.get("resourceType") == "CodeSystem" and one.get("valueSet") == url and "url" in one:
                    include = {"system": one["url"]}
                    return _implied(url, one.get("version"), include)
        return None


def _implied(url: str, version: str | None, include: Resource) -> Resource:
    made = {"resourceType": "ValueSet", "url": url, "version": version, "status": "active"}
    made = {name: value for name, value in made.items() if value}
    return {**made, "experimental": False, "compose": {"include": [include]}}


def _is_of(supplement: Resource, url: str, version: str | None) -> bool:
    of, pattern = split_canonical(supplement.get("supplements", ""))
    return of == url and fits(version, pattern)


def plural(issue: Resource, message: str) -> Resource:
    """Return an issue whose message has forms for one and for several, with the id that stands for both."""
    issue["extension"][0]["valueString"] = message
    return issue
