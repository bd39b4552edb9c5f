"""An open store: the code systems that are in force."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import StoreNotFoundError, UnknownGroupingError, UnknownSystemError, suggestion
from ..periods import DateLike
from ..store import Catalog, StoreFolder, default_path, read_catalog
from ..store.damage import damaged
from ..store.folder import ENVIRONMENT, url_of
from ..systems import DOCUMENT, GROUPING, SYSTEMS, declared_licences, named, names_of, plain_name
from .code_system import CodeSystem
from .compiled import CompiledStore, committed_table
from .edition import Edition

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from ..model import Crosswalk, Hit, Translation
    from .grouping import Grouping
    from .guidelines import Guidelines


VERIFY: Final = "TERMINOLOGY_VERIFY"


class Terminology(Mapping[str, CodeSystem]):
    """A store as it was published when it was opened: read-only, safe for threads, steady during loads.

    It can be pickled: it reopens the store by path or URL, as it is published then.
    """

    def __init__(self, folder: StoreFolder, catalog: Catalog, licences: str | Iterable[str] | None = None) -> None:
        self._compiled = CompiledStore(folder, catalog, declared_licences(licences))
        self._systems = {name: CodeSystem(self, system) for name, system in self._compiled.all_systems.items()}
        self._groupings: dict[str, Grouping] = {}
        self._names = {alias: name for name, one in self._systems.items() for alias in names_of(one.definition)}

    @property
    def path(self) -> Path:
        """Folder of the store; of one in an object store, the folder in the cache that has its files."""
        return self._compiled.folder.path

    @property
    def url(self) -> str | None:
        """URL of a store in an object store; None of one in a folder."""
        return self._compiled.folder.url

    @property
    def licences(self) -> frozenset[str]:
        """Short names of the systems whose licence the operator declares: their texts may leave the process."""
        return self._compiled.licences

    @property
    def generation(self) -> int:
        """Counts the publications: whether a store that is opened again has changed."""
        return self._compiled.generation

    @property
    def systems(self) -> tuple[str, ...]:
        """Short names of the code systems, sorted; `groupings` and `documents` are items of the store all the same."""
        return tuple(sorted(self._compiled.systems))

    @property
    def groupings(self) -> tuple[str, ...]:
        """Short names of the groupings, sorted.

        >>> "ccsr_dx" in store.groupings, "icd10cm" in store.groupings
        (True, False)
        """
        return self._of_kind(GROUPING)

    def _of_kind(self, kind: str) -> tuple[str, ...]:
        found = self._compiled.all_systems
        return tuple(sorted(name for name, one in found.items() if one.definition.kind == kind))

    def grouping(self, name: str) -> Grouping:
        """Return a grouping by its short name or URI.

        Raises:
            UnknownGroupingError: The store holds none of this name.

        >>> store.grouping("ccsr_dx").code_systems
        ('icd10cm',)
        """
        known = self._groupings.get(name) if type(name) is str else None
        if known is not None:
            # an import costs more than the groups of a code that was asked before
            return known
        from .grouping import loaded_grouping

        found = self._found(name)
        grouping = loaded_grouping(self._compiled, found.name) if found is not None else None
        if grouping is None:
            raise UnknownGroupingError(
                f"no grouping {name!r} in the store (it holds: {', '.join(self.groupings) or 'none'}); "
                f"load its files: terminology load PATH{suggestion(str(name), self.groupings)}"
            )
        return self._groupings.setdefault(grouping.name, grouping)

    @property
    def documents(self) -> tuple[str, ...]:
        """Short names of the documents, sorted; each is an item of the store, whose codes are numbers of sections.

        >>> store.documents
        ('icd10cm_guidelines',)
        """
        return self._of_kind(DOCUMENT)

    def guidelines(self, system: str) -> Guidelines:
        """Return the official guidelines for coding with a code system, all loaded versions of them.

        Args:
            system: Code system that they are for, by any of its names, be it loaded or not.

        Raises:
            UnknownSystemError: The store holds none; the message says how they are loaded.

        >>> section = store.guidelines("icd10cm").on("2022-03-01").section("I.C.13.b")
        >>> section.title, section.page
        ('Low back pain, category M54', 4)
        """
        from .guidelines import guidelines_of

        return guidelines_of(self, system)

    @property
    def crosswalks(self) -> tuple[Crosswalk, ...]:
        """The published maps that are loaded, every version and direction of them."""
        return tuple(crosswalk for rows in self._compiled.maps for crosswalk in rows.crosswalks)

    def table(self, crosswalk: Crosswalk, name: str = "mappings") -> pa.Table:
        """Return a table of a crosswalk as it was committed: ``mappings``, one row an alternative, or a further one.

        What further tables there are (``rows``, as published) is said on the page of the crosswalk's reader.

        Raises:
            UnknownCrosswalkError: The crosswalk is not of this store.
            UnknownTableError: It has no such table; it is a `KeyError`.
        """
        return committed_table(self._compiled.archived(crosswalk), name, crosswalk.label)

    def translate(
        self,
        code: str,
        *,
        source: str,
        target: str,
        on: DateLike | None = None,
        crosswalk: str | Sequence[str] | None = None,
        inverted: bool = False,
        billable: bool = False,
        corrected: bool = False,
    ) -> Translation:
        """Return what a code is in another code system: alternatives, or why there is none.

        Outcome ``mapped``, with all alternatives, the codes of each to be used together; ``none`` where the
        publisher says that there is nothing to map to; ``unknown`` where nothing that is loaded covers the code.
        A crosswalk was made for the editions of its own year. A code that is younger is first migrated back to
        them, and what the map gives is migrated to the edition asked for; ``path`` has each step. A map may lead to
        what was a header in its own editions; then that header is the answer, and its ``billable`` is False.

        Args:
            code: In any accepted form.
            source: Code system of the code, by any of its names.
            target: Code system to translate to. The same as ``source``: what replaced the code (`CodeSystem.became`),
                by all versions of its crosswalks, which continue each other, and in either direction.
            on: Day whose edition of the target is asked for; by default that of its newest release.
            crosswalk: Name, or name and version (``gems 2018``), of the one to use, or several in order; by default
                all that lead from source to target: the user's own maps first, then those of publishers. The first
                that covers the code answers. A map that calls itself something is named so, or as its reader is.
            inverted: Whether to read crosswalks that were published from target to source. Directions are
                separate publications that differ; an inverted one is a view that its publisher never gave.
            billable: Whether such a header is followed to the billable codes below it, by one step more.
            corrected: Whether what a later version of the crosswalk corrected counts for the version asked for: rows
                that differ though all their codes were in force in the editions of both. A step by a later row is
                ``corrected``, and ``detail["correction"]`` says what each version has, with file and line. It changes
                nothing where no later version is loaded, nor within one system, where the newest statement counts anyway.

        Raises:
            UnknownSystemError: A system is neither loaded nor built in, nor in any crosswalk.
            UnknownCrosswalkError: There is no crosswalk of that name between the systems.
            InvalidDateError: ``on`` is no date.
            TerminologyError: Both ``corrected`` and ``inverted`` are asked for.

        >>> str(store.translate("M54.5", source="icd10cm", target="hcpcs").outcome)
        'unknown'
        """
        from .translation import continued_within, translated

        source, target = self._system_name(source), self._system_name(target)
        if source == target:
            return continued_within(self._compiled, code, source, on=on, crosswalk=crosswalk, billable=billable)
        return translated(
            *(self._compiled, code, source, target),
            on=on,
            crosswalk=crosswalk,
            inverted=inverted,
            billable=billable,
            corrected=corrected,
        )

    def search(
        self,
        text: str,
        systems: Iterable[str] | None = None,
        limit: int = 10,
        *,
        on: DateLike | None = None,
        headers: bool = False,
        expired: bool = False,
        outgoing: bool = False,
        synonyms: Sequence[str | os.PathLike[str]] = (),
    ) -> tuple[Hit, ...]:
        """Return the codes of several code systems that a text finds, the best first; see `Edition.search`.

        Args:
            text: Words or a code.
            systems: By any of their names; by default all.
            limit: Most codes.
            on: The day of use; by default that of the newest release of each system.
            headers: Whether headers are found as well.
            expired: Whether codes that are not in force on the day are found as well.
            outgoing: Whether the answer is for somebody outside of the process.
            synonyms: Files of synonyms.

        >>> [(hit.system, hit.code) for hit in store.search("insulin", limit=1)]
        [('hcpcs', 'J1815')]
        """
        found: list[Hit] = []
        for name in self.systems if systems is None else systems:
            edition = self[name].latest if on is None else self[name].on(on)
            found += edition.search(text, limit, headers=headers, expired=expired, outgoing=outgoing, synonyms=synonyms)
        return tuple(sorted(found, key=lambda hit: -hit.score)[:limit])

    def _system_name(self, name: str) -> str:
        """Return the short name of a code system that is loaded, built in, or in a crosswalk, by any of its names."""
        if name in self:
            return self[name].name
        if any(name in (rows.source_system, rows.target_system) for rows in self._compiled.maps):
            return name
        definition = named(name)
        if definition is not None:
            return definition.name
        raise UnknownSystemError(self._absence(name))

    def __getitem__(self, name: str) -> CodeSystem:
        """Return the code system of this short name, FHIR URI, OID or alias.

        Raises:
            UnknownSystemError: The store holds none.
        """
        found = self._found(name)
        if found is None:
            raise UnknownSystemError(self._absence(name))
        return found

    def _absence(self, name: object) -> str:
        """Return that the store does not hold a system, and what to do: a message."""
        held = f"the store holds: {', '.join(self.systems) or 'none'}"
        missing = f"no code system {name!r} in the store"
        if not isinstance(name, str):
            return f"{missing} ({held})"
        known = named(name)
        if known and _is_loadable(known.name):
            return f"{missing}: {known.title} is not loaded ({held}); load its files: terminology load PATH"
        system = known.name if known else name
        maps = {one.name for one in self.crosswalks if system in (one.source_system, one.target_system)}
        if known or maps:
            only = f"only crosswalks have its codes: {', '.join(sorted(maps))}" if maps else "no loader reads its files"
            return f"{missing}: {only} ({held}); load a list of codes: terminology load FILE --system {system}"
        return f"{missing} ({held}){self._suggestion(name)}"

    def _suggestion(self, name: str) -> str:
        """Return the short names that were probably meant, as the end of a message; nothing where none is near."""
        definitions = {**SYSTEMS, **{one.name: one.definition for one in self.values()}}
        names = {_plainest(known): one for one, definition in definitions.items() for known in names_of(definition)}
        same = names.get(_plainest(name))
        return f"; did you mean {same!r}?" if same else suggestion(name, definitions)

    def _found(self, name: object) -> CodeSystem | None:
        if not isinstance(name, str):
            return None
        return self._systems.get(name) or self._systems.get(self._names.get(plain_name(name), ""))

    if not TYPE_CHECKING:
        # a type checker knows what there is

        def __getattr__(self, name: str) -> Any:
            if not name.startswith("_"):
                if name in self:
                    raise AttributeError(f"a code system is an item: store[{self[name].name!r}]", name=name, obj=self)
                if hasattr(CodeSystem, name) or hasattr(Edition, name):
                    way = f"store[system].{name}" if hasattr(CodeSystem, name) else f"store[system].on(day).{name}"
                    raise AttributeError(
                        f"a store has no {name!r}: choose a code system, as in {way}", name=name, obj=self
                    )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __contains__(self, name: object) -> bool:
        return self._found(name) is not None

    def get(self, name: object, default: Any = None) -> Any:
        """Return the code system of this short name, FHIR URI, OID or alias; the default on a miss.

        >>> store.get("ICD-10-CM").name, store.get("snomed")
        ('icd10cm', None)
        """
        # that of a mapping would ask for the item, and a miss of that costs a suggestion
        found = self._found(name)
        return default if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.systems)

    def __len__(self) -> int:
        return len(self._compiled.systems)

    def __repr__(self) -> str:
        return f"<Terminology {self.url or self.path}: {', '.join(self.systems) or 'empty'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.url or self.path, self.licences)


def _plainest(name: str) -> str:
    """Return a name without its signs: ``icd10-cm`` is written as ``icd-10-cm`` and ``icd10cm`` are.

    >>> _plainest("ICD10-cm") == _plainest("icd-10-cm") == _plainest("icd10cm")
    True
    """
    return "".join(filter(str.isalnum, name.lower()))


def _is_loadable(system: str) -> bool:
    """Return whether there is a loader for the files of a system."""
    from ..registry import loaders

    return system in loaders()


def _reopened(path: Path | str, licences: frozenset[str]) -> Terminology:
    return open_store(path, licences=licences)


def opened_store(store: Terminology | str | os.PathLike[str] | None) -> Terminology:
    """Return a store that is open, or the one at a path or URL, as of `open_store`."""
    return store if isinstance(store, Terminology) else open_store(store)


def open_store(
    path: str | os.PathLike[str] | None = None,
    *,
    licences: str | Iterable[str] | None = None,
    verify: bool | None = None,
    progress: Callable[[str, str, int, int | None], None] | None = None,
) -> Terminology:
    """Return the store at a path or URL, as it is published now.

    A store in an object store is opened by its URL. Its pointer is read, and what the local cache lacks of its files is
    downloaded; answers then need no network, but those from tables of the archive (the index, tables as published), which
    are downloaded when the first of these asks for them.

    Args:
        path: Folder of the store, or URL (``s3://bucket/prefix``); by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        licences: Systems whose licence the caller holds, so that their texts may leave the process (`licences`): names,
            or one text with commas between them; by default those in ``$TERMINOLOGY_LICENCES``.
        verify: Whether to check every compiled file in force, its checksum and its structure, before returning (what is
            damaged in the cache of a store in an object store is then downloaded again); by
            default whether ``$TERMINOLOGY_VERIFY`` is set to anything but ``0``. Without it a column is checked
            when the first answer needs it.
        progress: Called with stage, file, and bytes that are done and to be done, while files are downloaded.

    Raises:
        StoreNotFoundError: Nothing was ever loaded there, or pushed there.
        StoreDamagedError: The pointer of the store is damaged, or names a file that is gone or of another size;
            with ``verify``, a compiled file is not what was written. Answers raise it as well.
        UnreachableError: The object store does not answer.
        FetchError: It denies access.
        TerminologyError: It is one, and obstore is not installed.

    >>> import terminology
    >>> store = terminology.open(sample_store)
    >>> "icd10cm" in store, "ICD-10-CM" in store, "http://hl7.org/fhir/sid/icd-10-cm" in store
    (True, True, True)
    """
    place = path if path is not None else os.environ.get(ENVIRONMENT) or default_path()
    thorough = os.environ.get(VERIFY, "0") not in ("", "0") if verify is None else verify
    folder, current = _source(place, thorough=thorough, progress=progress)
    # a load may delete a file between reading the pointer and opening the file; the new pointer names other files
    for attempt in range(3):
        try:
            return _opened(folder, current(), licences, thorough=thorough)
        except StoreNotFoundError:
            raise
        except FileNotFoundError as error:
            if attempt == 2:  # noqa: PLR2004 -- the last of three
                if error.filename and (url_of(error.filename) or folder.compiled_location in str(error.filename)):
                    raise damaged(error.filename, "is missing") from None
                raise
    raise AssertionError("unreachable")


def _source(
    place: str | os.PathLike[str], *, thorough: bool, progress: Callable[[str, str, int, int | None], None] | None
) -> tuple[StoreFolder, Callable[[], Catalog]]:
    """Return the folder that has the files of a store, and a function that returns what is in force."""
    url = url_of(place)
    if url is None:
        folder = StoreFolder(place)
        return folder, lambda: read_catalog(folder)
    from ..store.cache import CachedFolder

    cached = CachedFolder(url)
    return cached, lambda: cached.catalog(thorough=thorough, progress=progress)


def _opened(folder: StoreFolder, catalog: Catalog, licences: Iterable[str] | None, *, thorough: bool) -> Terminology:
    made = Terminology(folder, catalog, licences)
    if thorough:
        from ..store.verify import require_sound

        require_sound(folder, catalog)
    return made
