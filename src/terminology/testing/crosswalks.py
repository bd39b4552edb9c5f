"""What every reader of crosswalks must keep, as checks on its own samples."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from .. import schema
from ..drafts import CommittedRelease, CrosswalkReader, Loader, Part
from ..errors import ReleaseFaults, ReleaseFormatError, TerminologyError
from ..ingest import LoadReport
from ..ingest import load as load_releases
from ..ingest.checks import check_mappings
from ..mapping.rows import MapRow, MapRows
from ..model import Crosswalk, Outcome
from ..periods import day_of
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import CrosswalkEntry, MapEntry, read_catalog
from ..store.archive import StoredTables, read_parts_list
from .spoiling import (
    bad_files_are_refused,
    cut_files_are_faulty_or_sound,
    reading_is_repeatable,
    spoiled_files_raise_nothing_else,
    strangers_are_left_alone,
)
from .trial import ConformanceError, SampleTrial, expect, same

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def check_crosswalk_reader(
    reader: CrosswalkReader,
    samples: Path | None,
    *,
    beside: Sequence[Path] = (),
    loaders: Mapping[str, Loader] | None = None,
) -> None:
    """Return None where the reader keeps all promises on its samples.

    Args:
        reader: The reader.
        samples: A folder of small maps, in the publisher's own formats; None where it has no files of its own.
        beside: Folders of release files whose parts or releases the reader takes.
        loaders: Of those files; by default the installed ones of the systems that the reader names.

    Raises:
        ConformanceError: It breaks one, which the message names.
    """
    for name in CROSSWALK_CHECKS:
        check_crosswalk(name, reader, samples, beside=beside, loaders=loaders)


def check_crosswalk(
    name: str,
    reader: CrosswalkReader,
    samples: Path | None,
    *,
    beside: Sequence[Path] = (),
    loaders: Mapping[str, Loader] | None = None,
) -> None:
    """Return None where the reader passes one check of `CROSSWALK_CHECKS`.

    Raises:
        ConformanceError: It does not.
    """
    with tempfile.TemporaryDirectory(prefix="terminology-conformance-") as folder:
        CROSSWALK_CHECKS[name](CrosswalkTrial(reader, samples, Path(folder), beside, loaders))


class CrosswalkTrial(SampleTrial):
    """A crosswalk reader with its samples, the releases beside them, and an empty folder to work in."""

    reader: CrosswalkReader
    """The reader that is tried."""

    def __init__(
        self,
        reader: CrosswalkReader,
        samples: Path | None,
        folder: Path,
        beside: Sequence[Path] = (),
        loaders: Mapping[str, Loader] | None = None,
    ) -> None:
        super().__init__(samples, folder)
        self.reader = reader
        self.beside = beside
        systems = reader.releases_of | {system for system, _ in reader.parts_of}
        found = installed_loaders() if loaders is None else loaders
        self.loaders = {name: loader for name, loader in found.items() if loaders is not None or name in systems}

    def load(self, *paths: Path, store: str = "store") -> LoadReport:
        """Load paths (by default the samples and what lies beside them) with this reader and its loaders alone."""
        given = paths or ([self.samples] if self.samples else []) + list(self.beside)
        readers = {self.reader.name: self.reader}
        return load_releases(*given, store=self.folder / store, loaders=self.loaders, crosswalks=readers)

    def entries(self, store: str = "store") -> tuple[MapEntry, ...]:
        """Return the crosswalks that the pointer names; none where nothing was published."""
        return read_catalog(self.store_folder(store)).maps if self.pointer(store) else ()

    def mappings(self, entry: CrosswalkEntry) -> pa.Table:
        """Return the table ``mappings`` of a crosswalk as it was committed."""
        return self._tables(entry)["mappings"]

    def mentions(self, entry: CrosswalkEntry) -> list[Row]:
        """Return the rows of its table ``mentions``, where it has one."""
        tables = self._tables(entry)
        return tables[schema.MENTIONS].to_pylist() if schema.MENTIONS in tables else []

    def _tables(self, entry: CrosswalkEntry) -> StoredTables:
        crosswalk = entry.crosswalk
        return StoredTables(self.store_folder().crosswalk(crosswalk.name, crosswalk.version, entry.digest))


def makes_crosswalks(trial: CrosswalkTrial) -> None:
    """The samples load without a fault, and make at least one crosswalk, of the reader's name and with its sources."""
    report = trial.load()
    same((), report.errors, "the samples are faulty")
    expect(report.crosswalks, "the samples make no crosswalk")
    same({trial.reader.name}, {item.crosswalk.name for item in report.crosswalks}, "a crosswalk has another name")
    for item in report.crosswalks:
        expect(item.crosswalk.sources, f"{item.crosswalk.label} names no source")
        expect(item.crosswalk.title, f"{item.crosswalk.label} has no title")


def mappings_keep_the_schema(trial: CrosswalkTrial) -> None:
    """The mappings of every crosswalk keep the columns and the rules of all, and each says something of its own."""
    trial.load()
    for entry in _entries(trial):
        crosswalk = entry.crosswalk
        table = trial.mappings(entry)
        try:
            check_mappings(crosswalk, table, crosswalk.label)
        except (ReleaseFormatError, ReleaseFaults) as error:
            raise ConformanceError(f"{crosswalk.label} breaks a rule of all crosswalks: {error}") from error
        for row in table.to_pylist():
            for message in _row_faults(crosswalk, row):
                raise ConformanceError(f"{crosswalk.label}, line {row['line']}: {message}")


def _row_faults(crosswalk: Crosswalk, row: Row) -> Iterator[str]:
    """Yield what is wrong with a row that the core does not look at."""
    left = [row["source_code"], *row["with_codes"]]
    # of targets that is no fault: a combination of a GEM may name a procedure twice
    if len(left) != len(set(left)) or (row["source_code"] is None and row["with_codes"]):
        yield f"expected different source codes that are used together, got {left}"
    if None in [*row["with_codes"], *(row["target_codes"] or ())]:
        yield "a code among those used together is missing"
    if not crosswalk.is_succession and row["change"] is not None:
        yield f"expected no change in a map between systems, got {row['change']}"
    if row["line"] is not None and row["line"] < 1:
        yield "lines count from 1"
    if row["detail"] is not None and not isinstance(json.loads(row["detail"]), dict):
        yield f"expected a JSON object as detail, got {row['detail']}"


def loading_twice_changes_nothing(trial: CrosswalkTrial) -> None:
    """A second load of the samples leaves the store as it is, and says that it held them already."""
    trial.load()
    before = trial.pointer()
    report = trial.load()
    same(before, trial.pointer(), "the second load changed the store")
    fresh = [item.crosswalk.label for item in report.crosswalks if not item.already]
    same([], fresh, "the second load took crosswalks for new")


def order_does_not_matter(trial: CrosswalkTrial) -> None:
    """The samples one by one, in any order, make the same crosswalks and compiled files as all at once."""
    trial.load()
    besides = [path for place in trial.beside for path in sorted(place.rglob("*")) if path.is_file()]
    paths = [*trial.sample_paths(), *besides]
    chance = random.Random(1)  # noqa: S311 -- no secret
    for number, order in enumerate((paths[::-1], chance.sample(paths, len(paths)))):
        for path in order:
            trial.load(path, store=f"store-{number}")
        same(trial.entries(), trial.entries(f"store-{number}"), "crosswalks depend on the order of the files")


def planning_reads_no_table(trial: CrosswalkTrial) -> None:
    """Crosswalks are planned from facts and releases alone, so that a load without news costs nothing."""
    trial.load()
    made = {(e.crosswalk.version, e.crosswalk.source_system, e.crosswalk.target_system) for e in _entries(trial)}
    folder = trial.store_folder()
    catalog = read_catalog(folder)
    held = read_parts_list(folder, catalog.parts)
    kinds = trial.reader.parts_of
    borrowed = [part for system, kind in sorted(kinds) for part in held.systems.get(system, ()) if part.kind == kind]
    parts = [
        evolve(part, tables=_Sealed(part.tables)) for part in (*held.readers.get(trial.reader.name, ()), *borrowed)
    ]
    releases = [
        CommittedRelease(item.release, item.digest, _Sealed(StoredTables(place)))
        for system in sorted(trial.reader.releases_of & catalog.systems.keys())
        for item in catalog.systems[system].releases
        for place in [folder.release(system, item.release.version, item.digest)]
    ]
    drafts = trial.reader.assemble(parts, releases).drafts
    planned = {(draft.version, draft.source_system, draft.target_system) for draft in drafts}
    same(made, planned, "what is planned is not what was made")


class _Sealed(Mapping[str, "pa.Table"]):
    """Tables whose names may be read, and nothing else."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._names = tuple(tables)

    def __getitem__(self, name: str) -> pa.Table:
        raise ConformanceError(f"planning reads the table {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def every_mapping_is_found(trial: CrosswalkTrial) -> None:
    """Every row of the newest crosswalks is found from its source and from each of its targets, with file and line.

    What only mentions a code is found by the code, with what is said of it.
    """
    trial.load()
    for entry in trial.entries():
        rows = MapRows.opened(trial.store_folder().compiled, entry)
        publication = len(entry.crosswalks) - 1
        newest = entry.crosswalks[publication]
        table = trial.mappings(newest).to_pylist()
        same(newest.crosswalk.mappings, len(table), f"number of mappings of {newest.crosswalk.label}")
        for row in table:
            expected = _as_found(newest.crosswalk, row)
            what = f"{newest.crosswalk.label}, line {row['line']}"
            _is_among(expected, rows.of_source(row["source_code"] or "", publication), f"{what}, by its source")
            for code in row["target_codes"] or ():
                _is_among(expected, rows.of_target(code, publication), f"{what}, by its target {code}")
        for row in trial.mentions(newest):
            expect(json.loads(row["detail"] or "{}").get("meaning"), f"line {row['line']} does not say how it mentions")
            expected = _as_found(newest.crosswalk, {**row, "change": schema.MENTIONED})
            for code in (row["source_code"], *(row["target_codes"] or ())):
                if code:
                    _is_among(expected, rows.mentions(code, publication), f"what is said of {code}")


def _is_among(expected: Row, found: Sequence[MapRow], what: str) -> None:
    expect(any(_values(row) == expected for row in found), f"{what}: {expected} is not among the rows that are found")


def _as_found(crosswalk: Crosswalk, row: Row) -> Row:
    """Return what is found of a row of the archive: a change within a system has a day and a kind always."""
    file = crosswalk.sources[row["source"]]
    day = row["effective"] or (crosswalk.effective if crosswalk.is_succession else None)
    source = [row["source_code"], *row["with_codes"]] if row["source_code"] is not None else []
    return {
        "source_codes": source,
        "target_codes": row["target_codes"],
        "effective": day,
        "change": row["change"] or ("deleted" if crosswalk.is_succession else None),
        "relationship": row["relationship"],
        "approximate": row["approximate"],
        "detail": json.loads(row["detail"] or "{}"),
        "source": (file.file, file.sha256, row["line"]),
    }


def _values(row: MapRow) -> Row:
    return {
        "source_codes": list(row.source_codes),
        "target_codes": None if row.target_codes is None else list(row.target_codes),
        "effective": None if row.effective is None else day_of(row.effective),
        "change": row.change,
        "relationship": row.relationship,
        "approximate": row.approximate,
        "detail": row.detail,
        "source": row.source and (row.source.file, row.source.sha256, row.source.line),
    }


def every_code_is_answered(trial: CrosswalkTrial) -> None:
    """Every code of a map between systems is translated: to alternatives that cite the map, or with a reason."""
    trial.load()
    store = trial.opened()
    for entry in _entries(trial):
        crosswalk = entry.crosswalk
        if crosswalk.is_succession:
            continue
        table = trial.mappings(entry)
        # rows with a day are cumulative: the newest version that states them is cited
        prefix = crosswalk.label if table.column("effective").null_count == table.num_rows else f"{crosswalk.name} "
        for code in dict.fromkeys(table.column("source_code").to_pylist()):
            ends: dict[str, Any] = {"source": crosswalk.source_system, "target": crosswalk.target_system}
            try:
                found = store.translate(code, **ends, crosswalk=crosswalk.label)
            except TerminologyError as error:
                raise ConformanceError(f"{crosswalk.label}: {code} raises {type(error).__name__}: {error}") from error
            cited = all(any((s.crosswalk or "").startswith(prefix) for s in a.path) for a in found.alternatives)
            expect(cited, f"{crosswalk.label}: a translation of {code} does not cite it")
            expect(found.alternatives or found.reason, f"{crosswalk.label}: nothing is said of {code}")
            same(bool(found.alternatives), found.outcome is Outcome.MAPPED, f"{crosswalk.label}: outcome of {code}")


def no_file_is_claimed_twice(trial: CrosswalkTrial) -> None:
    """No sample is taken by two readers, of those that are installed and this one."""
    readers = {**crosswalk_readers(), trial.reader.name: trial.reader}
    for file in trial.files():
        takers = [name for name, reader in readers.items() if isinstance(reader.read(file), Part)]
        expect(len(takers) <= 1, f"{file.label} is taken by {' and '.join(takers)}")


def _entries(trial: CrosswalkTrial) -> Iterator[CrosswalkEntry]:
    found = [item for entry in trial.entries() for item in entry.crosswalks]
    expect(found, "the samples make no crosswalk")
    yield from found


CROSSWALK_CHECKS: Final[Mapping[str, Callable[[CrosswalkTrial], None]]] = {
    made.__name__: made
    for made in (
        makes_crosswalks,
        mappings_keep_the_schema,
        loading_twice_changes_nothing,
        order_does_not_matter,
        planning_reads_no_table,
        reading_is_repeatable,
        every_mapping_is_found,
        every_code_is_answered,
        no_file_is_claimed_twice,
        bad_files_are_refused,
        cut_files_are_faulty_or_sound,
        spoiled_files_raise_nothing_else,
        strangers_are_left_alone,
    )
}
"""Every check by its name."""
