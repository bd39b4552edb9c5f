"""What every loader of release files must keep, as checks on its own samples."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from .. import schema
from ..drafts import AnySystemLoader, Loader
from ..errors import ReleaseFaults, ReleaseFormatError
from ..ingest import LoadReport
from ..ingest import load as load_releases
from ..ingest.checks import check_concepts
from ..model import Status
from ..query import CodeSystem, Edition
from .spoiling import (
    bad_files_are_refused,
    cut_files_are_faulty_or_sound,
    reading_is_repeatable,
    spoiled_files_raise_nothing_else,
    strangers_are_left_alone,
)
from .trial import ConformanceError, SampleTrial, expect, same

SAMPLED_CODES: Final = 300
"""So many codes of an edition are asked one by one; the hierarchy is compared for all of them."""


def check_loader(loader: Loader, samples: Path) -> None:
    """Return None where the loader keeps all promises on its samples.

    Args:
        loader: The loader.
        samples: A folder of small release files, in the publisher's own formats.

    Raises:
        ConformanceError: It breaks one, which the message names.
    """
    for name in CHECKS:
        check(name, loader, samples)


def check(name: str, loader: Loader, samples: Path) -> None:
    """Return None where the loader passes one check of `CHECKS`.

    Raises:
        ConformanceError: It does not.
    """
    with tempfile.TemporaryDirectory(prefix="terminology-conformance-") as folder:
        CHECKS[name](Trial(loader, samples, Path(folder)))


class Trial(SampleTrial):
    """A loader with its samples and an empty folder to work in."""

    reader: Loader
    """The loader that is tried."""
    samples: Path

    def __init__(self, loader: Loader, samples: Path, folder: Path) -> None:
        super().__init__(samples, folder)
        self.loader = self.reader = loader

    def load(self, *paths: Path, store: str = "store") -> LoadReport:
        """Load paths (by default the samples) with this loader alone."""
        loaders = {self.loader.definition.name: self.loader}
        return load_releases(*(paths or [self.samples]), store=self.folder / store, loaders=loaders)

    def loaded(self) -> list[CodeSystem]:
        """Return the code system after loading the samples; of a loader for any system each that the samples have.

        Raises:
            ConformanceError: The samples are faulty, or make no release.
        """
        report = self.load()
        same((), report.errors, "the samples are faulty")
        expect(report.loaded, "the samples make no release")
        made = sorted({item.release.system for item in report.loaded})
        if not isinstance(self.loader, AnySystemLoader):
            same([self.loader.definition.name], made, "a release is of another system")
        store = self.opened()
        return [store[name] for name in made]


def loads_its_samples(trial: Trial) -> None:
    """The samples load without a fault, and make at least one release."""
    trial.loaded()


def releases_are_in_order(trial: Trial) -> None:
    """Releases stand in order of their days, each with a version of its own that finds it, and with its sources."""
    digests = {file.origin.sha256 for file in trial.files()}
    for system in trial.loaded():
        _expect_order(system, digests)


def _expect_order(system: CodeSystem, digests: AbstractSet[str]) -> None:
    days = [(release.effective, release.correction) for release in system.releases]
    same(sorted(set(days)), days, "releases are not in order of their days")
    versions = [release.version for release in system.releases]
    same(len(versions), len(set(versions)), f"versions repeat: {versions}")
    for release in system.releases:
        found = system.release(release.version).release
        same(release.effective, found and found.effective, f"version {release.version} does not find its release")
        expect(release.sources, f"release {release.version} names no source")
        named = {source.sha256 for source in release.sources}
        expect(named <= digests, f"release {release.version} names checksums that no sample has")


def concepts_keep_the_schema(trial: Trial) -> None:
    """The table of every release begins with the columns that all share, and keeps the rules of all code systems."""
    names = schema.concepts().names
    for edition in (edition for system in trial.loaded() for edition in _editions(system)):
        table = edition.table("published")
        same(names, table.column_names[: len(names)], f"columns of {edition}")
        try:
            check_concepts(edition.definition, table, str(edition))
        except (ReleaseFormatError, ReleaseFaults) as error:
            raise ConformanceError(f"{edition} breaks a rule of all code systems: {error}") from error


def loading_twice_changes_nothing(trial: Trial) -> None:
    """A second load of the samples leaves the store as it is, and says that it held them already."""
    trial.load()
    before = trial.pointer()
    report = trial.load()
    same(before, trial.pointer(), "the second load changed the store")
    fresh = [item.release.version for item in report.loaded if not item.already]
    same([], fresh, "the second load took releases for new")


def order_does_not_matter(trial: Trial) -> None:
    """The samples one by one, in any order, make the same releases and the same compiled files as all at once."""
    trial.load()
    paths = trial.sample_paths()
    once = trial.opened()
    for number, order in enumerate((paths[::-1], random.Random(1).sample(paths, len(paths)))):  # noqa: S311 -- no secret
        for path in order:
            trial.load(path, store=f"store-{number}")
        other = trial.opened(f"store-{number}")
        before, after = ({name: store[name].releases for name in store.systems} for store in (once, other))
        same(before, after, "releases depend on the order of the files")
        files = [{path.name for path in (store.path / "compiled").glob("*.arrow")} for store in (once, other)]
        expect(files[0] <= files[1], "compiled files depend on the order of the files")


def every_concept_is_found(trial: Trial) -> None:
    """Every concept of every release is looked up with title, status and a source that is one of the release's files."""
    for system in trial.loaded():
        digests = {source.sha256 for release in system.releases for source in release.sources}
        for edition in _editions(system):
            table = edition.table("concepts")
            codes = table.column("code").to_pylist()
            expect(codes, f"nothing is in force in {edition}")
            for code, kind in zip(codes, table.column("kind").to_pylist(), strict=True):
                if kind in schema.NODE_KINDS:
                    same((code, Status.UNKNOWN), (edition.node(code).code, edition.status(code)), f"node in {edition}")
                else:
                    _expect_found(edition, code, digests)


def _expect_found(edition: Edition, code: str, digests: AbstractSet[str]) -> None:
    concept = edition.lookup(code)
    if concept is None:
        raise ConformanceError(f"{code} is in force in {edition} and cannot be looked up")
    same(code, concept.code, f"lookup in {edition}")
    same(code, edition.definition.official(code), "a code is not in its official form")
    expect(concept.title, f"{code} has no title in {edition}")
    expect(concept.valid, f"{code} is in force in {edition} and has the status {concept.status}")
    same(concept.status, edition.status(code), f"status of {code} in {edition}")
    source = concept.source
    expect(source and source.sha256 in digests, f"{code} cites no source of its release in {edition}")


def hierarchy_is_consistent(trial: Trial) -> None:
    """Parents, children, ancestors, descendants and subsumption agree with each other and with the table of concepts."""
    for edition in (edition for system in trial.loaded() for edition in _editions(system)):
        table = edition.table("concepts")
        parents = dict(zip(table.column("code").to_pylist(), table.column("parent").to_pylist(), strict=True))
        children: dict[str | None, list[str]] = {}
        for code, parent in parents.items():
            children.setdefault(parent, []).append(code)
        same(children.get(None, []), list(edition.roots()), f"roots of {edition}")
        for code, parent in parents.items():
            same(parent, edition.parent(code), f"parent of {code} in {edition}")
            same(children.get(code, []), list(edition.children(code)), f"children of {code} in {edition}")
        for code in list(parents)[:: max(1, len(parents) // SAMPLED_CODES)]:
            above = list(_chain(parents, code))
            same(above, list(edition.ancestors(code)), f"ancestors of {code} in {edition}")
            same(list(_below(children, code)), list(edition.descendants(code)), f"descendants of {code} in {edition}")
            for ancestor in above:
                same("subsumes", edition.subsumes(ancestor, code), f"{ancestor} over {code} in {edition}")


def _chain(parents: Mapping[str, str | None], code: str) -> Iterator[str]:
    parent = parents[code]
    while parent is not None:
        yield parent
        parent = parents.get(parent)


def _below(children: Mapping[str | None, Sequence[str]], code: str) -> Iterator[str]:
    for child in children.get(code, ()):
        yield child
        yield from _below(children, child)


def _editions(system: CodeSystem) -> list[Edition]:
    return [system.release(release.version) for release in system.releases]


CHECKS: Final[Mapping[str, Callable[[Trial], None]]] = {
    made.__name__: made
    for made in (
        loads_its_samples,
        releases_are_in_order,
        concepts_keep_the_schema,
        loading_twice_changes_nothing,
        order_does_not_matter,
        reading_is_repeatable,
        every_concept_is_found,
        hierarchy_is_consistent,
        bad_files_are_refused,
        cut_files_are_faulty_or_sound,
        spoiled_files_raise_nothing_else,
        strangers_are_left_alone,
    )
}
"""Every check by its name."""
