"""The indexes of an edition: from which release each is, in one form, and its rows as entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..errors import UnknownReleaseError
from ..model import Release, Source
from ..query import Edition, engine_of
from .rows import IndexRows
from .terms import Cell, IndexEntry

if TYPE_CHECKING:
    import pyarrow as pa

TABLE: Final = "index"
INDEXES: Final = ("alphabetic", "external", "neoplasm", "drug")
"""In the order in which equally good entries are listed."""
WHOLE: Final = 7
"""Characters of a code of ICD-10-PCS; its index mostly leads to beginnings of codes."""
TEXTS: Final = ("index", "path", "code", "manifestation", "see", "see_also", "category", "use", "heading", "file")
"""Columns of text of the table of an index."""
KEPT: Final = 8
"""Indexes of a code system that are kept open: some 20 MB each of the largest."""


@frozen
class Index:
    """One of the four, as an edition answers from it."""

    rows: IndexRows
    edition: Edition

    @property
    def which(self) -> str:
        """Its name: one of `INDEXES`."""
        return self.rows.which

    @property
    def release(self) -> Release:
        """The release that it came with."""
        return self.rows.release

    @property
    def is_borrowed(self) -> bool:
        """Whether it is another release's than the edition's."""
        return self.release != self.edition.release

    def entry(self, row: int) -> IndexEntry:
        """Return the entry of a term's row, with the cells that follow it."""
        return self.entries([row])[0]

    def entries(self, rows: Sequence[int]) -> list[IndexEntry]:
        """Return the entries of several rows of terms."""
        return [self._made(values, cells) for values, cells in self.rows.values(rows)]

    def _made(self, values: dict[str, Any], cells: Sequence[dict[str, Any]]) -> IndexEntry:
        file = values["file"]
        checksum = self.rows.checksums.get(file, "")
        return IndexEntry(
            index=self.which,
            path=tuple(values["terms"]),
            nonessential=tuple(values["nonessential"] or ()),
            code=values["code"],
            complete=values["complete"],
            billable=self._is_billable(values),
            manifestation=values["manifestation"],
            see=values["see"],
            see_also=values["see_also"],
            use=values.get("use"),
            category=values["category"],
            cells=tuple(
                Cell(cell["heading"], cell["code"], cell["complete"], self._is_billable(cell)) for cell in cells
            ),
            via=(),
            borrowed=self.is_borrowed,
            source=Source(self.release.system, self.release.version, file, checksum, values["line"]),
        )

    def _is_billable(self, values: dict[str, Any]) -> bool:
        return bool(values["code"] and values["complete"] and self.edition.is_billable(values["code"]))


def has_index(releases: Sequence[Release]) -> bool:
    """Return whether any of some releases came with an index."""
    return any(source.role == TABLE for release in releases for source in release.sources)


def indexes_of(edition: Edition) -> list[Index]:
    """Return each of the four from the nearest release that came with it.

    Raises:
        UnknownReleaseError: No release did.
    """
    opened = engine_of(edition).system.keep((TABLE, 0), lambda: _Opened(edition))
    releases = sorted(
        enumerate(edition.known),
        key=lambda pair: (
            pair[1] != edition.release,
            abs((pair[1].effective - edition.date).days),
            pair[1].effective,
        ),
    )
    found: dict[str, int] = {}
    for position, release in releases:
        if len(found) == len(INDEXES):
            break
        for which in opened.names(position) if has_index([release]) else ():
            found.setdefault(which, position)
    if not found:
        raise UnknownReleaseError(
            f"no release of {edition.system} up to {edition.date} came with an index: "
            "load the XML files of one; those of ICD-10-CM and ICD-10-PCS are read"
        )
    return [Index(opened.rows(found[which], which), edition) for which in INDEXES if which in found]


class _Opened:
    """The indexes of a code system that were asked for last, and which of them each release came with."""

    def __init__(self, edition: Edition) -> None:
        self._system = engine_of(edition).system
        self._names: dict[int, list[str]] = {}
        self._rows: dict[tuple[int, str], IndexRows] = {}

    def names(self, position: int) -> list[str]:
        """Return which of the four a release has."""
        if position not in self._names:
            table = self._system.archived(position)[TABLE]
            is_plain = "relation" in table.column_names
            self._names[position] = [INDEXES[0]] if is_plain else table.column(TABLE).unique().to_pylist()
        return self._names[position]

    def rows(self, position: int, which: str) -> IndexRows:
        """Return one of the four of a release."""
        # several threads may ask: each step leaves what others find whole
        found = self._rows.pop((position, which), None) or self._read(position, which)
        self._rows[position, which] = found
        for oldest in list(self._rows)[:-KEPT]:
            self._rows.pop(oldest, None)
        return found

    def _read(self, position: int, which: str) -> IndexRows:
        release = self._system.releases[position]
        table = in_one_form(self._system.archived(position)[TABLE], release)
        return IndexRows(which, _rows_of(table, which), release)


def in_one_form(table: pa.Table, release: Release) -> pa.Table:
    """Return the table of an index in the form of ICD-10-CM's; that of ICD-10-PCS has a row for each target.

    Its main terms that have no target of their own get a row, because terms are found from main term to main term.
    """
    if "relation" not in table.column_names:
        return table
    import pyarrow as pa

    file = next(source.file for source in release.sources if source.role == TABLE)
    rows: list[dict[str, Any]] = []
    for found in table.to_pylist():
        path, target, relation = found["path"], found["target"], found["relation"]
        if len(path) > 1 and not (rows and rows[-1]["terms"][0] == path[0]):
            rows.append(_row(path[:1], found["line"], file))
        words = {relation: found["text"]} if relation in ("see", "use") else {}
        whole = target is not None and len(target) == WHOLE
        rows.append({**_row(path, found["line"], file), "code": target, "complete": whole, **words})
    types = {name: pa.string() for name in TEXTS} | {name: pa.list_(pa.string()) for name in ("terms", "nonessential")}
    types |= {name: pa.int32() for name in ("level", "line", "column")} | {"complete": pa.bool_()}
    return pa.Table.from_pylist(rows, schema=pa.schema([*types.items()]))


def _row(path: Sequence[str], line: int, file: str) -> dict[str, Any]:
    words = {"path": ", ".join(path), "terms": path, "level": len(path) - 1, "line": line, "file": file}
    return {"index": INDEXES[0], "complete": False, **words}


def _rows_of(table: pa.Table, which: str) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(pc.equal(table.column(TABLE), which)).combine_chunks()
