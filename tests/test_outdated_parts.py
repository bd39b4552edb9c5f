"""Parts that another version of a loader read are never mixed with new ones, and never dropped unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology.samples import sample_releases
from terminology_loaders.hcpcs import HcpcsLoader

SAMPLES = sample_releases() / "hcpcs"
FIRST, SECOND = (SAMPLES / f"HCPC{year}_CONTR_ANWEB.txt" for year in (2018, 2019))


class LaterLoader(HcpcsLoader):
    """The loader as a later version of it would be."""

    format_number = HcpcsLoader.format_number + 1


def versions(store: Path) -> list[str]:
    """Return the versions that a store holds."""
    return [release.version for release in terminology.open(store)["hcpcs"].releases]


def test_missing_files_are_named(tmp_path: Path) -> None:
    """A load that does not bring the files which an older loader read is refused, names them, and changes nothing."""
    terminology.load(FIRST, store=tmp_path, loaders={"hcpcs": HcpcsLoader()})
    with pytest.raises(terminology.StoreError, match=FIRST.name):
        terminology.load(SECOND, store=tmp_path, loaders={"hcpcs": LaterLoader()})
    assert versions(tmp_path) == ["2018-01"]


def test_all_files_again(tmp_path: Path) -> None:
    """A load that brings them all is taken."""
    terminology.load(FIRST, store=tmp_path, loaders={"hcpcs": HcpcsLoader()})
    report = terminology.load(FIRST, SECOND, store=tmp_path, loaders={"hcpcs": LaterLoader()})
    assert report.errors == ()
    assert versions(tmp_path) == ["2018-01", "2019-01"]
