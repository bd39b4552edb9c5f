"""A publisher's site, and updates that fetch from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import terminology
from terminology.update import Configuration, UpdateReport

from ..release_files import BACK_PAIN, CHOLERA, Row, order_addenda, order_file, zipped
from .server import Answer, FileServer, etag_of

OLD, NEW = "icd10cm_order_2021.txt", "icd10cm_order_2022.txt"
WRONG: Sequence[Row] = tuple(
    ("M5458", flag, title) if code == "M5459" else (code, flag, title) for code, flag, title in BACK_PAIN
)
"""What an addenda leads to that names another code than the order file."""


def archive(
    year: int, rows: Sequence[Row], before: Sequence[Row] | None = None, told: Sequence[Row] | None = None
) -> bytes:
    """Return the archive of a release: order file, and order addenda from the rows before."""
    members = {f"icd10cm_order_{year}.txt": order_file(rows)}
    if before:
        names = (f"icd10cm_order_{year - 1}.txt", f"icd10cm_order_{year}.txt")
        members[f"icd10cm_order_addenda_{year}.txt"] = order_addenda(before, told or rows, *names)
    return zipped(members)


def answer(body: bytes) -> Answer:
    """Return how a file is served."""
    return Answer(body, etag=etag_of(body))


def configured(
    folder: Path, site: FileServer, names: Sequence[str] = ("2021.zip", "2022.zip"), more: str = ""
) -> Configuration:
    """Return a configuration that fetches archives which may not be out yet."""
    lines = ['store = "store"', 'downloads = "downloads"', 'reports = "reports"', more]
    lines += ["[http]", "retries = 0", "backoff_seconds = 0.01"]
    for name in names:
        lines += ["[[fetch]]", f'url = "http://127.0.0.1:{site.port}/{name}"', "required = false"]
    folder.mkdir(exist_ok=True)
    path = folder / "update.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Configuration.read(path)


def publish_2022(site: FileServer, told: Sequence[Row] | None = None) -> None:
    """Let fiscal year 2022 come out."""
    site.serve("/2022.zip", answer(archive(2022, BACK_PAIN, CHOLERA, told)))


def versions(folder: Path) -> list[str]:
    """Return the releases that are in force."""
    return [release.version for release in terminology.open(folder / "store")["icd10cm"].releases]


def contents(folder: Path) -> Mapping[str, str]:
    """Return the files of a store with their checksums."""
    files = [path for path in (folder / "store").rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def latest_in(reports: Path) -> dict[str, Any]:
    """Return the summary for monitors in a folder of reports."""
    return dict(json.loads((reports / "latest.json").read_text(encoding="utf-8")))


def latest(folder: Path) -> dict[str, Any]:
    """Return the summary for monitors."""
    return latest_in(folder / "reports")


def fresh(report: UpdateReport) -> list[str]:
    """Return the versions that an update brought."""
    return [item.release.version for item in report.loaded.loaded if not item.already] if report.loaded else []
