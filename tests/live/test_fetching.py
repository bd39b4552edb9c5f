"""The checks of fetched files, and the checksums of the ready configuration, on the publishers' real files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError
from terminology.update.configuration import Configuration, ready_configuration
from terminology.update.fetching import fetch
from terminology.update.sources import Source, kind_of


@pytest.fixture(scope="module")
def files(releases: Path) -> dict[str, Path]:
    """The real files by their checksum."""
    found = (path for path in releases.rglob("*") if path.is_file() and "oddities" not in path.parts)
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in found}


def test_every_real_file_is_what_its_name_says(files: dict[str, Path], tmp_path: Path) -> None:
    """No real file is refused for what it is: kinds are told by the suffix, as for a download."""
    for digest, path in files.items():
        assert digest == fetch(Source(path=path, expect=kind_of(path.name), sha256=digest), tmp_path).sha256


def test_a_real_page_in_place_of_a_zip_is_refused(releases: Path, tmp_path: Path) -> None:
    """The error page that CMS once sent under the name of an archive is refused."""
    path = releases / "oddities" / "HCPC2023_JAN_ANWEB.zip"
    if not path.exists():
        pytest.skip(f"needs {path.name}, which is not among the release files")

    with pytest.raises(FetchError, match="expected a zip archive, got a web page"):
        fetch(Source(path=path, expect="zip"), tmp_path)


def test_the_checksums_of_the_ready_configuration(files: dict[str, Path], tmp_path: Path) -> None:
    """Every checksum of the packaged configuration is that of a real file, of the kind that is expected."""
    pinned = [source for source in Configuration.read(ready_configuration()).sources() if source.sha256]

    assert len(pinned) >= 40
    for source in pinned:
        path = files.get(source.sha256 or "")
        assert path is not None, source.name
        assert source.sha256 == fetch(evolve(source, urls=(), path=path), tmp_path).sha256
