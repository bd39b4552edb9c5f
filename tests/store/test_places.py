"""Where a store is: a folder, or a place in an object store, which is read only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import terminology
from terminology import StoreError, TerminologyError
from terminology.store import StoreFolder, default_path
from terminology.store.cache import cache_name, cache_path
from terminology.store.folder import url_of
from terminology.update import Configuration

URL = "s3://hospital/codes"


@pytest.mark.parametrize(
    ("place", "url"),
    [
        (URL, URL),
        (f"{URL}/", URL),
        (Path(URL), URL),
        ("gs://hospital", "gs://hospital"),
        ("az://account/codes", "az://account/codes"),
        ("codes", None),
        (Path("/srv/s3/codes"), None),
        ("./s3:/codes", None),
        ("", None),
    ],
)
def test_urls_are_told_from_folders(place: str | Path, url: str | None) -> None:
    """A URL is one as text and as a path, which keeps one slash of two; everything else is a folder."""
    assert url_of(place) == url


def test_the_environment_may_name_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in `TERMINOLOGY_STORE` may be a URL."""
    monkeypatch.setenv("TERMINOLOGY_STORE", URL)
    assert url_of(default_path()) == URL
    with pytest.raises(StoreError, match=f"{URL} is in an object store, where a store is read only"):
        terminology.ingest.rollback()


def test_what_writes_a_store_needs_a_folder(tmp_path: Path) -> None:
    """Loads, withdrawals and rollbacks say what to do instead, and create no folder of that name."""
    expected = f"terminology export store {URL} --store DIR"
    with pytest.raises(StoreError, match=expected):
        terminology.load(tmp_path, store=URL)
    with pytest.raises(StoreError, match=expected):
        terminology.ingest.withdraw("icd10cm", "2021", store=Path(URL))
    with pytest.raises(StoreError, match=expected):
        StoreFolder(URL)
    with pytest.raises(StoreError, match=expected):
        terminology.push("s3://other/codes", store=URL)
    assert not Path("s3:").exists()


def test_only_object_stores_are_pushed_to(tmp_path: Path, sample_store: Path) -> None:
    """A folder, and a URL of another kind, are rejected with what is expected."""
    for target in (str(tmp_path), "https://example.org/codes", "file:///srv/codes"):
        with pytest.raises(StoreError, match="expected s3://BUCKET/PREFIX"):
            terminology.push(target, store=sample_store)
    assert not any(tmp_path.iterdir())


def test_a_missing_extra_is_said(monkeypatch: pytest.MonkeyPatch, sample_store: Path) -> None:
    """Without obstore the error says how it is installed."""
    for name in ("obstore", "obstore.store"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        TerminologyError, match=r"obstore, which is not installed: pip install 'terminology-server\[s3\]'"
    ):
        terminology.open(URL)
    with pytest.raises(TerminologyError, match="pip install"):
        terminology.push(URL, store=sample_store)


def test_an_update_needs_a_folder(tmp_path: Path) -> None:
    """The store of a configuration cannot be a URL; the error says how a store gets there."""
    path = tmp_path / "update.toml"
    path.write_text(f'store = "{URL}"\n')
    with pytest.raises(TerminologyError, match=f"store: expected a folder, got '{URL}'.*terminology export store"):
        Configuration.read(path)


def test_each_url_has_its_own_folder_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names in the cache differ where URLs do, and are names of files."""
    urls = [URL, "s3://hospital-codes", "s3://hospital/codes/2", "gs://hospital/codes", f"s3://{'x' * 300}/1"]
    names = [cache_name(url) for url in urls]
    assert len(set(names)) == len(urls)
    assert all("/" not in name and len(name) < 100 for name in names)
    monkeypatch.setenv("TERMINOLOGY_CACHE", str(tmp_path))
    assert cache_path() == tmp_path
    monkeypatch.delenv("TERMINOLOGY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert sys.platform != "linux" or cache_path() == tmp_path / "terminology"
