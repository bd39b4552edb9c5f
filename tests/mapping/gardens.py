"""Stores of an invented system, its publisher's word on its codes, and maps to what plants are good for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

import terminology
from terminology import Terminology
from terminology.drafts import Part, Skipped
from terminology.model import Translation
from terminology.reading import ReadableFile
from terminology_crosswalks.own_map import OwnMapReader

from ..property.successions import Row, Story, SuccessionReader, day_of
from ..property.worlds import PLANTS, WorldLoader


class NamedReader(OwnMapReader):
    """Reads the maps whose file is named for it, so that several publications connect the same systems."""

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the map as a part, or None for a file of another publication."""
        return super().read(file) if file.origin.name.startswith(self.name) else None


READERS = {reader.name: reader for reader in (SuccessionReader(), *map(NamedReader, ("uses", "dyes", "teas")))}


@frozen
class Map:
    """A map between two systems, made for a release of plants."""

    rows: Sequence[str]
    name: str = "uses"
    version: str = "1"
    release: int = 0
    source: str = "plants"
    target: str = "goods"
    columns: str = "source,target,relationship"

    def data(self) -> bytes:
        """Return the file."""
        heading = [f"#crosswalk: {self.name}", f"#version: {self.version}", f"#effective: {day_of(self.release)}"]
        heading += [f"#source_system: {self.source}", f"#target_system: {self.target}", self.columns]
        return "\n".join([*heading, *self.rows, ""]).encode()


def uses(*rows: str, **more: Any) -> Map:
    """Return a map with some rows: a plant, what it is used for, and their relationship."""
    return Map(rows, **more)


def concepts(codes: str) -> dict[str, tuple[bool, str]]:
    """Return the concepts of a release: codes with a title (``PA=oak``), a header with a slash (``PA/``)."""
    parted = (word.partition("=") for word in codes.split())
    return {code.rstrip("/"): (not code.endswith("/"), title or "same") for code, _, title in parted}


def garden(
    folder: Path, releases: Sequence[str | None], rows: Sequence[Row], *maps: Map, retired: str | None = None
) -> Terminology:
    """Return a store of releases of plants, rows of its publisher on what became of codes, and maps.

    Args:
        folder: A new one.
        releases: The codes of each year (see `concepts`); None for a year that is missing.
        rows: What became of codes.
        *maps: From or to plants, or between other systems.
        retired: Day on which the whole system went out of use.
    """
    files = Story([concepts(codes or "") for codes in releases], list(rows)).write(folder / "files")
    for number, codes in enumerate(releases):
        if codes is None:
            (files / f"{number}-plants.world").unlink()
    for made in maps:
        (files / f"{made.name}-{made.version}.csv").write_bytes(made.data())
    loaders = {PLANTS.name: WorldLoader(evolve(PLANTS, retired=retired))}
    report = terminology.load(files, store=folder / "store", loaders=loaders, crosswalks=READERS)
    assert report.errors == ()
    return terminology.open(folder / "store")


def alternatives(found: Translation) -> list[tuple[str, str, str]]:
    """Return codes, kind and relationship of each alternative."""
    return [("+".join(one.codes), one.kind, one.relationship) for one in found.alternatives]
