"""Parse the files that a user names: each is offered to all loaders and readers, and its tables are written at once."""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final

from attrs import define, evolve, field, frozen

from ..drafts import AnySystemLoader, CopyLoader, CrosswalkReader, Loader, Part, Skipped
from ..errors import ReleaseFaults, ReleaseFormatError, StoreError
from ..licences import declared_licences, may_show, needs_licence
from ..model import Fault, Origin
from ..reading import Budget, ReadableFile, Tolerance, check_memory, decoded, readable_files, tolerating
from ..store.archive import PartLists
from ..systems import SYSTEMS
from .context import Progress
from .report import Skip
from .unexpected import guarded

Spill = Callable[[str | None, Part], Part]
"""Writes the tables of a part of a code system, or, where that is None, of a crosswalk reader."""

TEXT_SUFFIXES = frozenset({".txt", ".csv", ".tsv", ".xml", ".json"})
BINARY: Final = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF")
"""The first bytes of files that are no text. Their readers limit what they take."""
DOCUMENTS: Final = frozenset({".doc", ".docx", ".odt", ".ppt", ".pptx", ".odp"})
"""Endings of office files that are no workbooks."""
LOCK: Final = "~$"
"""So begin the names of the files by which office programs mark a workbook that is open."""
SHOWN_OF_A_LINE: Final = 60
"""Bytes of a line that is left out which are kept, so that its code can be read."""
NAMED_TIME = re.compile(r"(?:19|20)\d\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


@define
class Gathered:
    """Everything that was found under the paths."""

    systems: dict[str, list[Part]] = field(factory=dict)
    """Parts by code system."""
    readers: dict[str, list[Part]] = field(factory=dict)
    """Parts by name of the crosswalk reader."""
    skipped: list[Skip] = field(factory=list)
    errors: list[ReleaseFormatError] = field(factory=list)
    folders: dict[str, str] = field(factory=dict)
    """Of each part by identity: the folder of its file or archive."""
    licensed: set[str] = field(factory=set)
    """Labels and paths of files whose texts need a licence that is not declared: errors must not quote them."""

    @property
    def parts(self) -> PartLists:
        """All parts."""
        return PartLists(self.systems, self.readers)

    @property
    def is_recognised(self) -> bool:
        """Whether a loader or a crosswalk reader recognised anything, be it faulty."""
        return bool(self.systems or self.readers or self.errors)

    def add(self, other: Gathered) -> None:
        """Take in what was found elsewhere."""
        for system, parts in other.systems.items():
            self.systems.setdefault(system, []).extend(parts)
        for reader, parts in other.readers.items():
            self.readers.setdefault(reader, []).extend(parts)
        self.skipped += other.skipped
        self.errors += other.errors
        self.folders |= other.folders
        self.licensed |= other.licensed


@frozen
class Faulty:
    """What identifies the other files of the release of a faulty file. The bytes of the file are not kept."""

    label: str
    archive: str | None
    """Checksum of the archive that it came in."""
    folder: str
    time: tuple[str, ...]
    """Years and months in its name."""
    loader: str | None
    """The loader that recognised it; None where it could not be opened."""

    @classmethod
    def of(cls, file: ReadableFile, loader: str | None) -> Faulty:
        """Return it of a file."""
        return cls(file.label, file.archive_sha256, _folder(file), _named_time(file.name), loader)


@define
class Gatherer:
    """Offers files to loaders and crosswalk readers, and drops the files of the same release as a faulty one."""

    loaders: Mapping[str, Loader]
    readers: Mapping[str, CrosswalkReader]
    held: Mapping[Origin, Sequence[tuple[str | None, Part]]]
    """Parts that the store holds already, with their code systems (None of crosswalk readers): not read again."""
    spill: Spill
    progress: Progress
    budget: Budget
    store: Path
    """Skipped where it is among the files."""
    effective: datetime.date | None = None
    version: str | None = None
    accept_faults: int = 0
    """How many lines of a file that cannot be read the operator accepts."""
    found: Gathered = field(factory=Gathered)
    faulty_for: CrosswalkReader | None = None
    """The crosswalk reader that rejected the current file."""
    asked: str | None = None
    """The loader that was asked last about the current file; None after all have been asked."""

    def gather(self, paths: list[Path]) -> Gathered:
        """Return what the paths hold.

        Raises:
            FileNotFoundError: A path does not exist.
        """
        faulty: list[Faulty] = []
        for path in paths:
            if self.budget.is_spent:
                break
            for file in readable_files(path, budget=self.budget, apart_from=self.store):
                if isinstance(file, ReleaseFormatError):
                    self.found.errors.append(file)
                    if file.archive_sha256:
                        faulty.append(Faulty(file.file, file.archive_sha256, "", (), None))
                    continue
                self.progress("read", file.label)
                try:
                    with guarded(file.label, "the reading of the file", StoreError, OSError):
                        self._offer(file)
                except (ReleaseFormatError, ReleaseFaults) as error:
                    self._note(error)
                    if not error.is_of_companion:
                        faulty.append(Faulty.of(file, self.asked))
                finally:
                    if self._is_licensed(file):
                        self.found.licensed |= {file.label, str(file.path)}
        for item in faulty:
            self._reject_companions(item)
        return self.found

    def _is_licensed(self, file: ReadableFile) -> bool:
        """Return whether texts of a file need a licence: by the loader that recognises it, else by its content."""
        declared = declared_licences()
        if self.faulty_for is not None:
            reader = self.faulty_for
            named = {*reader.name.split("_"), *reader.releases_of, *(system for system, _ in reader.parts_of)}
            if any(name in SYSTEMS and not may_show(SYSTEMS[name], declared) for name in named):
                return True
        loader = self.loaders.get(self.asked or "")
        if loader is not None and not isinstance(loader, AnySystemLoader):
            return not may_show(loader.definition, declared)
        return needs_licence(f"{file.label} {_words(file)}", declared)

    def _note(self, error: ReleaseFormatError | ReleaseFaults) -> None:
        faults = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
        self.found.errors += [fault for fault in faults if isinstance(fault, ReleaseFormatError)]

    def _offer(self, file: ReadableFile) -> None:
        self.asked = self.faulty_for = None
        if not file.head.startswith(BINARY):
            check_memory(file.data, self.budget.limits, file.label)
        reasons: list[str] = []
        taken = self._offer_to_loaders(file, reasons)
        taken = self._offer_to_readers(file, reasons) or taken
        if taken:
            return
        if not reasons and (error := self._misencoded(file)):
            raise error
        self.found.skipped.append(Skip(file.path, "; ".join(reasons) or unrecognised_reason(file)))

    def _offer_to_loaders(self, file: ReadableFile, reasons: list[str]) -> bool:
        """Return whether a loader took the file, now or before."""
        held = [(owner, part) for owner, part in self.held.get(file.origin, ()) if part.loader in self.loaders]
        for owner, part in held:
            if owner is not None:
                self.asked = part.loader
                self._keep(self.found.systems, owner, file, part)
        if self.asked is not None:
            return True
        for system, loader in self.loaders.items():
            self.asked = system
            with guarded(file.label, f"the loader of {system}"), tolerating(self.accept_faults) as tolerance:
                made = loader.read(file)
            if isinstance(made, Part | tuple):
                for part in (made,) if isinstance(made, Part) else made:
                    self._take(_with_faults(part, tolerance, file), file, system, loader)
                return True
            if isinstance(made, Skipped):
                reasons.append(made.reason)
        self.asked = None
        return False

    def _take(self, part: Part, file: ReadableFile, system: str, loader: Loader) -> None:
        owner = part.definition.name if part.definition else system
        if owner != system and owner in self.loaders and not isinstance(loader, CopyLoader):
            raise ReleaseFormatError(f"{owner} has its own loader; {system} cannot read its files", file=file.label)
        self._keep(self.found.systems, owner, file, self._spilled(owner, evolve(part, loader=system)))

    def _offer_to_readers(self, file: ReadableFile, reasons: list[str]) -> bool:
        """Return whether a crosswalk reader took the file, now or before, or rejected it as faulty."""
        for system, part in self.held.get(file.origin, ()):
            if system is None and part.loader in self.readers:
                self._keep(self.found.readers, part.loader, file, part)
                return True
        for name, reader in self.readers.items():
            try:
                with guarded(file.label, f"the reader of {name}"), tolerating(self.accept_faults) as tolerance:
                    made = reader.read(file)
            except (ReleaseFormatError, ReleaseFaults) as error:
                # no crosswalk is made of the file; the releases in the same load are not affected
                self._note(error)
                self.faulty_for = reader
                return True
            if isinstance(made, Part):
                made = _with_faults(made, tolerance, file)
                self._keep(self.found.readers, name, file, self._spilled(None, evolve(made, loader=name)))
                return True
            if isinstance(made, Skipped):
                reasons.append(made.reason)
        return False

    def _spilled(self, system: str | None, part: Part) -> Part:
        with guarded(part.origin.label, "the writing of its tables", StoreError, OSError):
            return self.spill(system, part)

    def _misencoded(self, file: ReadableFile) -> ReleaseFormatError | None:
        """Return what is wrong with the encoding of a text that a loader would recognise in UTF-8; None for other files."""
        if file.suffix not in TEXT_SUFFIXES:
            return None
        try:
            decoded(file.data, file.label)
        except ReleaseFormatError as error:
            found = error
        else:
            return None
        plain = readable_bytes(file.data)
        repaired = ReadableFile(file.name, lambda: plain, archive=file.archive, archive_sha256=file.archive_sha256)
        asked: list[tuple[str, Loader | CrosswalkReader]] = [*self.loaders.items(), *self.readers.items()]
        for self.asked, reader in asked:
            try:
                with guarded(file.label, "a loader"):
                    taken = isinstance(reader.read(repaired), Part | tuple)
            except (ReleaseFormatError, ReleaseFaults):
                return found
            if taken:
                return found
        return None

    def _keep(self, lists: dict[str, list[Part]], name: str, file: ReadableFile, part: Part) -> None:
        if self.effective or self.version:
            part = evolve(part, effective=self.effective, version=self.version)
        lists.setdefault(name, []).append(part)
        self.found.folders[part.identity] = _folder(file)

    def _reject_companions(self, faulty: Faulty) -> None:
        """Drop the parts of its loader that belong to the release of a faulty file: of its archive, or folder and time.

        A loose file without a date in its name has no companions: a folder may hold anything.
        """

        def belongs(part: Part) -> bool:
            if isinstance(self.loaders.get(part.loader), CopyLoader):
                # a copy is a release by itself, whatever else the package holds
                return False
            if faulty.loader not in (None, part.loader) or (faulty.archive is None) != (part.origin.archive is None):
                return False
            if faulty.archive is not None:
                return part.origin.archive_sha256 == faulty.archive
            folder = self.found.folders[part.identity]
            return bool(faulty.time) and (folder, _named_time(part.origin.name)) == (faulty.folder, faulty.time)

        why = f"rejected with {faulty.label}, which is faulty"
        # a map that its own reader rejects has no companions; a file that could not be opened has companions of all kinds
        for lists in (self.found.systems, self.found.readers if faulty.loader is None else {}):
            for name, parts in lists.items():
                self.found.skipped += [Skip(part.origin.label, why) for part in parts if belongs(part)]
                lists[name] = [part for part in parts if not belongs(part)]


def _with_faults(part: Part, tolerance: Tolerance, file: ReadableFile) -> Part:
    if not tolerance.accepted:
        return part
    lines = [] if file.head.startswith(BINARY) else file.data.split(b"\n")

    def beginning(number: int | None) -> str | None:
        if number is None or number > len(lines):
            return None
        return lines[number - 1][:SHOWN_OF_A_LINE].decode("utf-8", "replace").strip() or None

    def accepted(error: ReleaseFormatError) -> Fault:
        # a line that follows missing ones is read, so that it is not quoted
        text = None if error.missing_lines else beginning(error.line)
        return Fault(error.file, error.line, error.column, error.message, text, error.missing_lines)

    return evolve(part, faults=tuple(map(accepted, tolerance.accepted)))


def _folder(file: ReadableFile) -> str:
    return str(PurePath(file.path.split("!")[0]).parent)


def _words(file: ReadableFile) -> str:
    """Return the whole text of a file, in any encoding, because its system may be named after the first bytes."""
    try:
        # a workbook is no text, so the first bytes are enough
        said = file.head if file.head.startswith(BINARY) else file.data
        return readable_bytes(said).decode("utf-8", "ignore")
    except ReleaseFormatError:
        # an unreadable file is quoted nowhere, and is reported already
        return ""


def _named_time(name: str) -> tuple[str, ...]:
    return tuple(sorted(word.lower() for word in NAMED_TIME.findall(name)))


def readable_bytes(data: bytes) -> bytes:
    """Return text in UTF-8: of UTF-16 all of it, of anything else without the bytes that are no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return data.replace(b"\0", b"").decode("utf-8", "ignore").encode()


def unrecognised_reason(file: ReadableFile) -> str:
    """Return why a file that no loader recognises is skipped."""
    office = (
        "text document: no loader reads codes from it"
        if file.suffix in DOCUMENTS
        else "workbook whose columns no loader knows"
    )
    known = {
        b"%PDF": "PDF document",
        b"{\\rtf": "RTF document",
        b"\xd0\xcf\x11\xe0": office,
        b"PK\x03\x04": office,
    }
    if not file.data:
        return "empty file"
    for magic, reason in known.items():
        if file.head.startswith(magic):
            return reason
    if PurePath(file.name).name.startswith(LOCK):
        return "lock file of an office program that has the workbook open: load the workbook itself"
    if file.is_html:
        return "web page"
    if b"<xs:schema" in file.head or b"<xsd:schema" in file.head:
        return "XML schema"
    return "no loader recognises its content"
