"""The folder of reports: a report is written aside, and given its name when the store is as it says.

A report is written before the publication that it describes, into a hidden folder together with the digest of the
pointer to come. If the job is killed in between, the next one finds by the digest which of the two happened.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ..store import Catalog, StoreFolder, read_catalog
from ..store.folder import make_folder, naming, opened_for_writing, sync_file, sync_folder, write_durably
from ..store.pointer import catalog_bytes, pointer_digest

PENDING: Final = ".pending"
MARK: Final = ".publication.json"
SUMMARY: Final = "summary.json"
LATEST: Final = "latest.json"


@frozen
class Cabinet:
    """The folder of reports."""

    folder: Path

    @property
    def pending(self) -> Path:
        """The folder of the report that is being written."""
        return self.folder / PENDING

    def begin(self) -> Path:
        """Return an empty folder for the report of this update."""
        self._discard()
        make_folder(self.pending)
        return self.pending

    def free_name(self, name: str) -> str:
        """Return the name, with a number where another report has it: two runs within a second, a clock set back."""
        return next(free for free in _numbered(name) if not os.path.lexists(self.folder / free))

    def free_stem(self, stem: str) -> str:
        """Return the stem of file names, with a number where files of the report have it: lists of one name."""
        # names that differ in case only are one file on some systems
        taken = {path.stem.casefold() for path in self.pending.iterdir()}
        return next(free for free in _numbered(stem) if free.casefold() not in taken)

    def write(self, name: str, text: str) -> str:
        """Put a file into the report that is being written; return its name."""
        # names of files may hold bytes that are no text
        path = self.pending / name
        with naming(path), opened_for_writing(path) as file:
            file.write(text.encode("utf-8", "backslashreplace"))
        return name

    def seal(self, name: str, summary: Mapping[str, Any], catalog: Catalog | None) -> None:
        """Make the report durable, with the digest of the pointer whose publication makes it true.

        Args:
            name: Of its folder to be.
            summary: For monitors.
            catalog: What is going to be published; None where nothing is.
        """
        digest = hashlib.sha256(catalog_bytes(catalog)).hexdigest() if catalog else None
        self.write(SUMMARY, json_lines(summary))
        for file in self.pending.iterdir():
            sync_file(file)
        write_durably(self.pending / MARK, json_lines({"name": name, "pointer": digest}).encode())

    def file(self, *, is_latest: bool = True) -> Path:
        """Make the sealed report the latest, and give it its name; return its folder.

        Args:
            is_latest: False for the report of an earlier update: the latest is of the one that is running.
        """
        mark = json.loads((self.pending / MARK).read_text(encoding="utf-8"))
        target = self.folder / self.free_name(mark["name"])
        # first, so that a kill in between is seen: as long as the report has no name, it is filed again
        if is_latest:
            write_durably(self.folder / LATEST, (self.pending / SUMMARY).read_bytes())
        os.rename(self.pending, target)
        sync_folder(self.folder)
        (target / MARK).unlink(missing_ok=True)
        return target

    def note(self, summary: Mapping[str, Any]) -> None:
        """Make a summary the latest, of an update that is running, failed, or has no report."""
        write_durably(self.folder / LATEST, json_lines(summary).encode())

    def recover(self, store: StoreFolder) -> Path | None:
        """Finish what a killed update left: file its report if it was published, else throw it away.

        Returns the folder of the report that was filed, or None.
        """
        for half in self.folder.glob(f".{LATEST}.*.tmp"):
            half.unlink(missing_ok=True)
        digest = self._sealed_for()
        if digest is not None and digest in _published(store):
            return self.file(is_latest=False)
        self._discard()
        return None

    def _sealed_for(self) -> str | None:
        """Return the digest in the mark; None where nothing was to be published, or the mark is none."""
        try:
            mark = json.loads((self.pending / MARK).read_bytes())
            digest = mark["pointer"] if isinstance(mark["name"], str) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return digest if isinstance(digest, str) else None

    def _discard(self) -> None:
        """Remove what is pending, whatever it is."""
        if self.pending.is_dir() and not self.pending.is_symlink():
            shutil.rmtree(self.pending, ignore_errors=True)
        else:
            self.pending.unlink(missing_ok=True)


def _numbered(name: str) -> Iterator[str]:
    """Yield the name, and the name with numbers from 2 on."""
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))


def _published(store: StoreFolder) -> tuple[str | None, ...]:
    """Return the digests of the pointer in force and of the one before: another load may have published since."""
    if not store.pointer.exists():
        return ()
    return pointer_digest(store), read_catalog(store).previous


def folder_name(started: datetime.datetime, *, dry_run: bool = False) -> str:
    """Return the name of the folder of a report: when its update started, in UTC.

    >>> folder_name(datetime.datetime(2024, 10, 1, 3, 0, tzinfo=datetime.timezone.utc))
    '2024-10-01T030000Z'
    """
    moment = started.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    return f"{moment}-dry-run" if dry_run else moment


def json_lines(values: Mapping[str, Any]) -> str:
    r"""Return values as indented JSON, which every reader of JSON takes.

    Raises:
        ValueError: There is a number among them that JSON does not know, such as infinity.

    >>> json_lines({"file": "caf\udce9"})
    '{\n "file": "caf\\udce9"\n}\n'
    """
    text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    # half of a pair is no text; in JSON it may be written so
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"
