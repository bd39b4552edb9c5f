"""Every installed crosswalk reader keeps what every reader must keep; and has its samples and its page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from attrs import evolve

from terminology.drafts import CommittedRelease, CrosswalkAssembly, CrosswalkReader, Part, Skipped
from terminology.reading import ReadableFile
from terminology.registry import CROSSWALKS, loaders
from terminology.samples import sample_folders, sample_releases
from terminology.systems import GROUPING
from terminology.testing import CROSSWALK_CHECKS, ConformanceError, check_crosswalk, check_crosswalk_reader

from ..crosswalks.invented import InventedReader, written_map

SAMPLES = sample_releases() / "crosswalks"
PAGES = Path(__file__).parents[2] / "docs/reference/crosswalks"
POINTS = sorted(entry_points(group=CROSSWALKS), key=lambda point: point.name)
INSTALLED = {point.name: point for point in POINTS}
WITHOUT_FILES = ("cpt_history", "groupings", "order_addenda")
"""Readers that take all from releases and parts of loaders: their samples are those of the loaders."""


def made(name: str) -> CrosswalkReader:
    """Return the reader that an entry point gives."""
    reader = INSTALLED[name].load()()
    assert isinstance(reader, CrosswalkReader)
    return reader


def samples_of(name: str) -> Path | None:
    """Return the folder of a reader's samples; None where it has no files of its own."""
    return None if name in WITHOUT_FILES else SAMPLES / name


def beside(reader: CrosswalkReader) -> list[Path]:
    """Return the folders of sample releases of the code systems whose parts or releases a reader takes."""
    systems = reader.releases_of | {system for system, _ in reader.parts_of}
    if reader.name == "groupings":
        return [sample_releases() / "groupings"]
    return [sample_releases() / system for system in sorted(systems)]


def test_readers_are_installed() -> None:
    """The readers of this project are found by entry point."""
    assert {"gems", "icd10cm_conversion", *WITHOUT_FILES} <= set(INSTALLED)


@pytest.mark.parametrize("name", INSTALLED)
def test_entry_point(name: str) -> None:
    """An entry point bears the name of its reader, and gives a reader."""
    assert name == made(name).name


@pytest.mark.parametrize("name", INSTALLED)
def test_samples_and_page(name: str) -> None:
    """Every reader has a folder of samples that the demo loads, or none that it could read, and a page of reference."""
    samples = samples_of(name)
    if samples is None:
        assert not (SAMPLES / name).exists()
        assert beside(made(name))
    else:
        assert any(samples.iterdir())
        assert samples in sample_folders()
    assert (PAGES / f"{name}.md").read_text(encoding="utf-8").startswith("# ")


def test_samples_are_of_a_reader() -> None:
    """Every folder of samples is that of an installed reader."""
    assert {path.name for path in SAMPLES.iterdir()} <= set(INSTALLED)


LONG = {"order_does_not_matter"}
PROMISES = [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in CROSSWALK_CHECKS]


@pytest.mark.parametrize("promise", PROMISES)
@pytest.mark.parametrize("name", INSTALLED)
def test_conformance(name: str, promise: str) -> None:
    """Every reader keeps every promise of the conformance kit on its samples."""
    reader = made(name)
    # the loaders of groupings are of several systems each, and named otherwise
    chosen = {name: one for name, one in loaders().items() if one.definition.kind == GROUPING}
    given = chosen if name == "groupings" else None
    check_crosswalk(promise, reader, samples_of(name), beside=beside(reader), loaders=given)


# ---- the kit itself


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Two versions of an invented map."""
    folder = tmp_path / "samples"
    folder.mkdir()
    written_map(folder, 2018, {"A": "X", "B": ""})
    written_map(folder, 2019, {"A": "X+Y", "B": "Z"})
    return folder


def test_a_sound_reader_passes(samples: Path) -> None:
    """A third party's sound reader passes the whole kit."""
    check_crosswalk_reader(InventedReader(), samples)


class Credulous(InventedReader):
    """Takes whatever it is given."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part, whatever the file."""
        sound = ReadableFile(file.name, lambda: b"#invented map 2018\nA>X\n")
        return super().read(file) or evolve(self.sound(sound), origin=file.origin)

    def sound(self, file: ReadableFile) -> Part:
        """Return the part of a sound file."""
        part = super().read(file)
        assert isinstance(part, Part)
        return part


class Clumsy(InventedReader):
    """Fails in its own way."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part; stumbles over bytes that are no text."""
        file.data.decode()
        return super().read(file)


class Forgetful(InventedReader):
    """Remembers what it read before."""

    count = 0

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part that differs from reading to reading."""
        part = super().read(file)
        self.count += 1
        return evolve(part, facts={**part.facts, "count": self.count}) if isinstance(part, Part) else part


class Disorderly(InventedReader):
    """Lets the order of files matter."""

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return the crosswalk of the first part only."""
        return super().assemble(parts[:1], releases)


class Greedy(InventedReader):
    """Plans by looking into the tables."""

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return the crosswalks of the parts that have rows."""
        return super().assemble([part for part in parts if part.tables["mappings"].num_rows], releases)


class Untidy(InventedReader):
    """Repeats a source among the codes that it is used together with."""

    together = staticmethod(lambda source: [source])


class Nameless(InventedReader):
    """Gives its crosswalks no title."""

    title = ""


class Wordy(InventedReader):
    """Claims the own maps of anybody."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a part of its own files and of every own map."""
        if file.data.startswith(b"#crosswalk:"):
            return Part("invented", file.origin, {"year": 2018}, {})
        return super().read(file)


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Credulous, "bad_files_are_refused"),
        (Credulous, "strangers_are_left_alone"),
        (Clumsy, "spoiled_files_raise_nothing_else"),
        (Forgetful, "reading_is_repeatable"),
        (Disorderly, "order_does_not_matter"),
        (Greedy, "planning_reads_no_table"),
        (Untidy, "mappings_keep_the_schema"),
        (Nameless, "makes_crosswalks"),
    ],
)
def test_an_unsound_reader_fails(samples: Path, kind: type[InventedReader], promise: str) -> None:
    """A reader that breaks a promise fails the check of that promise."""
    with pytest.raises(ConformanceError):
        check_crosswalk(promise, kind(), samples)


def test_a_file_of_two_readers_fails() -> None:
    """A reader that takes what another installed one takes fails."""
    with pytest.raises(ConformanceError, match="own_map and wordy"):
        check_crosswalk("no_file_is_claimed_twice", type("Named", (Wordy,), {"name": "wordy"})(), SAMPLES / "own_map")


@pytest.mark.parametrize("promise", ["makes_crosswalks", "mappings_keep_the_schema", "planning_reads_no_table"])
def test_samples_that_make_nothing_fail(tmp_path: Path, promise: str) -> None:
    """Samples that the reader does not know make no crosswalk, and that is said; no samples at all as well."""
    (tmp_path / "letter.txt").write_text("Dear reader\n", encoding="utf-8")
    with pytest.raises(ConformanceError, match="no crosswalk"):
        check_crosswalk(promise, InventedReader(), tmp_path)


def test_no_samples_fail(tmp_path: Path) -> None:
    """A folder without files proves nothing."""
    with pytest.raises(ConformanceError, match="expected sample files"):
        check_crosswalk("bad_files_are_refused", InventedReader(), tmp_path)
