"""The crosswalks that parts and releases make: assembled, built, checked, and committed to the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from .. import schema
from ..drafts import Built, CommittedRelease, CrosswalkDraft, CrosswalkReader, Part
from ..errors import ReleaseFaults, ReleaseFormatError, StoreError
from ..model import Crosswalk, Release
from ..store.archive import PartLists, StoredTables, read_manifest, write_crosswalk
from ..store.records import crosswalk_from
from .checks import check_mappings, check_version
from .context import Load
from .gather import Gathered
from .report import Skip
from .settlement import planned
from .unexpected import guarded


@define
class SettledCrosswalks:
    """All crosswalks that the parts and releases of a store make."""

    crosswalks: list[tuple[Crosswalk, str]] = field(factory=list)
    """With their digests."""
    given: set[str] = field(factory=set)
    """Digests of those that files of this load belong to."""
    parts: dict[str, Sequence[Part]] = field(factory=dict)
    """By name of the reader: its own parts that are kept."""
    taken: set[str] = field(factory=set)
    """Labels of the files that crosswalks were made of."""
    errors: list[ReleaseFormatError] = field(factory=list)
    skipped: list[Skip] = field(factory=list)

    @classmethod
    def of(
        cls,
        job: Load,
        found: Gathered,
        parts: PartLists,
        releases: Mapping[str, Sequence[tuple[Release, str]]],
    ) -> SettledCrosswalks:
        """Return all crosswalks of the store. New parts of a faulty crosswalk are dropped; what was held before stays.

        Args:
            job: The load.
            found: What its files hold.
            parts: Of the code systems with the new ones, of the readers as the store holds them.
            releases: With their digests, by system.
        """
        made = cls()
        fresh_parts = [part for _, part in found.parts]
        given = frozenset(part.identity for part in fresh_parts)
        files = frozenset((part.origin.label, part.origin.sha256) for part in fresh_parts)
        for name, reader in job.readers.items():
            held = {part.identity: part for part in parts.readers.get(name, ())}
            fresh = {part.identity: part for part in found.readers.get(name, ())}
            lent = [
                (system, part)
                for system, kind in sorted(reader.parts_of)
                for part in parts.systems.get(system, ())
                if part.kind == kind
            ]
            own = [(None, part) for part in held.values() if part.identity not in fresh]
            outdated = [part for system, part in (*own, *lent) if job.is_outdated(system, part)]
            borrowed = [part for _, part in lent]
            if outdated:
                made._reject(outdated, fresh)
                made._keep(job, name)
                continue
            committed = [
                _committed(job, release, digest)
                for system in sorted(reader.releases_of)
                for release, digest in releases.get(system, ())
            ]
            made._settle(ReaderInput(job, reader, borrowed, committed, given, files), held, fresh)
        for name in {entry.key[0]: None for entry in job.catalog.maps}:
            if name not in job.readers:
                made._keep(job, name)
        return made

    def _keep(self, job: Load, name: str) -> None:
        """Keep the crosswalks of a reader as they are: it is not installed, or its parts are of another version of it."""
        entries = [item for entry in job.catalog.maps if entry.key[0] == name for item in entry.crosswalks]
        self.crosswalks += [(item.crosswalk, item.digest) for item in entries]

    def _reject(self, outdated: Sequence[Part], fresh: Mapping[str, Part]) -> None:
        """Reject new files that would have to be combined with some that another version of the reader has read."""
        old = ", ".join(sorted({part.origin.label for part in outdated}))
        why = f"other files of it were read by another version of the reader; load it again together with these: {old}"
        self.errors += [ReleaseFormatError(why, file=part.origin.label) for part in fresh.values()]

    def _settle(self, inputs: ReaderInput, held: dict[str, Part], fresh: dict[str, Part]) -> None:
        reader = inputs.reader
        while True:
            assembly = planned(
                lambda tried: reader.assemble((*tried, *inputs.borrowed), inputs.releases),
                held,
                fresh,
                f"the planning of {reader.name}",
                self.errors,
            )
            own = {**held, **fresh}
            rejected = [(part, why) for part, why in assembly.refused if part.identity in fresh]
            self.errors += [ReleaseFormatError(why, file=part.origin.label) for part, why in rejected]
            faulty = {part.identity for part, _ in rejected}
            made: list[tuple[Crosswalk, str, CrosswalkDraft]] = []
            failed: list[Skip] = []
            of_kept_parts: list[ReleaseFormatError] = []
            for draft in assembly.drafts:
                try:
                    made.append((*_built(inputs, draft), draft))
                except (ReleaseFormatError, ReleaseFaults) as error:
                    found = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
                    errors = [fault for fault in found if isinstance(fault, ReleaseFormatError)]
                    if own_parts := {part.identity for part in draft.parts if part.identity in fresh}:
                        faulty |= own_parts
                        self.errors += errors
                    elif any(part.identity in inputs.given for part in draft.parts):
                        # made of parts that stay: it fails in each round, and is reported once
                        of_kept_parts += errors
                    else:
                        failed.append(Skip(f"{reader.name} {draft.version}", f"no crosswalk is made: {found[0]}"))
            if not faulty:
                break
            for identity in faulty:
                fresh.pop(identity)
        self.crosswalks += [(crosswalk, digest) for crosswalk, digest, _ in made]
        self.given |= {d for _, d, draft in made if inputs.has_given(draft)}
        self.taken |= {part.origin.label for _, _, draft in made for part in draft.parts}
        self.errors += of_kept_parts
        self.skipped += failed
        self.skipped += [Skip(part.origin.label, why) for part, why in assembly.unused if part.identity in fresh]
        self.skipped += [Skip(part.origin.label, why) for part, why in assembly.refused if part.identity in held]
        self.parts[reader.name] = tuple(own.values())


@frozen
class ReaderInput:
    """A reader with its input, besides its own parts."""

    job: Load
    reader: CrosswalkReader
    borrowed: Sequence[Part]
    releases: Sequence[CommittedRelease]
    given: frozenset[str]
    """Identities of all parts of this load."""
    files: frozenset[tuple[str, str]]
    """Labels and checksums of their files."""

    def has_given(self, draft: CrosswalkDraft) -> bool:
        """Return whether files of this load are among the sources of a crosswalk: its own, or those of its releases."""
        return any((source.file, source.sha256) in self.files for source in draft.sources)


def _committed(job: Load, release: Release, digest: str) -> CommittedRelease:
    places = [place.release(release.system, release.version, digest) for place in (job.folder, job.staging)]
    folder = next((place for place in places if place.exists()), places[0])
    return CommittedRelease(release, digest, StoredTables(folder))


def _built(inputs: ReaderInput, draft: CrosswalkDraft) -> tuple[Crosswalk, str]:
    """Return the crosswalk with its digest; it is built, checked and written to the archive if it is not there."""
    job, reader = inputs.job, inputs.reader
    file = draft.sources[0].file if draft.sources else reader.name
    check_version(draft.version, file)
    digest = draft.digest(reader.name, reader.format_number)
    for place in (job.folder, job.staging):
        folder = place.crosswalk(reader.name, draft.version, digest)
        if folder.exists():
            return crosswalk_from(read_manifest(folder)), digest
    job.progress("build", f"{reader.name} {draft.version}")
    with guarded(file, f"the building of {reader.name} {draft.version}", StoreError, OSError):
        built: Built = draft.build()
        mappings = built.tables["mappings"]
        for table in (mappings, *(built.tables[name] for name in built.tables.keys() & {schema.MENTIONS})):
            check_mappings(draft, table, file)
    crosswalk = Crosswalk(
        name=reader.name,
        version=draft.version,
        source_system=draft.source_system,
        target_system=draft.target_system,
        effective=draft.effective,
        mappings=mappings.num_rows,
        sources=draft.sources,
        title=draft.title,
        identity=draft.identity,
        own=draft.own,
        warnings=(*(w for part in draft.parts for w in part.warnings), *draft.warnings, *built.warnings),
        faults=tuple(fault for part in draft.parts for fault in part.faults),
    )
    with guarded(file, f"the writing of {reader.name} {draft.version}", StoreError, OSError):
        write_crosswalk(job.staging, crosswalk, digest, built.tables)
    return crosswalk, digest
