"""What is tried, and what it means to fail: shared by the kits of loaders and of crosswalk readers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..drafts import Read
from ..errors import ReleaseFormatError
from ..ingest import LoadReport
from ..query import Terminology, open_store
from ..reading import ReadableFile, readable_files
from ..store import StoreFolder

SHOWN = 300
"""So many characters of a value stand in a message."""


class ConformanceError(AssertionError):
    """A loader or reader does not keep what every one must keep."""


def expect(truth: object, message: str) -> None:
    """Return None where something holds.

    Raises:
        ConformanceError: It does not.
    """
    if not truth:
        raise ConformanceError(message)


def same(expected: object, actual: object, message: str) -> None:
    """Return None where two values are the same.

    Raises:
        ConformanceError: They differ.
    """
    expect(expected == actual, f"{message}: expected {_short(expected)}, got {_short(actual)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


class FileReader(Protocol):
    """What loaders and crosswalk readers have in common."""

    def read(self, file: ReadableFile) -> Read:
        """Return the file parsed; `Skipped` or None for what is not its own."""
        ...


class SampleTrial:
    """Something that reads files, with its samples and an empty folder to work in."""

    reader: FileReader
    """What is tried."""

    def __init__(self, samples: Path | None, folder: Path) -> None:
        self.samples = samples
        """Folder of its sample files; None where it has no files of its own."""
        self.folder = folder

    def files(self) -> list[ReadableFile]:
        """Return every file among the samples.

        Raises:
            ConformanceError: There is none, or one cannot be opened.
        """
        if self.samples is None:
            return []
        found: list[ReadableFile] = []
        for file in readable_files(self.samples):
            if isinstance(file, ReleaseFormatError):
                raise ConformanceError(f"a sample cannot be opened: {file}")
            found.append(file)
        expect(found, f"expected sample files in {self.samples}, got none")
        return found

    def sample_paths(self) -> list[Path]:
        """Return the paths of the samples, sorted."""
        return sorted(path for path in self.samples.rglob("*") if path.is_file()) if self.samples else []

    def load(self, *paths: Path, store: str = "store") -> LoadReport:
        """Load paths (by default the samples) with what is tried, and with nothing else that is installed."""
        raise NotImplementedError

    def opened(self, store: str = "store") -> Terminology:
        """Return the store."""
        return open_store(self.folder / store)

    def store_folder(self, store: str = "store") -> StoreFolder:
        """Return where the files of the store lie."""
        return StoreFolder(self.folder / store)

    def pointer(self, store: str = "store") -> bytes | None:
        """Return the bytes of the store's pointer, or None where nothing was published."""
        path = self.store_folder(store).pointer
        return path.read_bytes() if path.exists() else None
