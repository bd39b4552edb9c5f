"""What a loader hands over: parts of releases, and the plan by which parts become releases.

A *part* is one release file, parsed. The store keeps the parts; releases are a pure function of the set of
parts, computed by the loader's `Loader.assemble`. So the order in which files arrive cannot matter, a file
that arrives late makes a new revision of its release, and loading the same bytes twice changes nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from attrs import field, frozen

from .model import Fault, Gap, Origin, Release, SourceFile, lines_lost
from .systems import SystemDefinition

if TYPE_CHECKING:
    import pyarrow as pa

    from .reading import ReadableFile

Tables = Mapping[str, "pa.Table"]


@frozen
class Part:
    """One release file, parsed.

    ``facts`` are small JSON values that identify and date the part (counts, years, day of the name); they
    are kept in the state of the store, so that assembling can be planned without reading a table.
    """

    kind: str
    """The loader's own name: order, tabular, addenda, rows …"""
    origin: Origin
    """The file that it was read from."""
    facts: Mapping[str, Any] = field(factory=dict, hash=False)
    """Small JSON values that identify and date it."""
    tables: Tables = field(factory=dict, hash=False, eq=False, repr=False)
    """By the loader's own names."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was read, a sentence each."""
    faults: tuple[Fault, ...] = field(default=(), kw_only=True)
    """Of lines that it lacks, which the operator accepted."""
    effective: datetime.date | None = None
    """Given by the operator; overrides what the file says."""
    version: str | None = None
    """Given by the operator; overrides what the file says."""
    definition: SystemDefinition | None = None
    """Of a loader for any code system: the one that the file says it is of."""
    loader: str = ""
    """Name of the loader, or of the crosswalk reader, that read it; noted when it is gathered."""
    format_number: int = 0
    """Its format number then."""

    @property
    def lines_left_out(self) -> int:
        """How many of its lines are missing or could not be read, and were accepted."""
        return lines_lost(self.faults)

    @property
    def identity(self) -> str:
        """A digest of bytes and names; the same bytes under another name are another part."""
        words = [self.kind, self.origin.sha256, self.origin.name, self.origin.archive, self.origin.archive_sha256]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()

    @property
    def revision(self) -> str:
        """A digest of all that can change the release: identity, and what the operator gave with it and accepted."""
        words = [self.identity, self.effective and self.effective.isoformat(), self.version]
        words += [str(fault) for fault in self.faults]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()

    def source(self) -> SourceFile:
        """Return the part as a line of a release's manifest."""
        return SourceFile(self.origin.label, self.origin.sha256, self.origin.size, self.kind)


@frozen
class Skipped:
    """A file that the loader knows, but that is no release of codes."""

    reason: str
    """Why it is none, as a sentence."""


Read: TypeAlias = Part | tuple[Part, ...] | Skipped | None
"""What a loader makes of a file."""


@frozen
class Built:
    """The tables of a release (``concepts`` first of all), and what was noticed while making them."""

    tables: Tables
    """By name, as `terminology.schema` has them."""
    warnings: tuple[str, ...] = ()
    """What was noticed while they were made, a sentence each."""
    licence: str | None = None
    """The copyright notice that the files carry."""


@frozen
class Draft:
    """A release as planned: which parts make it, and how to build its tables."""

    version: str
    """The version label: ``2024``, ``2023-04``."""
    effective: datetime.date
    """First day in force."""
    parts: tuple[Part, ...]
    """The release's own sources; the first is the authority that answers cite."""
    build: Callable[[], Built] = field(eq=False, repr=False)
    """Raises `ReleaseFaults` or `ReleaseFormatError` where the parts contradict each other."""
    borrowed: tuple[Part, ...] = ()
    """Parts of other releases that fill in what this one lacks."""
    derived: bool = False
    """Whether it is rebuilt from a neighbour and the publisher's addenda."""
    correction: int = 0
    """0 of the release as first published, 1 of the first one that replaces it the same day, and so on."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was planned, a sentence each."""

    def digest(self, system: str, format_number: int) -> str:
        """Return a digest of everything that decides what the release will hold."""
        words = [
            system,
            format_number,
            self.version,
            self.effective.isoformat(),
            self.derived,
            self.correction,
            [part.revision for part in self.parts],
            sorted(part.revision for part in self.borrowed),
            list(self.warnings),
        ]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()


@frozen
class Assembly:
    """All releases that a set of parts makes, in order of their effective days; and what is missing."""

    drafts: tuple[Draft, ...]
    """In order of their first days."""
    gaps: tuple[Gap, ...] = ()
    """Times for which releases of the publisher are not loaded."""
    refused: tuple[tuple[Part, str], ...] = ()
    """Parts that contradict others, or that nothing dates, with the reason; a load rejects them."""
    unused: tuple[tuple[Part, str], ...] = ()
    """Parts that no release uses, with the reason; they are kept, a later file may need them."""


@runtime_checkable
class Loader(Protocol):
    """Reads the release files of one code system. Found through the entry point group ``terminology.loaders``.

    A loader never reads the store, never touches the network and holds no state between calls.
    """

    definition: SystemDefinition
    """Of the code system; of a loader for any system a placeholder whose name is the loader's."""
    format_number: int
    """Raised when the loader would read the same bytes differently: stored releases are then rebuilt."""

    def read(self, file: ReadableFile) -> Read:
        """Return the file parsed; `Skipped` for a known file that holds no codes; None for any other file.

        A loader for several code systems may return several parts of one file, each of a system and of a kind of its own.

        Raises:
            ReleaseFaults: The file is of this system, and faulty.
            ReleaseFormatError: There is one such error only.
        """
        ...

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make; the order of the parts must not matter."""
        ...


@runtime_checkable
class AnySystemLoader(Loader, Protocol):
    """A loader for code systems that have none of their own: each part names its system in its definition."""

    def of_system(self, name: str) -> Loader:
        """Return a loader that takes every file for one of the code system of this short name."""
        ...


@runtime_checkable
class CopyLoader(AnySystemLoader, Protocol):
    """A loader for copies of releases, of systems that have a loader of their own too: FHIR resources made of them.

    Where the publisher's own files of a release are loaded as well, they make it, and the copy is not used.
    """

    reads_copies: bool
    """True."""


@frozen
class CommittedRelease:
    """A release with its tables, as a crosswalk reader may read it."""

    release: Release
    """What is known of it as a whole."""
    digest: str
    """That changes with its content."""
    tables: Tables = field(hash=False, eq=False, repr=False)
    """By name; each is read when it is asked for."""


@frozen
class CrosswalkDraft:
    """A crosswalk as planned: one direction of one publication, and how to build its tables."""

    version: str
    """The publisher's year, with the month of an update (``2023``, ``2023-04``), or what the publication calls it."""
    source_system: str
    """Short name of the code system that it maps from."""
    target_system: str
    """Short name of the code system that it maps to."""
    effective: datetime.date
    """First day of the editions that the map connects to."""
    build: Callable[[], Built] = field(eq=False, repr=False)
    """Gives the table ``mappings`` (`schema.mappings`), and what else is worth keeping: ``rows`` as published."""
    parts: tuple[Part, ...] = ()
    """Its own parsed files."""
    releases: tuple[CommittedRelease, ...] = ()
    """That it is made of besides."""
    title: str = ""
    """The publisher's name of the publication."""
    warnings: tuple[str, ...] = ()
    """What was noticed, a sentence each."""
    identity: str = ""
    """Name or URL by which the map calls itself, where the reader reads maps of many; else the reader's name suffices."""
    own: bool = False
    """Whether it is the user's own, and answers before those of publishers."""
    consulted: tuple[CommittedRelease, ...] = ()
    """Releases by which doubts about the parts are settled; they are no sources, but what is built depends on them."""

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files that the crosswalk was made of; rows point to them by their place."""
        own = [part.source() for part in self.parts]
        return (*own, *(source for item in self.releases for source in item.release.sources))

    def digest(self, name: str, format_number: int) -> str:
        """Return a digest of everything that decides what the crosswalk will hold."""
        words = [
            *(name, format_number, self.version, self.source_system, self.target_system, self.effective.isoformat()),
            self.title,
            [part.revision for part in self.parts],
            [item.digest for item in self.releases],
            list(self.warnings),
            *((self.identity, self.own) if self.identity or self.own else ()),
            *([item.digest for item in self.consulted],) * bool(self.consulted),
        ]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()


@frozen
class CrosswalkAssembly:
    """All crosswalks that a set of parts and releases makes."""

    drafts: tuple[CrosswalkDraft, ...]
    """In any order; each is one direction of one publication."""
    refused: tuple[tuple[Part, str], ...] = ()
    """Own parts that contradict others, or that nothing dates, with the reason; a load rejects them."""
    unused: tuple[tuple[Part, str], ...] = ()
    """Own parts that no crosswalk uses, with the reason; they are kept."""


@runtime_checkable
class CrosswalkReader(Protocol):
    """Reads one kind of published map. Found through the entry point group ``terminology.crosswalks``.

    Like a loader it never reads the store, never touches the network and holds no state between calls. What a
    loader parsed already need not be read again: a reader may also be given parts and releases of code systems.
    """

    name: str
    """Under which it is found, and by which its maps are called."""
    format_number: int
    """Raised when the reader would read the same bytes differently."""
    parts_of: frozenset[tuple[str, str]]
    """System and kind of the loaders' parts that it takes besides its own."""
    releases_of: frozenset[str]
    """Systems whose releases it takes."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file parsed; `Skipped` for a known file that holds no map; None for any other file.

        Raises:
            ReleaseFaults: The file is such a map, and faulty.
            ReleaseFormatError: There is one such error only.
        """
        ...

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return the crosswalks that parts and releases make; the order of the parts must not matter."""
        ...
