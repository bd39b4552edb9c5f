"""An open store: the code systems that are in force."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import StoreDamagedError, UnknownSystemError
from ..licences import declared_licences
from ..store import Catalog, StoreFolder, default_path, read_catalog
from ..systems import names_of
from .code_system import CodeSystem


class Terminology(Mapping[str, CodeSystem]):
    """A store as it was published when it was opened: read-only, safe for threads, steady during loads."""

    def __init__(self, folder: StoreFolder, catalog: Catalog, licences: Iterable[str] | None = None) -> None:
        self.licences = declared_licences(licences)
        """Short names of the systems whose licence the operator declares: their texts may leave the process."""
        self.path = folder.path
        """Folder of the store."""
        self.generation = catalog.generation
        """Counts the publications: whether a store that is opened again has changed."""
        self._systems = {name: CodeSystem(self, folder, entry) for name, entry in catalog.systems.items()}
        self._names = {alias: name for name, entry in catalog.systems.items() for alias in names_of(entry.definition)}

    @property
    def systems(self) -> tuple[str, ...]:
        """Short names of the code systems, sorted."""
        return tuple(sorted(self._systems))

    def __getitem__(self, name: str) -> CodeSystem:
        """Return the code system of this short name, FHIR URI, OID or alias.

        Raises:
            UnknownSystemError: The store holds none.
        """
        found = self._systems.get(name)
        if found is None:
            key = self._names.get(name.lower())
            if key is None:
                held = ", ".join(self.systems) or "none"
                raise UnknownSystemError(f"no code system {name!r} in the store (it holds: {held})")
            found = self._systems[key]
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._systems or name.lower() in self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.systems)

    def __len__(self) -> int:
        return len(self._systems)

    def __repr__(self) -> str:
        return f"<Terminology {self.path}: {', '.join(self.systems) or 'empty'}>"


def open_store(path: str | os.PathLike[str] | None = None, *, licences: Iterable[str] | None = None) -> Terminology:
    """Return the store at a path, as it is published now.

    Args:
        path: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        licences: Systems whose licence the caller holds, so that faces may send their texts away (`licences`);
            by default those in ``$TERMINOLOGY_LICENCES``.

    Raises:
        StoreNotFoundError: Nothing was ever loaded there.
        StoreDamagedError: The pointer of the store is damaged, or names a file that is gone.

    >>> import terminology
    >>> store = terminology.open(sample_store)
    >>> "icd10cm" in store, "ICD-10-CM" in store, "http://hl7.org/fhir/sid/icd-10-cm" in store
    (True, True, True)
    """
    folder = StoreFolder(Path(path) if path is not None else default_path())
    # a writer may sweep a file between the reading of the pointer and its opening; the new pointer names others
    for attempt in range(3):
        try:
            return Terminology(folder, read_catalog(folder), licences)
        except FileNotFoundError as error:
            if attempt == 2 or not folder.pointer.exists():  # noqa: PLR2004 -- the last of three
                if error.filename and str(folder.compiled) in str(error.filename):
                    raise StoreDamagedError(f"{error.filename} is missing: run terminology verify") from None
                raise
    raise AssertionError("unreachable")
