"""What is loaded and what is missing: code systems with their releases and files, and crosswalks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen

from ..licences import licence_notice
from ..model import Crosswalk, Release, lines_lost
from ..query import CodeSystem
from ..registry import loaders
from ..systems import CODE_SET, SYSTEMS, SystemDefinition
from ..wire import late_day, sent_release, unread_lines, withheld
from .asked import Asked, absent
from .coverage import ONE_DAY, Strip, axis_of, end_of, spans_of, strip_of
from .page import Page, shown
from .parts import part_of, start_of

SIZE: Final = 40
"""Releases, crosswalks or files of a page."""
SHOWN: Final = 20
"""Warnings, and lines that could not be read, that are shown of a release."""


@frozen
class Held:
    """A code system, as the overview shows it."""

    system: CodeSystem
    strip: Strip
    covered: tuple[str, ...]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def description(self) -> str:
        """The picture in words."""
        return f"{self.system.definition.title}: {', '.join(self.covered) or 'nothing covered'}"


@frozen
class Maps:
    """The versions of one crosswalk in one direction."""

    name: str
    title: str
    source: str
    target: str
    versions: tuple[str, ...]
    rows: int
    """Of the newest version."""


def loaded_page(asked: Asked) -> Page:
    """Return what the store holds, which days that covers, and what is missing."""
    systems = [asked.store[name] for name in asked.store.systems]
    axis = axis_of(systems, asked.today)
    held = [
        Held(
            one, strip_of(one, axis), tuple(map(str, spans_of(one))), tuple(_missing(one)), tuple(_remarks(asked, one))
        )
        for one in systems
    ]
    maps = list(_maps(asked))
    return shown(
        "loaded.html",
        asked,
        heading="What is loaded",
        held=held,
        axis=axis,
        now=axis.place(asked.today),
        maps=part_of(maps, start_of(asked), SIZE, lambda start: asked.link("loaded", start=start)),
        groupings=[_versions(asked.store[name]) for name in asked.store.groupings],
        documents=[_document(asked, asked.store[name]) for name in asked.store.documents],
        absent=[(one, _way(one)) for one in SYSTEMS.values() if one.kind == CODE_SET and one.name not in asked.store],
    )


def _missing(system: CodeSystem) -> Iterator[str]:
    """Yield what is missing between the loaded releases, as sentences."""
    for release in system.releases:
        yield from (f"Missing between {gap.after} and {gap.before}: {gap.reason}." for gap in release.gaps)
    # not every loader knows which releases its publisher made
    told = {release.effective for release in system.releases if release.gaps}
    for span, after in pairwise(spans_of(system)):
        if span.end is not None and after.start not in told:
            yield f"Not covered from {span.end} to {after.start - ONE_DAY}: {system.on(span.end).gap}."


def _remarks(asked: Asked, system: CodeSystem) -> Iterator[str]:
    """Yield what somebody should know: when coverage ends and what to load next, lines that lack, texts withheld."""
    edition, definition = system.on(asked.today), system.definition
    end = end_of(system)
    if definition.retired is not None:
        yield f"Not in use since {definition.retired}: nothing more is published."
    elif end is None:
        late = late_day(edition, system.releases[-1])
        yield _sentence(late) if late else "The newest release holds until a newer one is loaded."
    else:
        said = system.on(end).gap or f"covered beyond {end}"
        begins = "Today is not covered: " if edition.gap else "Next: "
        yield f"{begins}{said}."
    newest = system.release(system.releases[-1].version)
    yield from (_sentence(text) for text in (unread_lines(newest), withheld(system)) if text)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _way(definition: SystemDefinition) -> str:
    """Return how a system that is not loaded can be."""
    if definition.name in loaders():
        return "load its publisher's files: terminology load PATH"
    return f"no loader reads its files; load a list of codes: terminology load FILE --system {definition.name}"


def _maps(asked: Asked) -> Iterator[Maps]:
    """Yield the crosswalks by name and direction, with their versions; the tables of groupings are listed with these."""
    groups: dict[tuple[str, str, str, str], list[Crosswalk]] = {}
    for crosswalk in asked.store.crosswalks:
        if crosswalk.target_system not in asked.store.groupings:
            groups.setdefault(crosswalk.key, []).append(crosswalk)
    for versions in groups.values():
        versions.sort(key=lambda one: one.effective)
        newest = versions[-1]
        source, target = (_title(asked, name) for name in (newest.source_system, newest.target_system))
        yield Maps(
            newest.names[-1], newest.title, source, target, tuple(one.version for one in versions), newest.mappings
        )


def _versions(grouping: CodeSystem) -> tuple[str, str]:
    """Return the title of a grouping, and its versions with the day from which the newest is in force."""
    labels = [release.version for release in grouping.releases]
    newest = grouping.releases[-1]
    return grouping.definition.title, f"{', '.join(labels)} (from {newest.effective})"


def _title(asked: Asked, name: str) -> str:
    definition = asked.store[name].definition if name in asked.store else SYSTEMS.get(name)
    return definition.title if definition else name


# ---- one code system, one release


def _document(asked: Asked, document: CodeSystem) -> tuple[str, str, str]:
    """Return a document as link, title and versions."""
    link = asked.link("guidelines", document.name.removesuffix("_guidelines"))
    return link, document.definition.title, ", ".join(one.version for one in document.releases)


def system_page(asked: Asked, system: str) -> Page:
    """Return the releases of a code system, the newest first."""
    chosen = asked.system(system)
    releases = list(reversed(chosen.releases))
    return shown(
        "loaded_system.html",
        asked,
        heading=f"{chosen.definition.title}: what is loaded",
        system=chosen,
        remarks=[*_remarks(asked, chosen)],
        covered=list(map(str, spans_of(chosen))),
        part=part_of(releases, start_of(asked), SIZE, lambda start: asked.link("loaded", system, start=start)),
        with_index=_with_index,
        oddities=_oddities,
        facts=_facts(chosen.definition),
        request=_request(chosen),
    )


def _oddities(release: Release) -> str:
    """Return what is odd about a release, as phrases."""
    lines, warnings = lines_lost(release.faults), len(release.warnings)
    said = ["derived from a neighbour and its addenda"] if release.derived else []
    said += [f"{lines:,} {'line' if lines == 1 else 'lines'} accepted as unread"] if lines else []
    said += [f"{warnings:,} {'warning' if warnings == 1 else 'warnings'}"] if warnings else []
    return "; ".join([*said, *(f"before it, {gap.reason}" for gap in release.gaps)])


def _with_index(release: Release) -> bool:
    """Return whether a release came with the publisher's index of words."""
    return any("index" in source.role for source in release.sources)


def _request(system: CodeSystem, **asking: str) -> str:
    """Return the FHIR request for the releases of a system."""
    return f"CodeSystem?{urlencode({'url': system.definition.uri, **asking}, safe=':/')}"


def _facts(definition: SystemDefinition) -> dict[str, str]:
    facts = {
        "FHIR URI": definition.uri,
        "OID": definition.oid or "",
        "in use from": definition.begun or "",
        "out of use since": definition.retired or "",
    }
    return {name: value for name, value in facts.items() if value}


def release_page(asked: Asked, system: str, version: str) -> Page:
    """Return one release: its files with their checksums, and what is odd about it."""
    chosen = asked.system(system)
    labels = [release.version for release in chosen.releases]
    if version not in labels:
        raise absent(f"{chosen.definition.title} has no release {version!r}; loaded are: {', '.join(labels)}")
    place = labels.index(version)
    release = sent_release(chosen.releases[place], chosen.licences)
    values: dict[str, Any] = {
        "system": chosen,
        "release": release,
        "notice": licence_notice(chosen.definition, release),
        "withheld": withheld(chosen),
        "former": labels[place - 1] if place else None,
        "with_index": _with_index(release),
        "files": part_of(
            release.sources, start_of(asked), SIZE, lambda start: asked.link("loaded", system, version, start=start)
        ),
        "most": SHOWN,
        "request": _request(chosen, version=version),
    }
    return shown("loaded_release.html", asked, heading=f"{chosen.definition.title} {version}", **values)
