"""Everything that can be asked, without a protocol: one object, safe for threads, whose answers are plain values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from ..errors import suggestion
from .answers import INTERNAL_ERROR, Answer, error_of, traceback_of
from .parameters import ArgumentError
from .publications import LOG, Publications
from .resources import Resource, content_of, resources_of
from .tools import TOOLS, Tool

NAMED: Final[Mapping[str, Tool]] = {tool.name: tool for tool in TOOLS}


class Service:
    """Answers tools and resources from a store, and from what is published there later.

    Args:
        place: Folder or URL of the store; by default that of `terminology.open`.

    Raises:
        TerminologyError: There is no store, or it is damaged, or cannot be reached.

    >>> service = Service(sample_store)
    >>> found = service.call("explain", {"system": "icd10cm", "code": "M54.5", "on": "2022-03-01"})
    >>> found.values["answer"]["status"], found.values["edition"]["version"]
    ('header', '2022')
    >>> service.call("explain", {"system": "icd10cm"}).values["error"]["type"]
    'ArgumentError'
    """

    def __init__(self, place: str | os.PathLike[str] | None = None) -> None:
        self._publications = Publications(place)

    def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Return the answer of a tool, or the error that it ends with; raises only where there is no such tool.

        Raises:
            ArgumentError: There is no tool of this name.
        """
        if name not in NAMED:
            there_are = f": there are {', '.join(NAMED)}"
            raise ArgumentError(f"no tool {name!r}{suggestion(name, NAMED) or there_are}")
        try:
            return NAMED[name].answer(self._publications.current(), arguments)
        except Exception as error:  # noqa: BLE001 -- a client is told of every error, and asks on
            return reported(error, name)

    def resources(self) -> list[Resource]:
        """Return all addresses that can be read."""
        return resources_of(self._publications.current())

    def content(self, uri: str) -> Any:
        """Return what is at an address, as JSON; None where there is nothing."""
        return content_of(self._publications.current(), uri)


def reported(error: Exception, asked: str) -> Answer:
    """Return an error as it is sent to the client; that of the program itself is put into the log too, without values.

    Args:
        error: The error.
        asked: The tool, resource or prompt that was asked for.
    """
    found = error_of(error)
    if found.values["error"]["type"] == INTERNAL_ERROR:
        LOG.error("%s: %s at %s", asked, type(error).__name__, traceback_of(error))
    return found
