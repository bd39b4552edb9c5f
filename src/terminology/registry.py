"""Loaders and crosswalk readers by entry point: ours and a third party's are found in the same way."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .drafts import CrosswalkReader, Loader
from .errors import TerminologyError

LOADERS = "terminology.loaders"
CROSSWALKS = "terminology.crosswalks"


@cache
def loaders() -> dict[str, Loader]:
    """Return every installed loader by the short name of its code system, sorted by name.

    Raises:
        TerminologyError: An entry point cannot be imported, or names something that is no loader, or two claim one system.

    >>> "icd10cm" in loaders()
    True
    """
    found: dict[str, Loader] = {}
    for point in sorted(entry_points(group=LOADERS), key=lambda point: point.name):
        loader = _made(point)
        if not isinstance(loader, Loader):
            raise TerminologyError(f"entry point {point.name} = {point.value} is not a loader")
        if loader.definition.name in found:
            raise TerminologyError(f"two loaders claim the code system {loader.definition.name}")
        found[loader.definition.name] = loader
    return found


@cache
def crosswalk_readers() -> dict[str, CrosswalkReader]:
    """Return every installed crosswalk reader by name, sorted.

    Raises:
        TerminologyError: An entry point cannot be imported, or names something that is no crosswalk reader, or two have one name.

    >>> list(crosswalk_readers()) == sorted(crosswalk_readers())
    True
    """
    found: dict[str, CrosswalkReader] = {}
    for point in sorted(entry_points(group=CROSSWALKS), key=lambda point: point.name):
        reader = _made(point)
        if not isinstance(reader, CrosswalkReader):
            raise TerminologyError(f"entry point {point.name} = {point.value} is not a crosswalk reader")
        if reader.name in found:
            raise TerminologyError(f"two crosswalk readers are named {reader.name}")
        found[reader.name] = reader
    return found


def _made(point: EntryPoint) -> Any:
    """Return an instance of what an entry point names; a package with a fault must not look like a fault of ours."""
    try:
        return point.load()()
    except Exception as error:
        package = f" of {point.dist.name}" if point.dist else ""
        raise TerminologyError(
            f"entry point {point.name} = {point.value}{package} cannot be loaded ({type(error).__name__}: {error}); "
            "mend or uninstall the package"
        ) from error
