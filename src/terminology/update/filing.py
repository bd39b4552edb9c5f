"""Where the reports of updates lie: written aside, and given their name when the store is as they say.

A report is written before the publication that it tells of, into a hidden folder together with the digest of the
pointer to come. If the job is killed in between, the next one finds by the digest which of the two happened.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ..store import Catalog, StoreFolder
from ..store.folder import sync_file, sync_folder, write_durably
from ..store.pointer import catalog_bytes

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
        shutil.rmtree(self.pending, ignore_errors=True)
        self.pending.mkdir(parents=True)
        return self.pending

    def write(self, name: str, text: str) -> str:
        """Put a file into the report that is being written; return its name."""
        (self.pending / name).write_text(text, encoding="utf-8")
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
        self.write(MARK, json_lines({"name": name, "pointer": digest}))
        for file in self.pending.iterdir():
            sync_file(file)
        sync_folder(self.pending)

    def file(self) -> Path:
        """Give the sealed report its name, and make it the latest; return its folder."""
        mark = json.loads((self.pending / MARK).read_text(encoding="utf-8"))
        target = self.folder / str(mark["name"])
        summary = (self.pending / SUMMARY).read_bytes()
        if target.exists():
            shutil.rmtree(target)
        os.rename(self.pending, target)
        (target / MARK).unlink(missing_ok=True)
        sync_folder(self.folder)
        write_durably(self.folder / LATEST, summary)
        return target

    def note(self, summary: Mapping[str, Any]) -> None:
        """Make a summary the latest, of an update that has no report."""
        write_durably(self.folder / LATEST, json_lines(summary).encode())

    def recover(self, store: StoreFolder) -> Path | None:
        """Finish what a killed update left: file its report if it was published, else throw it away.

        Returns the folder of the report that was filed, or None.
        """
        mark = self.pending / MARK
        if not mark.exists():
            shutil.rmtree(self.pending, ignore_errors=True)
            return None
        digest = json.loads(mark.read_text(encoding="utf-8"))["pointer"]
        if digest is None or _pointer_digest(store) != digest:
            shutil.rmtree(self.pending, ignore_errors=True)
            return None
        return self.file()


def _pointer_digest(store: StoreFolder) -> str | None:
    return hashlib.sha256(store.pointer.read_bytes()).hexdigest() if store.pointer.exists() else None


def folder_name(started: datetime.datetime, *, dry_run: bool = False) -> str:
    """Return the name of the folder of a report: when its update started, in UTC.

    >>> folder_name(datetime.datetime(2024, 10, 1, 3, 0, tzinfo=datetime.timezone.utc))
    '2024-10-01T030000Z'
    """
    moment = started.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    return f"{moment}-dry-run" if dry_run else moment


def json_lines(values: Mapping[str, Any]) -> str:
    """Return values as indented JSON."""
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
