"""A family of groupings: a loader that takes each file for the groupings that it finds in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from terminology.drafts import Assembly, Part, Read
from terminology.groupings import GROUPINGS
from terminology.reading import ReadableFile
from terminology.systems import GROUPING, SystemDefinition

from .assembly import Companions, assembled

FileReader = Callable[[ReadableFile], Read]
"""Reads one form of file; None for any other file."""


class GroupingFamily:
    """Base of the loaders of groupings. A family states its name and its readers of files."""

    definition: SystemDefinition
    format_number = 1
    readers: ClassVar[Sequence[FileReader]] = ()
    """Asked in this order; the first that recognises a file reads it."""
    companions: ClassVar[Companions | None] = None

    def of_system(self, name: str) -> Self:  # noqa: ARG002 -- a file says itself which grouping it is of
        """Return the loader itself: a file says which grouping it is of."""
        return self

    def read(self, file: ReadableFile) -> Read:
        """Return what a file says of each grouping that it is of; `Skipped` for a known file without any; None for others."""
        for reader in self.readers:
            made = reader(file)
            if made is not None:
                return made
        return None

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the versions of one grouping that its parts make."""
        definition = parts[0].definition if parts else None
        calendar = definition.calendar if definition else "fiscal"
        return assembled(parts, calendar, type(self).companions)


def family_definition(name: str, title: str) -> SystemDefinition:
    """Return the placeholder that a loader of several groupings has for a definition."""
    return SystemDefinition(name, title, f"urn:terminology:groupings:{name}", kind=GROUPING)


def title_of(grouping: str) -> str:
    """Return the title of a built-in grouping."""
    return GROUPINGS[grouping].title
