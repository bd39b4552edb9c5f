"""The conformance kit: what every loader of release files must keep, proved on its own samples.

A third party that writes a loader hands it over with a folder of small release files:

    from pathlib import Path
    import pytest
    from terminology.testing import CHECKS, check

    @pytest.mark.parametrize("name", CHECKS)
    def test_my_loader(name):
        check(name, MyLoader(), Path(__file__).parent / "samples")

`check_loader` runs all checks at once. The strategies at the end need the package ``hypothesis``.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import schema
from .drafts import AnySystemLoader, Loader, Part, Skipped
from .errors import ReleaseFaults, ReleaseFormatError
from .ingest import LoadReport
from .ingest import load as load_releases
from .ingest.checks import check_concepts
from .model import Status
from .query import CodeSystem, Edition, Terminology, open_store
from .reading import ReadableFile, readable_files

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SHOWN: Final = 5
SAMPLED_CODES: Final = 300
"""So many codes of an edition are asked one by one; the hierarchy is compared for all of them."""

WEB_PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n"
STRANGERS: Final[Mapping[str, bytes]] = {
    "letter.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
    "letter.rtf": b"{\\rtf1\\ansi Dear reader\\par}",
    "README.txt": b"This archive holds nothing that you need.\r\nPlease read on.\r\n",
    "table.csv": b"name,colour\r\noak,green\r\n",
    "values.json": b'{"name": "oak", "colour": "green"}\n',
    "tree.xml": b'<?xml version="1.0"?>\n<trees><tree name="oak"/></trees>\n',
    "blank.txt": b"\r\n \r\n",
}


class ConformanceError(AssertionError):
    """A loader does not keep what every loader must keep."""


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
    for system in systems_of(loader, samples):
        with tempfile.TemporaryDirectory(prefix="terminology-conformance-") as folder:
            CHECKS[name](Trial(loader, samples, Path(folder), system))


def systems_of(loader: Loader, samples: Path) -> tuple[str, ...]:
    """Return the code systems to try: the loader's own, or of a loader for any system those of its samples.

    Raises:
        ConformanceError: The samples of a loader for any system make no release.
    """
    if not isinstance(loader, AnySystemLoader):
        return (loader.definition.name,)
    with tempfile.TemporaryDirectory(prefix="terminology-conformance-") as folder:
        report = load_releases(samples, store=folder, loaders={loader.definition.name: loader})
    _same((), report.errors, "the samples are faulty")
    _expect(report.loaded, "the samples make no release")
    return tuple(sorted({item.release.system for item in report.loaded}))


class Trial:
    """A loader with its samples and an empty folder to work in."""

    def __init__(self, loader: Loader, samples: Path, folder: Path, system: str | None = None) -> None:
        self.loader = loader
        self.samples = samples
        self.folder = folder
        self.system = system or loader.definition.name
        """Short name of the code system that is tried."""

    def files(self) -> list[ReadableFile]:
        """Return every file among the samples.

        Raises:
            ConformanceError: There is none, or one cannot be opened.
        """
        found: list[ReadableFile] = []
        for file in readable_files(self.samples):
            if isinstance(file, ReleaseFormatError):
                raise ConformanceError(f"a sample cannot be opened: {file}")
            found.append(file)
        _expect(found, f"expected sample files in {self.samples}, got none")
        return found

    def load(self, *paths: Path, store: str = "store") -> LoadReport:
        """Load paths (by default the samples) with this loader alone."""
        loaders = {self.loader.definition.name: self.loader}
        return load_releases(*(paths or [self.samples]), store=self.folder / store, loaders=loaders)

    def opened(self, store: str = "store") -> Terminology:
        """Return the store."""
        return open_store(self.folder / store)

    def loaded(self) -> CodeSystem:
        """Return the code system after loading the samples."""
        self.load()
        return self.opened()[self.system]

    def pointer(self, store: str = "store") -> bytes | None:
        """Return the bytes of the store's pointer, or None where nothing was published."""
        path = self.folder / store / "CURRENT.json"
        return path.read_bytes() if path.exists() else None


def _expect(truth: object, message: str) -> None:
    if not truth:
        raise ConformanceError(message)


def _same(expected: object, actual: object, message: str) -> None:
    _expect(expected == actual, f"{message}: expected {_short(expected)}, got {_short(actual)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]} …"  # noqa: PLR2004 -- a message, not a dump


def loads_its_samples(trial: Trial) -> None:
    """The samples load without a fault, and make at least one release."""
    report = trial.load()
    _same((), report.errors, "the samples are faulty")
    _expect(report.loaded, "the samples make no release")
    if not isinstance(trial.loader, AnySystemLoader):
        _same({trial.system}, {item.release.system for item in report.loaded}, "a release is of another system")


def releases_are_in_order(trial: Trial) -> None:
    """Releases stand in order of their days, each with a version of its own that finds it, and with its sources."""
    system = trial.loaded()
    days = [(release.effective, release.correction) for release in system.releases]
    _same(sorted(set(days)), days, "releases are not in order of their days")
    versions = [release.version for release in system.releases]
    _same(len(versions), len(set(versions)), f"versions repeat: {versions}")
    digests = {file.origin.sha256 for file in trial.files()}
    for release in system.releases:
        found = system.release(release.version).release
        _same(release.effective, found and found.effective, f"version {release.version} does not find its release")
        _expect(release.sources, f"release {release.version} names no source")
        named = {source.sha256 for source in release.sources}
        _expect(named <= digests, f"release {release.version} names checksums that no sample has")


def concepts_keep_the_schema(trial: Trial) -> None:
    """The table of every release begins with the columns that all share, and keeps the rules of all code systems."""
    system = trial.loaded()
    names = schema.concepts().names
    for release in system.releases:
        table = system.release(release.version).table("published")
        _same(names, table.column_names[: len(names)], f"columns of release {release.version}")
        try:
            check_concepts(system.definition, table, release.version)
        except (ReleaseFormatError, ReleaseFaults) as error:
            raise ConformanceError(f"release {release.version} breaks a rule of all code systems: {error}") from error


def loading_twice_changes_nothing(trial: Trial) -> None:
    """A second load of the samples leaves the store as it is, and says that it held them already."""
    trial.load()
    before = trial.pointer()
    report = trial.load()
    _same(before, trial.pointer(), "the second load changed the store")
    fresh = [item.release.version for item in report.loaded if not item.already]
    _same([], fresh, "the second load took releases for new")


def order_does_not_matter(trial: Trial) -> None:
    """The samples one by one, in any order, make the same releases and the same compiled files as all at once."""
    trial.load()
    paths = sorted(path for path in trial.samples.rglob("*") if path.is_file())
    once = trial.opened()
    for number, order in enumerate((paths[::-1], random.Random(1).sample(paths, len(paths)))):  # noqa: S311 -- no secret
        for path in order:
            trial.load(path, store=f"store-{number}")
        other = trial.opened(f"store-{number}")
        _same(once[trial.system].releases, other[trial.system].releases, "releases depend on the order of the files")
        files = [{path.name for path in (store.path / "compiled").glob("*.arrow")} for store in (once, other)]
        _expect(files[0] <= files[1], "compiled files depend on the order of the files")


def reading_is_repeatable(trial: Trial) -> None:
    """The same file read twice gives the same part: a loader holds no state, and looks at no clock."""
    for file in trial.files():
        first, second = (trial.loader.read(file) for _ in range(2))
        _same(type(first), type(second), f"{file.label} is read in two ways")
        if isinstance(first, Part) and isinstance(second, Part):
            _same(first.facts, second.facts, f"facts of {file.label}")
            _same(first.warnings, second.warnings, f"warnings of {file.label}")
            equal = all(table.equals(second.tables[name]) for name, table in first.tables.items())
            _expect(equal, f"tables of {file.label} differ from one reading to the next")


def every_concept_is_found(trial: Trial) -> None:
    """Every concept of every release is looked up with title, status and a source that is one of the release's files."""
    system = trial.loaded()
    digests = {source.sha256 for release in system.releases for source in release.sources}
    for edition in _editions(system):
        table = edition.table("concepts")
        codes = table.column("code").to_pylist()
        _expect(codes, f"nothing is in force in {edition}")
        for code, kind in zip(codes, table.column("kind").to_pylist(), strict=True):
            if kind in schema.NODE_KINDS:
                _same((code, Status.UNKNOWN), (edition.node(code).code, edition.status(code)), f"node in {edition}")
                continue
            concept = edition.lookup(code)
            _expect(concept is not None, f"{code} is in force in {edition} and cannot be looked up")
            if concept is None:
                continue
            _same(code, concept.code, f"lookup in {edition}")
            _same(code, system.definition.official(code), "a code is not in its official form")
            _expect(concept.title, f"{code} has no title in {edition}")
            _expect(concept.valid, f"{code} is in force in {edition} and has the status {concept.status}")
            _same(concept.status, edition.status(code), f"status of {code} in {edition}")
            source = concept.source
            _expect(source and source.sha256 in digests, f"{code} cites no source of its release in {edition}")


def hierarchy_is_consistent(trial: Trial) -> None:
    """Parents, children, ancestors, descendants and subsumption agree with each other and with the table of concepts."""
    for edition in _editions(trial.loaded()):
        table = edition.table("concepts")
        parents = dict(zip(table.column("code").to_pylist(), table.column("parent").to_pylist(), strict=True))
        children: dict[str | None, list[str]] = {}
        for code, parent in parents.items():
            children.setdefault(parent, []).append(code)
        _same(children.get(None, []), list(edition.roots()), f"roots of {edition}")
        for code, parent in parents.items():
            _same(parent, edition.parent(code), f"parent of {code} in {edition}")
            _same(children.get(code, []), list(edition.children(code)), f"children of {code} in {edition}")
        for code in list(parents)[:: max(1, len(parents) // SAMPLED_CODES)]:
            above = list(_chain(parents, code))
            _same(above, list(edition.ancestors(code)), f"ancestors of {code} in {edition}")
            _same(list(_below(children, code)), list(edition.descendants(code)), f"descendants of {code} in {edition}")
            for ancestor in above:
                _same("subsumes", edition.subsumes(ancestor, code), f"{ancestor} over {code} in {edition}")


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


def bad_files_are_refused(trial: Trial) -> None:
    """Under a sample's name, nothing, a web page, zeros or noise is refused or left alone, and never committed."""
    noise = random.Random(2).randbytes(5000)  # noqa: S311 -- no secret
    for file in trial.files():
        for what, data in {"nothing": b"", "a web page": WEB_PAGE, "zeros": bytes(5000), "noise": noise}.items():
            made = _read(trial, file, data, what)
            _expect(not isinstance(made, Part), f"{what} under the name {file.name} is taken for a release file")
            _load_alone(trial, file, data, what)
            _same(None, trial.pointer("bad"), f"{what} under the name {file.name} was committed")


def cut_files_are_faulty_or_sound(trial: Trial) -> None:
    """A sample cut anywhere is read, refused or left alone; it raises nothing but the errors of release files."""
    for number, file in enumerate(trial.files()):
        chance = random.Random(number)  # noqa: S311 -- no secret
        cuts = [len(file.data) * share // 8 for share in range(1, 8)] + [chance.randrange(len(file.data) + 1)]
        for cut in cuts:
            _read(trial, file, file.data[:cut], f"the first {cut:,} bytes")
            _load_alone(trial, file, file.data[:cut], f"the first {cut:,} bytes")


def spoiled_files_raise_nothing_else(trial: Trial) -> None:
    """A sample with bytes changed, lost or doubled raises nothing but the errors of release files."""
    for number, file in enumerate(trial.files()):
        chance = random.Random(number)  # noqa: S311 -- no secret
        for _ in range(30):
            data = bytearray(file.data)
            place, length = chance.randrange(len(data) + 1), chance.randrange(1, 400)
            kind = chance.randrange(4)
            if kind == 0:
                data[place : place + length] = chance.randbytes(length)
            elif kind == 1:
                del data[place : place + length]
            elif kind == 2:  # noqa: PLR2004 -- the third kind
                data[place:place] = data[place : place + length]
            else:
                data[place:place] = b"\0"
            _read(trial, file, bytes(data), f"a spoiled copy ({kind}, {place}, {length})")


def strangers_are_left_alone(trial: Trial) -> None:
    """A file of another kind is not taken, and no error."""
    for name, data in STRANGERS.items():
        try:
            made = trial.loader.read(_file(name, data))
        except (ReleaseFormatError, ReleaseFaults) as error:
            raise ConformanceError(f"the stranger {name} is refused as faulty: {error}") from error
        _expect(made is None or isinstance(made, Skipped), f"the stranger {name} is taken for a release file")


def _file(name: str, data: bytes) -> ReadableFile:
    return ReadableFile(name, lambda: data)


def _read(trial: Trial, file: ReadableFile, data: bytes, what: str) -> Part | Skipped | None:
    """Return what the loader makes of other bytes under a sample's name; None where it refuses them."""
    try:
        return trial.loader.read(_file(file.name, data))
    except (ReleaseFormatError, ReleaseFaults) as error:
        faults = error.exceptions if isinstance(error, ReleaseFaults) else [error]
        for fault in faults:
            _expect(isinstance(fault, ReleaseFormatError), f"{what} of {file.name}: a fault of another kind: {fault!r}")
            _expect(getattr(fault, "file", None), f"{what} of {file.name}: a fault names no file: {fault}")
        return None
    except Exception as error:
        raise ConformanceError(f"{what} of {file.name} raises {type(error).__name__}: {error}") from error


def _load_alone(trial: Trial, file: ReadableFile, data: bytes, what: str) -> None:
    path = trial.folder / "bad-files" / file.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        trial.load(path, store="bad")
    except Exception as error:
        raise ConformanceError(f"loading {what} of {file.name} raises {type(error).__name__}: {error}") from error
    finally:
        path.unlink()


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


# ---- hypothesis strategies


def codes_of(edition: Edition) -> SearchStrategy[str]:
    """Return a strategy of codes in force in an edition, written in all the ways that are accepted."""
    from hypothesis import strategies as st

    table = edition.table("concepts")
    kinds = table.column("kind").to_pylist()
    # a prefix stands in the tree and is no code
    codes = [
        c for c, kind in zip(table.column("code").to_pylist(), kinds, strict=True) if kind not in schema.NODE_KINDS
    ]
    forms = st.sampled_from([str, str.lower, " {} ".format, lambda code: code.replace(".", "")])
    return st.builds(lambda code, form: form(code) if "-" not in code else code, st.sampled_from(codes), forms)


def near_misses_of(edition: Edition) -> SearchStrategy[str]:
    """Return a strategy of texts that are nearly codes of an edition: a character changed, lost, doubled or swapped."""
    from hypothesis import strategies as st

    @st.composite
    def missed(draw: st.DrawFn) -> str:
        code = draw(st.sampled_from(edition.table("concepts").column("code").to_pylist()))
        place = draw(st.integers(0, len(code) - 1))
        change: Callable[[str, int], str] = draw(
            st.sampled_from(
                [
                    lambda text, i: text[:i] + text[i + 1 :],
                    lambda text, i: text[:i] + text[i] + text[i:],
                    lambda text, i: text[:i] + "X" + text[i + 1 :],
                    lambda text, i: text[:i] + text[i : i + 2][::-1] + text[i + 2 :],
                ]
            )
        )
        return change(code, place)

    return missed()


def days_of(system: CodeSystem) -> SearchStrategy[str]:
    """Return a strategy of days in ISO form: any, and many at the turning points of a code system's releases."""
    import datetime

    from hypothesis import strategies as st

    day = datetime.timedelta(days=1)
    turns = [release.effective + step * day for release in system.releases for step in (-1, 0, 1)]
    anywhere = st.dates(datetime.date(1980, 1, 1), datetime.date(2040, 12, 31))
    return (st.sampled_from(turns) | anywhere).map(datetime.date.isoformat)


__all__ = [
    "CHECKS",
    "ConformanceError",
    "Trial",
    "check",
    "check_loader",
    "codes_of",
    "days_of",
    "near_misses_of",
]
