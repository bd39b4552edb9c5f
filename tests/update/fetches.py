"""What the tests of fetching fetch."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

from terminology.update.sources import Source

PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in &amp; go on</title></head><body>no file</body></html>"


def archive(size: int = 60_000, seed: int = 1) -> bytes:
    """Return a zip archive of about the size; the same bytes for the same seed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("order.txt"), random.Random(seed).randbytes(size))  # noqa: S311 -- no secret
    return buffer.getvalue()


ARCHIVE = archive()


LATER = archive(seed=2)


def source(*urls: str, **said: object) -> Source:
    """A file to fetch that is a zip archive, unless said otherwise."""
    return Source(urls, **{"name": "codes.zip", "expect": "zip", **said})


def hidden(folder: Path) -> list[str]:
    """Return what lies in a folder beside the lock, hidden."""
    return sorted(path.name for path in folder.glob(".*") if path.name != ".lock")
