"""What the tests of hostile servers fetch."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from terminology.errors import FetchError
from terminology.update.fetching import fetch_all
from terminology.update.sources import Source
from terminology.update.transport import Http

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def archive() -> bytes:
    """Return a small zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("order.txt", "A00")
    return buffer.getvalue()


ARCHIVE = archive()


def source(url: str, name: str = "codes.zip") -> Source:
    """A zip archive to fetch."""
    return Source((url,), name=name, expect="zip")


def error_of(url: str, folder: Path, http: Http) -> FetchError:
    """Return the error of a file that is fetched beside another one, which is here."""
    there = folder / "there.zip"
    there.write_bytes(ARCHIVE)
    report = fetch_all([source(url, "bad.zip"), Source(path=there, expect="zip")], folder / "downloads", http=http)

    assert [there] == [item.path for item in report.fetched]
    assert json.dumps(report.to_dict())
    [(_, error)] = report.errors
    return error
