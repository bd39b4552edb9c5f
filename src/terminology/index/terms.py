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
    """Of the column: ``Malignant Primary``, ``Poisoning, Accidental (unintentional)`` …"""
    code: str
    """As the table has it."""
    complete: bool
    """Whether that is a whole code, rather than the beginning of one."""
    billable: bool
    """Whether the code is billable in the edition that was asked."""


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
    """That the entry leads to; None where it only refers to another term."""
    complete: bool
    """Whether the index gives a whole code, rather than the beginning of one."""
    billable: bool
    """Whether the code is billable in the edition that was asked."""
    manifestation: str | None
    """The second code, in brackets, that is coded after the first; None where there is none."""
    see: str | None
    """The term to look up in its place; None where the entry has no such reference."""
    see_also: str | None
    """A further term to look up; None where the entry has none."""
    category: str | None
    """A category or subcategory that the term sends to as a whole."""
    cells: tuple[Cell, ...]
    """Columns of the neoplasm table or of the table of drugs; empty in the other indexes."""
    via: tuple[str, ...]
    """The path of the term whose "see" leads here; empty where the words themselves do."""
    borrowed: bool
    """Whether the index is another release's, as that of the edition came without it."""
    source: Source
    """The publisher's file and line."""
    use: str | None = None
    """Of ICD-10-PCS: the title of an axis' value that the term is another name of."""

    @property
    def version(self) -> str | None:
        """Version of the release that the index came with."""
        return self.source.version
