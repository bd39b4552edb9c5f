"""What goes into a package: which releases, which maps, which code lists."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ...errors import UnknownCrosswalkError
from ...licences import may_show
from ...query import CodeSystem, Edition, Terminology
from ...systems import SYSTEMS
from ..published_maps import PublishedMap, published_maps
from ..resources import code_systems_of

if TYPE_CHECKING:
    from ...codelists import CodeList

ALL: Final = "all"


@frozen
class Chosen:
    """The content of a package."""

    editions: tuple[tuple[CodeSystem, Edition], ...]
    """One of each release, oldest first."""
    maps: tuple[PublishedMap, ...]
    lists: tuple[tuple[CodeList, Edition], ...]
    """Code lists, each with the edition that it is resolved in."""
    withheld: tuple[str, ...]
    """Short names of systems whose texts are left out, because their licence is not declared."""


def chosen_content(
    store: Terminology,
    *,
    systems: Iterable[str] | None = None,
    releases: Mapping[str, Sequence[str]] | str | None = None,
    crosswalks: Iterable[str] | None = None,
    code_lists: Iterable[CodeList] = (),
) -> Chosen:
    """Return what is chosen of a store.

    Args:
        store: The store.
        systems: Code systems by any of their names; by default all.
        releases: Versions by system, ``all``, or None: of each system the newest.
        crosswalks: Names, or names with versions, of maps; by default of those that lead from and to chosen systems,
            or to a system that the store does not hold, the newest version.
        code_lists: Lists that become value sets.

    Raises:
        UnknownSystemError: The store holds none of a name.
        UnknownReleaseError: It has no such release.
        UnknownCrosswalkError: It has no such map.
    """
    chosen = code_systems_of(store) if systems is None else [store[name] for name in systems]
    found = {system.name: system for system in chosen}
    editions = tuple((one, edition) for one in found.values() for edition in _editions(one, _versions(one, releases)))
    maps = tuple(_named(store, crosswalks) if crosswalks is not None else _between(store, found))
    lists = tuple((one, one.edition(store)) for one in code_lists)
    shown = {*found, *(edition.system for _, edition in lists)}
    shown |= {name for one in maps for walk in one.crosswalks for name in (walk.source_system, walk.target_system)}
    definitions = ((name, store[name].definition if name in store else SYSTEMS.get(name)) for name in sorted(shown))
    withheld = tuple(name for name, one in definitions if one is not None and not may_show(one, store.licences))
    return Chosen(editions, maps, lists, withheld)


def _versions(system: CodeSystem, releases: Mapping[str, Sequence[str]] | str | None) -> Sequence[str]:
    if releases == ALL:
        return [release.version for release in system.releases]
    stated = releases.get(system.name, ()) if isinstance(releases, Mapping) else ()
    return stated or ["latest"]


def _editions(system: CodeSystem, versions: Iterable[str]) -> Iterator[Edition]:
    """Yield an edition of each release, once: of those of one day the last, by which a corrected one is answered."""
    order = {release.version: number for number, release in enumerate(system.releases)}
    found: dict[datetime.date, tuple[int, Edition]] = {}
    for version in versions:
        edition = system.release(version)
        release = edition.release
        if release is not None:
            known = found.get(release.effective)
            if known is None or known[0] < order[release.version]:
                found[release.effective] = order[release.version], edition
    yield from (edition for _, edition in found.values())


def _named(store: Terminology, names: Iterable[str]) -> Iterator[PublishedMap]:
    wanted = list(dict.fromkeys(names))
    found = {
        one: {name for walk in one.crosswalks for name in (*walk.names, walk.label, one.url, one.id)}
        for one in published_maps(store).stated
    }
    for name in wanted:
        if not any(name in held for held in found.values()):
            known = ", ".join(sorted({walk.names[-1] for one in found for walk in one.crosswalks})) or "none"
            raise UnknownCrosswalkError(f"the store has no map {name!r} (it has: {known})")
    yield from (one for one, held in found.items() if held & set(wanted))


def _between(store: Terminology, chosen: Mapping[str, CodeSystem]) -> Iterator[PublishedMap]:
    """Yield the newest version of each map that leads from and to what is chosen, or what the store does not hold."""
    newest: dict[str, PublishedMap] = {}
    for one in published_maps(store).stated:
        ends = {name for walk in one.crosswalks for name in (walk.source_system, walk.target_system)}
        is_own = any(walk.own for walk in one.crosswalks)
        # a map of the user's own leaves the house only with both of its systems
        is_left = {name for name in ends if is_own or name in store} - set(chosen)
        if ends & set(chosen) and not is_left:
            known = newest.get(one.url)
            if known is None or known.crosswalks[0].effective <= one.crosswalks[0].effective:
                newest[one.url] = one
    yield from newest.values()
