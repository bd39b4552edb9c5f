"""What a store is: its format, who wrote it, how large it is, and what of it a later program would read better."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from ..errors import StoreFormatError
from ..store import Catalog, StoreFolder, default_path
from ..store.damage import shape_of
from ..store.formats import FORMAT, OLDEST
from ..store.pointer import catalog_from, pointer_of, values_of
from .upgrading import EarlierReading, earlier_readings


@frozen
class StoreSizes:
    """How many bytes the files of a store have."""

    compiled: int
    """Query files, lists of parts and the pointer before."""
    releases: int
    """Tables of releases."""
    crosswalks: int
    """Tables of crosswalks."""
    parts: int
    """Parsed release files, of which loads are made."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.compiled + self.releases + self.crosswalks + self.parts


@frozen
class StoreDescription:
    """What a store is, of whatever format."""

    store: str
    """Folder of the store."""
    format: int
    """Format number of the store."""
    format_of_program: int
    """Format number that this version reads and writes."""
    written_by: str | None
    """Version of the program that published last; None where it did not say."""
    generation: int | None
    """Counts the publications."""
    problem: str | None
    """Why this version cannot answer from it, and what to run; None where it can."""
    releases: int | None
    """Number of releases, documents and groupings included; None of a store that cannot be read at all."""
    crosswalks: int | None
    """Number of versions of crosswalks, each direction by itself; None of a store that cannot be read at all."""
    sizes: StoreSizes
    """Bytes on the disk."""
    load_again: tuple[EarlierReading, ...]
    """Files that the loaders of this version read in another way."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**asdict(self), "sizes": {**asdict(self.sizes), "total": self.sizes.total}}


def described(store: str | os.PathLike[str] | None = None) -> StoreDescription:
    """Return what a store is. It may be of any format, also of a later one.

    Args:
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.

    Raises:
        StoreNotFoundError: There is no store.
        StoreDamagedError: Its pointer is damaged.

    >>> found = described(sample_store)
    >>> found.problem is None, found.format == found.format_of_program, found.load_again
    (True, True, ())
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    data, name = pointer_of(folder)
    values = values_of(data, name)
    with shape_of(name):
        written_by, generation, number = values.get("written_by"), values.get("generation"), values["format"]
    problem, catalog = _catalog(data, name)
    return StoreDescription(
        store=str(folder.path),
        format=number,
        format_of_program=FORMAT,
        written_by=written_by,
        generation=generation,
        problem=problem,
        releases=sum(len(entry.releases) for entry in catalog.systems.values()) if catalog else None,
        crosswalks=sum(len(entry.crosswalks) for entry in catalog.maps) if catalog else None,
        sizes=StoreSizes(**{place: _size(folder.path / place) for place in StoreSizes.__annotations__}),
        load_again=earlier_readings(folder, catalog) if catalog else (),
    )


def _catalog(data: bytes, name: str) -> tuple[str | None, Catalog | None]:
    """Return why a pointer cannot be answered from, and what it says nevertheless."""
    try:
        return None, catalog_from(data, name)
    except StoreFormatError as error:
        problem = str(error)
    try:
        return problem, catalog_from(data, name, OLDEST)
    except StoreFormatError:
        return problem, None


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
