"""Translate a code of one system into another, by the crosswalks of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import UnknownCrosswalkError, UnknownSystemError
from ..mapping import MapRows, Walk
from ..model import Outcome, Translation
from ..periods import DateLike, day_from, day_number
from ..systems import SYSTEMS, SystemDefinition, names_of
from .crossing import Crossing, DirectedMap
from .lives import EditionLives
from .migration import continued, no_code, translation_of

if TYPE_CHECKING:
    from .edition import Edition
    from .terminology import Terminology


def translated(
    store: Terminology,
    code: str,
    source: str,
    target: str,
    *,
    on: DateLike | None,
    crosswalk: str | None,
    inverted: bool,
) -> Translation:
    """Return the answer of `Terminology.translate` for two different systems."""
    definition = store[source].definition if source in store else SYSTEMS.get(source)
    official = _official(code, definition)
    if official is None:
        return no_code(code, source, definition)
    passages = _passages(store.maps, source, target, crosswalk, inverted=inverted, day=_day(on))
    if not passages:
        reason = f"no loaded crosswalk leads from {source} to {target}"
        if not inverted and _passages(store.maps, source, target, crosswalk, inverted=True, day=_day(on)):
            reason += "; one leads back, and can be asked for inverted"
        return Translation(official, Outcome.UNKNOWN, reason=reason, is_complete=False)
    edition = _edition(store, target, on)
    found = [_by(store, passage, official, (source, target), edition) for passage in passages]
    # maps of different publications are never mixed: the first that covers the code answers
    answer = next((answer for answer in found if answer.outcome is not Outcome.UNKNOWN), None)
    reasons = dict.fromkeys(answer.reason for answer in found if answer.reason)
    return answer or evolve(found[0], reason="; ".join(reasons) or None)


def continued_within(
    store: Terminology, code: str, system: str, *, on: DateLike | None, crosswalk: str | None
) -> Translation:
    """Return the answer of `Terminology.translate` for one system: what became of the code, by one crosswalk or all."""
    passages = _passages(store.maps, system, system, crosswalk, inverted=False, day=_day(on))
    if system in store:
        return continued(code, store[system], on, [passage.rows for passage in passages])
    reason = f"no release of {system} is loaded: nothing tells when its codes were in force"
    definition = SYSTEMS.get(system)
    official = _official(code, definition)
    if official is None:
        return no_code(code, system, definition)
    return Translation(official, Outcome.UNKNOWN, reason=reason, is_complete=False)


def _by(
    store: Terminology, passage: DirectedMap, code: str, systems: tuple[str, str], edition: Edition | None
) -> Translation:
    source, target = systems
    crossing = Crossing(
        passage=passage,
        source=store[source] if source in store else None,  # noqa: SIM401 -- get knows KeyError only
        source_maps=store.successions(source),
        target_system=target,
        onward=Walk(EditionLives(edition), store.successions(target)) if edition else None,
    )
    return translation_of(code, crossing.ways(code), target, edition)


def _passages(
    maps: tuple[MapRows, ...], source: str, target: str, crosswalk: str | None, *, inverted: bool, day: int | None
) -> list[DirectedMap]:
    """Return the crosswalks that lead from one system to the other, each in the version for the day.

    Raises:
        UnknownCrosswalkError: None of those is named ``crosswalk``.
    """
    wanted = (target, source) if inverted else (source, target)
    found = [rows for rows in maps if (rows.source_system, rows.target_system) == wanted]
    if crosswalk is not None:
        name, _, version = crosswalk.partition(" ")
        named = [rows for rows in found if rows.name == name]
        if not named:
            held = ", ".join(sorted({rows.name for rows in found})) or "none"
            raise UnknownCrosswalkError(f"no crosswalk {crosswalk!r} from {wanted[0]} to {wanted[1]} (loaded: {held})")
        if version:
            return [DirectedMap(rows, _numbered(rows, version), inverted) for rows in named]
        found = named
    return [DirectedMap(rows, rows.publication(day), inverted) for rows in found]


def _numbered(rows: MapRows, version: str) -> int:
    versions = [item.version for item in rows.crosswalks]
    if version not in versions:
        raise UnknownCrosswalkError(f"no version {version!r} of {rows.name} (loaded: {', '.join(versions)})")
    return versions.index(version)


def _day(on: DateLike | None) -> int | None:
    return None if on is None else day_number(day_from(on))


def _edition(store: Terminology, target: str, on: DateLike | None) -> Edition | None:
    """Return the edition of the target; None where the system is not loaded."""
    if target not in store:
        return None
    return store[target].latest if on is None else store[target].on(on)


def _official(code: str, definition: SystemDefinition | None) -> str | None:
    """Return a code in official form, None if it cannot be one; of a system that nobody defines as it is given."""
    return definition.official(code) if definition else code.strip()


def system_name(store: Terminology, name: str) -> str:
    """Return the short name of a code system that is loaded, built in, or in a crosswalk, by any of its names.

    Raises:
        UnknownSystemError: It is none of these.
    """
    if name in store:
        return store[name].name
    if any(name in (rows.source_system, rows.target_system) for rows in store.maps):
        return name
    for definition in SYSTEMS.values():
        if name.lower() in names_of(definition):
            return definition.name
    held = ", ".join(store.systems) or "none"
    raise UnknownSystemError(f"no code system {name!r} (the store holds: {held})")
