"""The value that a search answers with."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from ..status import Status
from .base import WithStatus
from .codes import Source


@frozen
class Hit(WithStatus):
    """A code that a search found, what of it matched, and from which file that is."""

    SHAPE: ClassVar = "code title billable score matched status term system version [via] [borrowed] source"

    code: str
    """In official form."""
    title: str
    """Of the code."""
    status: Status
    """What the code is on the day."""
    score: float
    """Between 0 and 1: 1 is a code as typed, or a term that has all words that were asked for and no others."""
    matched: str
    """``code``, ``title``, ``inclusion``, ``index`` or ``synonym``."""
    term: str
    """What matched: a title, an inclusion term, or a term of the index with those above it."""
    system: str
    """Short name of the code system."""
    version: str | None
    """The release in force on the day that was asked; None where none covers it."""
    source: Source | None
    """The file that the term is from, with its line where that is known."""
    via: tuple[str, ...] = ()
    """The lines of files of synonyms by which the question was read otherwise, as ``file: line``."""
    borrowed: str | None = None
    """The release that the term was taken from, where that of the edition came without such terms."""
