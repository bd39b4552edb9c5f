"""Stores of an invented system, its publisher's word on its codes, and maps to what plants are good for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

import terminology
from terminology import Terminology, schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
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


class SeedReader:
    """Knows by heart, from no file, which plant grows of seeds."""

    name = "seeds"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> None:
        """Return None: no file is read."""

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk of one row."""
        import pyarrow as pa

        row = {
            "source_code": "seed",
            "with_codes": [],
            "target_codes": ["PA"],
            "relationship": "related-to",
            "source": 0,
        }
        built = Built({"mappings": pa.Table.from_pylist([row], schema=schema.mappings())})
        return CrosswalkAssembly((CrosswalkDraft("1", "packets", PLANTS.name, day_of(0), lambda: built, ()),))


READERS = {
    reader.name: reader for reader in (SuccessionReader(), SeedReader(), *map(NamedReader, ("uses", "dyes", "teas")))
}


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
    loaders = {PLANTS.name: WorldLoader(PLANTS._replace(retired=retired))}
    report = terminology.load(files, store=folder / "store", loaders=loaders, crosswalks=READERS)
    assert report.errors == ()
    return terminology.open(folder / "store")


def alternatives(found: Translation) -> list[tuple[str, str, str]]:
    """Return codes, kind and relationship of each alternative."""
    return [("+".join(one.codes), one.kind, one.relationship) for one in found.alternatives]
