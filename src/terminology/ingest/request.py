"""What a load is asked to read, and which loaders and crosswalk readers are asked about it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ..drafts import AnySystemLoader, CrosswalkReader, Loader
from ..errors import UnknownSystemError
from ..systems import SYSTEMS


@frozen
class Request:
    """What is to be read, and what the operator said of it."""

    paths: Sequence[Path]
    version: str | None
    effective: datetime.date | None
    only: str | None
    """The code system that a loader for any system takes every file for."""
    loaders: Mapping[str, Loader]
    """Those that are asked."""
    readers: Mapping[str, CrosswalkReader]
    """Those that are asked."""


def asked_readers(
    loaders: Mapping[str, Loader], readers: Mapping[str, CrosswalkReader], system: str | None
) -> tuple[Mapping[str, Loader], Mapping[str, CrosswalkReader]]:
    """Return which loaders and which crosswalk readers are asked about files.

    Args:
        loaders: All, by short name.
        readers: All, by name.
        system: Short name of a code system, or name of a crosswalk reader, that alone is asked; None for all.

    Raises:
        UnknownSystemError: There is neither a loader nor a reader of that name.
    """
    if system is None:
        return loaders, readers
    if system in loaders:
        return {system: loaders[system]}, {}
    if system in readers:
        return {}, {system: readers[system]}
    for name, loader in loaders.items():
        if isinstance(loader, AnySystemLoader) and system not in SYSTEMS:
            return {name: loader.of_system(system)}, {}
    raise no_loader(system, loaders)


def no_loader(system: str, loaders: Mapping[str, Loader], further: str = "") -> UnknownSystemError:
    """Return the error that no loader reads a code system, with the loaders that there are."""
    held = ", ".join(sorted(loaders)) or "none"
    return UnknownSystemError(f"no loader for {system!r}{', ' * bool(further)}{further} (installed: {held})")
