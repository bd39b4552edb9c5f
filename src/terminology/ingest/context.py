"""A running load: what it was asked to read, what the store held when it began, and which readers are installed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from ..drafts import AnySystemLoader, CopyLoader, CrosswalkReader, Draft, Loader, Part
from ..errors import StoreDamagedError, TerminologyError, UnknownSystemError
from ..store import Catalog, StoreFolder, read_catalog
from ..store.archive import PartLists, read_parts_list
from ..store.pointer import EMPTY
from ..systems import SYSTEMS, SystemDefinition
from .copies import LoaderWithCopies

Progress = Callable[[str, str], None]
"""Called with the stage (read, build, compile) and what is being worked on."""

QUIET: Final[Progress] = lambda _stage, _label: None  # noqa: E731 -- shorter than a function

ATTEMPTS: Final = 3


@frozen
class Load:
    """One load: what the store held when it began, and where its tables go."""

    folder: StoreFolder
    staging: StoreFolder
    loaders: Mapping[str, Loader]
    readers: Mapping[str, CrosswalkReader]
    progress: Progress
    catalog: Catalog
    held: PartLists
    """Parts in force."""

    @classmethod
    def begun(
        cls,
        folder: StoreFolder,
        staging: StoreFolder,
        loaders: Mapping[str, Loader],
        readers: Mapping[str, CrosswalkReader],
        progress: Progress,
    ) -> Load:
        """Return a load over what the store holds now."""
        catalog, held = _held(folder)
        return cls(folder, staging, loaders, readers, progress, catalog, held)

    def only(self, keeps: Callable[[str | None, Part], bool]) -> Load:
        """Return the load as if the store held no other parts than those that are kept."""
        return evolve(self, held=self.held.only(keeps))

    def format_number(self, system: str | None, part: Part) -> int | None:
        """Return the format number of the loader that read a part of a code system; None where it is not installed.

        Where the system is None, of the crosswalk reader.
        """
        installed: Mapping[str, Loader | CrosswalkReader] = self.readers if system is None else self.loaders
        reader = installed.get(part.loader)
        return None if reader is None else reader.format_number

    def is_outdated(self, system: str | None, part: Part) -> bool:
        """Return whether a part was read by another version of its loader: its file has to be read again."""
        return self.format_number(system, part) not in (None, part.format_number)

    def loader(self, system: str, parts: Iterable[Part]) -> Loader:
        """Return the loader that assembles the parts of a system."""
        names = sorted({part.loader for part in parts})
        found = {name: self.loaders[name] for name in names if name in self.loaders}
        copies = {name: loader for name, loader in found.items() if isinstance(loader, CopyLoader)}
        own = [loader for name, loader in found.items() if name not in copies]
        if len(found) < len(names) or len(own) > 1 or (not own and len(copies) > 1):
            raise TerminologyError(f"no installed loader can assemble {system}: its parts are of {', '.join(names)}")
        if own and copies:
            return LoaderWithCopies(own[0], copies)
        return (own or list(copies.values()))[0]

    def definition(self, system: str, parts: Sequence[Part]) -> SystemDefinition:
        """Return what is fixed about a system: by its loader, else as the files of its newest release say it."""
        loader = self.loader(system, parts)
        if not any(part.definition for part in parts):
            return loader.definition
        return definition_of(loader, loader.assemble(parts).drafts)


def definition_of(loader: Loader, drafts: Sequence[Draft]) -> SystemDefinition:
    """Return the definition that the newest draft's authority gives, else the loader's."""
    said = [part.definition for draft in drafts for part in draft.parts[:1] if part.definition]
    return said[-1] if said else loader.definition


def _held(folder: StoreFolder) -> tuple[Catalog, PartLists]:
    """Return what the store holds, and its list of parts. Without the lock, the list may be deleted before it is read."""
    _check_pointer(folder)
    for attempt in range(ATTEMPTS):
        catalog = read_catalog(folder) if folder.pointer.exists() else EMPTY
        try:
            return catalog, read_parts_list(folder, catalog.parts)
        except StoreDamagedError:
            if attempt == ATTEMPTS - 1 or read_catalog(folder).generation == catalog.generation:
                raise
    raise AssertionError("unreachable")


def _check_pointer(folder: StoreFolder) -> None:
    """Check that the pointer is there, or that none was ever replaced.

    Raises:
        StoreDamagedError: It is lost; a load would publish without what it named, and delete that.
    """
    if not folder.pointer.exists() and any(folder.compiled.glob("*.pointer")):
        raise StoreDamagedError(
            f"{folder.pointer} is missing, but releases were published here: put it back from a copy of the store, "
            "or load the releases into a new store"
        )


@frozen
class Request:
    """What is to be read, and what the operator gave with it."""

    paths: Sequence[Path]
    version: str | None
    effective: datetime.date | None
    only: str | None
    """The code system that a loader for any system takes every file for."""
    loaders: Mapping[str, Loader]
    """Those that are asked."""
    readers: Mapping[str, CrosswalkReader]
    """Those that are asked."""
    accept_faults: int = 0
    """How many lines of a file that cannot be read the operator accepts."""


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
        copies = {name: one.of_system(system) for name, one in loaders.items() if isinstance(one, CopyLoader)}
        return {**copies, system: loaders[system]}, {}
    if system in readers:
        return {}, {system: readers[system]}
    for name, loader in loaders.items():
        if isinstance(loader, AnySystemLoader) and system not in SYSTEMS:
            return {name: loader.of_system(system)}, {}
    raise no_loader(system, loaders)


def no_loader(system: str, loaders: Mapping[str, Loader], further: str = "") -> UnknownSystemError:
    """Return the error that no loader reads a code system, with the loaders that there are."""
    held = ", ".join(sorted(loaders)) or "none"
    return UnknownSystemError(f"no loader for {system!r} (installed: {held}){', ' * bool(further)}{further}")
