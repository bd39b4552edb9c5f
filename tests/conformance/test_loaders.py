"""Every installed loader, asked or not, keeps what every loader must keep; and has its samples and its page."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

import terminology.samples
from terminology.drafts import Assembly, Loader, Part, Skipped
from terminology.reading import ReadableFile
from terminology.registry import LOADERS
from terminology.samples import sample_folder
from terminology.systems import SYSTEMS
from terminology.testing import CHECKS, ConformanceError, check, check_loader

from ..property.worlds import LOADERS as WORLD_LOADERS
from ..property.worlds import PLANTS, Published, World, WorldLoader
from ..property.worlds import written as written_world
from ..release_files import CHOLERA, order_file, written

SAMPLES = Path(terminology.samples.__file__).parent
PAGES = Path(__file__).parents[2] / "docs/reference"
POINTS = sorted(entry_points(group=LOADERS), key=lambda point: point.name)
INSTALLED = {point.name: point for point in POINTS}


def samples_of(name: str) -> Path:
    """Return the folder of a loader's samples; that of FHIR resources is not loaded with the others."""
    return sample_folder(name) or SAMPLES / name


def test_loaders_are_installed() -> None:
    """The loaders of this project are found by entry point."""
    assert {"hcpcs", "icd10cm"} <= set(INSTALLED)


@pytest.mark.parametrize("name", INSTALLED)
def test_entry_point(name: str) -> None:
    """An entry point bears the short name of its loader's code system, and gives a loader."""
    loader = INSTALLED[name].load()()
    assert isinstance(loader, Loader)
    assert name == loader.definition.name
    assert SYSTEMS.get(name, loader.definition) == loader.definition


@pytest.mark.parametrize("name", INSTALLED)
def test_samples_and_page(name: str) -> None:
    """Every loader has a folder of samples and a page of reference."""
    assert any(samples_of(name).iterdir())
    assert (PAGES / f"{name}.md").read_text(encoding="utf-8").startswith("# ")


LONG = {"order_does_not_matter", "cut_files_are_faulty_or_sound", "spoiled_files_raise_nothing_else"}
PROMISES = [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in CHECKS]


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("name", INSTALLED)
def test_conformance(name: str, promise: str) -> None:
    """Every loader keeps every promise of the conformance kit on its samples."""
    check(promise, INSTALLED[name].load()(), samples_of(name))


# ---- the kit itself


ROW = {"code": "P1", "title": "Oak", "billable": True, "kind": "code", "parent": None, "derived": False}


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Samples of an invented system."""
    import datetime

    rows = (ROW, {**ROW, "code": "P12", "parent": "P1", "title": "Elm"})
    days = (datetime.date(2018, 10, 1), datetime.date(2019, 10, 1))
    return written_world(tmp_path / "samples", World(PLANTS, tuple(Published(day, rows) for day in days)))


def test_a_sound_loader_passes(samples: Path) -> None:
    """A third party's sound loader passes the whole kit."""
    check_loader(WORLD_LOADERS["plants"], samples)


class Credulous(WorldLoader):
    """Takes whatever it is given."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part, whatever the file."""
        import pyarrow as pa

        empty = pa.table({"code": pa.array([], pa.string())})
        return super().read(file) or Part(
            "rows", file.origin, {"effective": "2018-10-01", "correction": 0}, {"rows": empty}
        )


class Clumsy(WorldLoader):
    """Fails in its own way."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part; stumbles over bytes that are no text."""
        file.data.decode()
        return super().read(file)


class Forgetful(WorldLoader):
    """Remembers what it read before."""

    count = 0

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part that differs from reading to reading."""
        from attrs import evolve

        part = super().read(file)
        self.count += 1
        return evolve(part, facts={**part.facts, "count": self.count}) if isinstance(part, Part) else part


class Disorderly(WorldLoader):
    """Lets the order of files matter."""

    def assemble(self, parts: list[Part]) -> Assembly:  # type: ignore[override]
        """Return the release of the first part only."""
        return super().assemble(parts[:1])


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Credulous, "bad_files_are_refused"),
        (Credulous, "strangers_are_left_alone"),
        (Clumsy, "spoiled_files_raise_nothing_else"),
        (Forgetful, "reading_is_repeatable"),
        (Disorderly, "order_does_not_matter"),
    ],
)
def test_an_unsound_loader_fails(samples: Path, kind: type[WorldLoader], promise: str) -> None:
    """A loader that breaks a promise fails the check of that promise."""
    with pytest.raises(ConformanceError):
        check(promise, kind(PLANTS), samples)


@pytest.mark.parametrize("promise", ["loads_its_samples", "bad_files_are_refused"])
def test_samples_of_another_system_fail(tmp_path: Path, promise: str) -> None:
    """Samples that the loader does not know make no release, and that is said; no samples at all as well."""
    other = written(tmp_path / "other", {"icd10cm_order_2022.txt": order_file(CHOLERA)})
    with pytest.raises(ConformanceError, match="no release"):
        check("loads_its_samples", WORLD_LOADERS["plants"], other)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConformanceError):
        check(promise, WORLD_LOADERS["plants"], tmp_path / "empty")
