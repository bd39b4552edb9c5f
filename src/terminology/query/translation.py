"""Translate a code of one system into another, by the crosswalks of the store."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from ..errors import TerminologyError, UnknownCrosswalkError, suggestion
from ..mapping.rows import MapRows
from ..mapping.succession import Walk
from ..model import Outcome, Translation
from ..periods import DateLike, day_from, day_number
from ..systems import SYSTEMS, SystemDefinition
from .answers import Answers
from .compiled import CompiledStore
from .corrections import CorrectedMap
from .crossing import Crossing, DirectedMap
from .lives import EditionLives
from .migration import answers_on, continued, no_code, translation_of


def translated(
    store: CompiledStore,
    code: str,
    source: str,
    target: str,
    *,
    on: DateLike | None,
    crosswalk: str | Sequence[str] | None,
    inverted: bool,
    billable: bool,
    corrected: bool = False,
) -> Translation:
    """Return the answer of `Terminology.translate` for two different systems."""
    if corrected and inverted:
        raise TerminologyError("corrections are read in the direction that was published: ask without inverted")
    definition = definition_of(store, source)
    official = _official(code, definition)
    if official is None:
        return no_code(code, source, definition)
    maps: Sequence[DirectedMap] = _directed_maps(store.maps, source, target, crosswalk, inverted=inverted, day=_day(on))
    if not maps:
        reason = f"no loaded crosswalk leads from {source} to {target}"
        # where inverted maps were asked for, it would be among them; a crosswalk that is named, and missing, has raised
        if any((rows.source_system, rows.target_system) == (target, source) for rows in store.maps):
            reason += "; one leads back, and can be asked for inverted"
        return Translation(official, Outcome.UNKNOWN, reason=reason, is_complete=False)
    if corrected:
        maps = [CorrectedMap(one.rows, one.publication, one.inverted, store=store) for one in maps]
    arrival = answers_on(store.all_systems[target], on) if target in store.all_systems else None
    found = [_by(store, directed, official, (source, target), arrival, billable=billable) for directed in maps]
    # maps of different publications are never mixed: the first that covers the code answers
    answer = next((answer for answer in found if answer.outcome is not Outcome.UNKNOWN), None)
    reasons = dict.fromkeys(answer.reason for answer in found if answer.reason)
    return answer or evolve(found[0], reason="; ".join(reasons) or None)


def continued_within(
    store: CompiledStore,
    code: str,
    system: str,
    *,
    on: DateLike | None,
    crosswalk: str | Sequence[str] | None,
    billable: bool,
) -> Translation:
    """Return the answer of `Terminology.translate` for one system: what replaced the code, by one crosswalk or all."""
    maps = _directed_maps(store.maps, system, system, crosswalk, inverted=False, day=_day(on))
    if system in store.all_systems:
        rows = [directed.rows for directed in maps]
        return continued(code, store.all_systems[system], on, rows, billable=billable)
    reason = f"no release of {system} is loaded: nothing says when its codes were in force"
    definition = definition_of(store, system)
    official = _official(code, definition)
    if official is None:
        return no_code(code, system, definition)
    return Translation(official, Outcome.UNKNOWN, reason=reason, is_complete=False)


def _by(
    store: CompiledStore,
    directed: DirectedMap,
    code: str,
    systems: tuple[str, str],
    arrival: Answers | None,
    *,
    billable: bool,
) -> Translation:
    source, target = systems
    maps = store.successions(target)
    crossing = Crossing(
        directed=directed,
        source=store.all_systems.get(source),
        source_maps=store.successions(source),
        target_system=target,
        onward=Walk(EditionLives(arrival, maps), maps) if arrival else None,
        billable=billable,
    )
    return translation_of(code, crossing.ways(code), target, arrival)


def _directed_maps(
    maps: tuple[MapRows, ...],
    source: str,
    target: str,
    crosswalk: str | Sequence[str] | None,
    *,
    inverted: bool,
    day: int | None,
) -> list[DirectedMap]:
    """Return the crosswalks that lead from one system to the other, in the order in which they are asked.

    Each is in the version for the day, or in the one that is named.

    Raises:
        UnknownCrosswalkError: None of those is named ``crosswalk``, or one of several names.
    """
    wanted = (target, source) if inverted else (source, target)
    found = [rows for rows in maps if (rows.source_system, rows.target_system) == wanted]
    found.sort(key=lambda rows: rows.precedence)
    if crosswalk is None:
        return [DirectedMap(rows, rows.publication(day), inverted) for rows in found]
    names = [crosswalk] if isinstance(crosswalk, str) else list(crosswalk)
    chosen = [place for name in names for place in _named(found, name, wanted, day)]
    return [DirectedMap(rows, number, inverted) for rows, number in dict.fromkeys(chosen)]


def _named(found: Sequence[MapRows], name: str, wanted: tuple[str, str], day: int | None) -> list[tuple[MapRows, int]]:
    """Return the maps of a name, each with the number of the version that the name has, or else of that for the day."""
    held = [rows for rows in found if name in rows.crosswalks[-1].names]
    if held:
        return [(rows, rows.publication(day)) for rows in held]
    labelled = [
        (rows, number)
        for rows in found
        for number, item in enumerate(rows.crosswalks)
        if any(name == f"{known} {item.version}" for known in item.names)
    ]
    if labelled:
        return labelled
    for rows in found:
        versions = [item.version for item in rows.crosswalks]
        known = next((known for known in rows.crosswalks[-1].names[::-1] if name.startswith(f"{known} ")), None)
        if known:
            version = name.removeprefix(f"{known} ")
            raise UnknownCrosswalkError(f"no version {version!r} of {known} (loaded: {', '.join(versions)})")
    names = sorted({rows.crosswalks[-1].names[-1] for rows in found})
    loaded = f"(loaded: {', '.join(names) or 'none'}){suggestion(name, names)}"
    raise UnknownCrosswalkError(f"no crosswalk {name!r} from {wanted[0]} to {wanted[1]} {loaded}")


def _day(on: DateLike | None) -> int | None:
    return None if on is None else day_number(day_from(on))


def definition_of(store: CompiledStore, system: str) -> SystemDefinition | None:
    """Return what is fixed about a system that is loaded or built in; None of any other."""
    return store.all_systems[system].definition if system in store.all_systems else SYSTEMS.get(system)


def _official(code: str, definition: SystemDefinition | None) -> str | None:
    """Return a code in official form, None if it cannot be one; of a system that nobody defines as it is given."""
    if not isinstance(code, str):
        return None
    return definition.official(code) if definition else code.strip()
