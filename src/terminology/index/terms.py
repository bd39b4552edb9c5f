"""What an index says of a term: the values that are answered."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from ..model import Source, Value


@frozen
class Cell(Value):
    """A code in a column of the neoplasm table or of the table of drugs and chemicals."""

    SHAPE: ClassVar = "heading code complete billable"

    heading: str
    code: str
    complete: bool
    billable: bool


@frozen
class IndexEntry(Value):
    """A term of an index with what it leads to."""

    SHAPE: ClassVar = (
        "index path nonessential code complete billable manifestation see see_also category [use] cells via version "
        "borrowed source"
    )

    index: str
    """alphabetic, external (causes), neoplasm or drug."""
    path: tuple[str, ...]
    """From the main term down."""
    nonessential: tuple[str, ...]
    """Words that may stand beside the term and do not change the code."""
    code: str | None
    complete: bool
    """Whether the index gives a whole code, rather than the beginning of one."""
    billable: bool
    """Whether the code is billable in the edition that was asked."""
    manifestation: str | None
    see: str | None
    see_also: str | None
    category: str | None
    """A category or subcategory that the term sends to as a whole."""
    cells: tuple[Cell, ...]
    via: tuple[str, ...]
    """The path of the term whose "see" leads here; empty where the words themselves do."""
    borrowed: bool
    """Whether the index is another release's, as that of the edition came without it."""
    source: Source
    use: str | None = None
    """Of ICD-10-PCS: the title of an axis' value that the term is another name of."""

    @property
    def version(self) -> str | None:
        """Version of the release that the index came with."""
        return self.source.version
