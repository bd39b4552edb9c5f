"""Digest every answer of a store, so that two versions of the library can be compared answer by answer.

``python -m benchmarks.answers STORE > before.txt`` prints a line for each release, crosswalk and difference with the
number of answers and their SHA-256. Run it again with the other version, over a store that it loaded from the same
files, and compare the two texts with ``diff``: no line may differ.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import terminology
from terminology import CodeSystem, Edition, Terminology, TerminologyError


def digest(answers: Iterable[Any]) -> str:
    """Return how many answers there are, and the SHA-256 of them all."""
    found, number = hashlib.sha256(), 0
    for answer in answers:
        found.update(repr(answer).encode())
        number += 1
    return f"{number:>9,} {found.hexdigest()}"


def source_of(answer: Any) -> tuple[Any, ...] | None:
    """Return the source of an answer as plain values."""
    source = answer.source
    return (source.system, source.version, source.file, source.sha256, source.line) if source else None


def codes_of(code_system: CodeSystem) -> list[str]:
    """Return every code, chapter, section and node that any release holds, sorted."""
    editions = [code_system.release(release.version) for release in code_system.releases]
    return sorted({code for edition in editions for code in edition.table("concepts")["code"].to_pylist()})


def of_edition(edition: Edition, codes: list[str]) -> Iterator[Any]:
    """Yield status, concept, place and source of every code on the day of an edition."""
    for code in codes:
        concept = edition.lookup(code)
        yield code, str(edition.status(code)), edition.title(code)
        if concept:
            yield concept.title, concept.short_title, concept.kind, concept.derived, sorted(concept.properties.items())
            yield concept.effective_from, concept.effective_to, concept.parent, source_of(concept)
        try:
            yield edition.parent(code), edition.children(code), edition.ancestors(code)
        except TerminologyError as error:
            yield type(error).__name__


def of_notes(edition: Edition) -> Iterator[Any]:
    """Yield the notes of every tenth code in force."""
    for code in edition.table("concepts")["code"].to_pylist()[::10]:
        try:
            notes = edition.notes(code)
        except TerminologyError as error:
            yield type(error).__name__
            continue
        yield code, notes.known, [(n.kind, n.text, n.declared_at, n.inherited, n.targets) for n in notes]


def of_translation(found: Any) -> tuple[Any, ...]:
    """Return a translation as plain values."""
    return (
        (found.code, str(found.outcome), found.is_complete, found.split_off),
        [
            (a.codes, a.relationship, a.kind, a.approximate, a.system, source_of(a), [of_step(s) for s in a.path])
            for a in found.alternatives
        ],
        [of_step(step) for step in found.path],
    )


def of_step(step: Any) -> tuple[Any, ...]:
    """Return a step as plain values."""
    ends = (step.kind, step.system, step.from_codes, step.to_codes, step.effective, step.release)
    return (*ends, step.crosswalk, source_of(step), sorted(step.detail.items(), key=str), step.inverted)


def of_histories(code_system: CodeSystem, codes: list[str]) -> Iterator[Any]:
    """Yield the history of every code, and what it is in the newest release."""
    for code in codes:
        found = code_system.history(code)
        periods = [
            (p.effective_from, p.effective_to, p.from_known, str(p.status), p.title, source_of(p))
            for p in found.periods
        ]
        yield found.code, periods, found.predecessors, found.successors
        yield of_translation(code_system.became(code))


def of_migrations(code_system: CodeSystem, codes: list[str]) -> Iterator[tuple[str, str]]:
    """Yield a line for each pair of neighbouring releases, in both directions, and for the oldest to the newest."""
    versions = [release.version for release in code_system.releases]
    pairs = [*pairwise(versions), *pairwise(reversed(versions)), (versions[0], versions[-1])]
    for before, after in dict.fromkeys(pairs):
        migrated = (of_translation(code_system.migrate(code, before, after)) for code in codes)
        yield f"{code_system.name} migrate {before} {after}", digest(migrated)


def of_differences(code_system: CodeSystem) -> Iterator[tuple[str, str]]:
    """Yield a line for each pair of neighbouring releases."""
    for before, after in pairwise(release.version for release in code_system.releases):
        found = code_system.diff(before, after).to_json()
        yield f"{code_system.name} diff {before} {after}", digest(sorted(found.items()))


def of_crosswalks(store: Terminology, codes: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield a line for each pair of systems that crosswalks lead between, in both directions."""
    for source, target in dict.fromkeys((c.source_system, c.target_system) for c in store.crosswalks):
        if source == target:
            continue
        for first, second, inverted in ((source, target, False), (target, source, True)):
            found = (
                of_translation(store.translate(code, source=first, target=second, inverted=inverted))
                for code in codes.get(first, ())
            )
            yield f"{first} to {second}{', inverted' if inverted else ''}", digest(found)


def lines(store: Terminology) -> Iterator[tuple[str, str]]:
    """Yield what is compared, and its digest."""
    codes = {name: codes_of(store[name]) for name in store.systems}
    for name in store.systems:
        code_system = store[name]
        for release in code_system.releases:
            edition = code_system.release(release.version)
            yield f"{name} {release.version}", digest(of_edition(edition, codes[name]))
            yield f"{name} {release.version} notes", digest(of_notes(edition))
        for year in range(2009, 2027):
            edition = code_system.on(f"{year}-07-01")
            yield f"{name} on {edition.date}", digest(str(edition.status(code)) for code in codes[name])
        yield f"{name} history", digest(of_histories(code_system, codes[name]))
        yield from of_migrations(code_system, codes[name])
        yield from of_differences(code_system)
    yield from of_crosswalks(store, codes)


def main() -> None:
    """Print the lines."""
    for what, found in lines(terminology.open(sys.argv[1])):
        print(f"{found}  {what}", flush=True)


if __name__ == "__main__":
    main()
