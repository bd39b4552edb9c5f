"""The releases of one system that a set of parts makes: assembled, built, checked, and committed to the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, frozen

from ..drafts import Assembly, Built, Draft, Loader, Part
from ..errors import ReleaseFaults, ReleaseFormatError, StoreError, TerminologyError
from ..model import Release
from ..store.archive import read_manifest, write_release
from ..store.records import release_from
from .checks import check_concepts, check_version, counts
from .context import Load, definition_of
from .report import Skip
from .unexpected import guarded, unforeseen

Plan = TypeVar("Plan")


@frozen
class SettledReleases:
    """The releases of one system that the parts in force and the new ones make."""

    assembly: Assembly
    drafts: Sequence[Draft]
    releases: Sequence[tuple[Release, str]]
    parts: tuple[Part, ...]
    given: frozenset[str]
    """Identities of the parts of this load that were kept."""
    errors: tuple[ReleaseFormatError, ...]
    skipped: tuple[Skip, ...]

    @classmethod
    def of(cls, job: Load, system: str, given: Iterable[Part]) -> SettledReleases:
        """Return the releases that parts make; new parts of a faulty release are dropped, and the rest is assembled again."""
        fresh = {part.identity: part for part in given}
        held = {
            part.identity: part
            for part in job.held.systems.get(system, ())
            if not any(is_corrected_by(part, other) for other in fresh.values())
        }
        outdated = [
            part.origin.label for part in held.values() if job.is_outdated(system, part) and part.identity not in fresh
        ]
        if outdated:
            raise StoreError(
                f"files of {system} were read by another version of its loader; load them again together with "
                f"these: {', '.join(sorted(outdated))}"
            )
        errors: list[ReleaseFormatError] = []
        while True:
            assemble = job.loader(system, {**held, **fresh}.values()).assemble if {**held, **fresh} else _no_releases
            assembly = planned(assemble, held, fresh, f"the planning of {system}", errors)
            parts = {**held, **fresh}
            faulty = {part.identity for part, _ in assembly.refused if part.identity in fresh}
            errors += [
                ReleaseFormatError(why, file=part.origin.label)
                for part, why in assembly.refused
                if part.identity in fresh
            ]
            releases: list[tuple[Release, str]] = []
            for draft in assembly.drafts:
                try:
                    releases.append(committed(job, system, draft, assembly, job.loader(system, draft.parts)))
                except ReleaseFormatError as error:
                    errors.append(error)
                    faulty |= rejected_with(draft, fresh)
                except ReleaseFaults as group:
                    errors += [e for e in group.exceptions if isinstance(e, ReleaseFormatError)]
                    faulty |= rejected_with(draft, fresh)
            if not faulty:
                break
            for identity in faulty:
                # the store keeps what it held: a date that the operator gave to such a part is dropped with the new one
                fresh.pop(identity)
        unused = tuple(skipped_files(assembly, fresh, held))
        return cls(assembly, assembly.drafts, releases, tuple(parts.values()), frozenset(fresh), tuple(errors), unused)


def is_corrected_by(part: Part, other: Part) -> bool:
    """Return whether a part lacks lines, and another of the same name and kind lacks none: then that takes its place."""
    if not part.faults or other.faults:
        return False
    return (part.kind, part.loader, part.origin.label) == (other.kind, other.loader, other.origin.label)


def _no_releases(_parts: Sequence[Part]) -> Assembly:
    return Assembly(())


def planned(
    assemble: Callable[[tuple[Part, ...]], Plan],
    held: Mapping[str, Part],
    fresh: dict[str, Part],
    what: str,
    errors: list[ReleaseFormatError],
) -> Plan:
    """Return the plan of the parts. New parts that make it fail with an unexpected exception are dropped.

    Args:
        assemble: Makes the plan of parts, in any order.
        held: Parts of the store, by identity: their plan was made before without failing.
        fresh: New parts, by identity; those that are dropped are taken out.
        what: What fails, for the messages.
        errors: The list to which an error is added for each part that is dropped.
    """
    while True:
        try:
            return assemble(tuple({**held, **fresh}.values()))
        except TerminologyError:
            raise
        except Exception as error:
            if _fails(assemble, tuple(held.values())):
                raise
            alone = [part for part in fresh.values() if _fails(assemble, (*held.values(), part))]
            for part in alone or list(fresh.values()):
                errors.append(unforeseen(error, part.origin.label, what))
                fresh.pop(part.identity)


def _fails(assemble: Callable[[tuple[Part, ...]], Any], parts: tuple[Part, ...]) -> bool:
    try:
        assemble(parts)
    except Exception:  # noqa: BLE001 -- it is known that something unforeseen fails; the question is by which part
        return True
    return False


def skipped_files(assembly: Assembly, fresh: Mapping[str, Part], held: Mapping[str, Part]) -> Iterator[Skip]:
    """Yield the files that no release is made of, each with the reason."""
    yield from (Skip(part.origin.label, why) for part, why in assembly.unused if part.identity in fresh)
    # a file that no release uses is reported, also where its loader does not say why
    reported = {part.identity for part, _ in (*assembly.unused, *assembly.refused)}
    taken = {part.identity for draft in assembly.drafts for part in (*draft.parts, *draft.borrowed)}
    idle = [part for identity, part in fresh.items() if identity not in reported | taken]
    yield from (Skip(part.origin.label, "no release could take it in") for part in idle)
    # a file of the store that a better date source now contradicts is reported too
    yield from (Skip(part.origin.label, why) for part, why in assembly.refused if part.identity in held)


def rejected_with(draft: Draft, fresh: Mapping[str, Part]) -> set[str]:
    """Return the new parts that are rejected with a faulty release: its own, else those copied from another release."""
    own = {part.identity for part in draft.parts if part.identity in fresh}
    borrowed = {part.identity for part in draft.borrowed if part.identity in fresh}
    if not own | borrowed:
        raise TerminologyError(f"release {draft.version} was valid when it was loaded and is not now")
    return own or borrowed


def committed(job: Load, system: str, draft: Draft, assembly: Assembly, loader: Loader) -> tuple[Release, str]:
    """Return the release with its digest; it is built, checked and written to the archive if it is not there."""
    check_version(draft.version, draft.parts[0].origin.label)
    definition = definition_of(loader, assembly.drafts)
    digest = draft.digest(system, loader.format_number)
    gaps = tuple(gap for gap in assembly.gaps if gap.before == draft.version)
    for place in (job.folder, job.staging):
        folder = place.release(system, draft.version, digest)
        if folder.exists():
            return evolve(release_from(read_manifest(folder)), gaps=gaps), digest
    job.progress("build", f"{system} {draft.version}")
    label = draft.parts[0].origin.label
    with guarded(label, f"the building of {system} {draft.version}", StoreError, OSError):
        built: Built = draft.build()
        concepts = built.tables["concepts"]
        check_concepts(definition, concepts, label)
        total, billable = counts(definition, concepts, draft.effective)
    release = Release(
        system=system,
        version=draft.version,
        effective=draft.effective,
        concepts=total,
        billable=billable,
        derived=draft.derived,
        sources=tuple(part.source() for part in draft.parts),
        correction=draft.correction,
        warnings=(*(w for part in draft.parts for w in part.warnings), *draft.warnings, *built.warnings),
        faults=tuple(fault for part in draft.parts for fault in part.faults),
        notes_known="notes" in built.tables,
        licence=built.licence,
    )
    with guarded(label, f"the writing of {system} {draft.version}", StoreError, OSError):
        write_release(job.staging, release, draft, digest, built.tables)
    return evolve(release, gaps=gaps), digest
