"""A FHIR server over a store in an object store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

import terminology
from terminology import StoreNotFoundError, Terminology, UnreachableError
from terminology.fhir import Resource

from ..server.asking import Echo
from .buckets import Place, load_year

pytest.importorskip("obstore", reason="obstore is not installed")
pytest.importorskip("moto.server", reason="moto with its server is not installed")
pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytestmark = pytest.mark.engines

from terminology.server.publication import Publications  # noqa: E402 -- needs what may be missing
from terminology.server.settings import Settings  # noqa: E402 -- the same


def echo(store: Terminology, _resources: Sequence[Resource]) -> Echo:
    """Return a service that repeats what it is asked."""
    return Echo(store)


def test_what_is_pushed_is_served(place: Place, tmp_path: Path) -> None:
    """A further push is seen by its pointer; an opening of the same gives the same stamp, here and on other hosts."""
    folder = tmp_path / "store"
    load_year("2021", folder)
    terminology.push(place.url, store=folder)
    publications = Publications(Settings(store=place.url), make=echo)
    first = publications.opened()
    assert first.store.url == place.url
    assert not publications.is_outdated()
    assert Publications(Settings(store=place.url), make=echo).opened().stamp == first.stamp
    assert Publications(Settings(store=str(folder)), make=echo).opened().stamp == first.stamp
    load_year("2022", folder)
    assert not publications.is_outdated(), "it is loaded, and not pushed"
    terminology.push(place.url, store=folder)
    assert publications.is_outdated()
    second = publications.opened()
    assert [release.version for release in second.store["icd10cm"].releases] == ["2021", "2022"]
    assert second.stamp != first.stamp
    assert not publications.is_outdated()


def test_a_bucket_that_does_not_answer_is_no_publication(place: Place, tmp_path: Path) -> None:
    """The server tries again at the next look, and answers from what it has."""
    from terminology.server.app import Application

    load_year("2021", tmp_path / "store")
    terminology.push(place.url, store=tmp_path / "store")
    application = Application(Settings(store=place.url, log="none"), echo)
    application.open()
    lines: list[bytes] = []
    application.state.log._write = lines.append
    pointer = place.read("CURRENT.json")
    place.write("CURRENT.json", b"half")
    assert asyncio.run(application._tried(application._newer, "cannot be opened")) is None
    assert b"cannot be opened" in lines[0]
    place.write("CURRENT.json", pointer)
    assert asyncio.run(application._tried(application._newer, "cannot be opened")) is None
    assert application.state.publication is not None
    assert application.state.publication.store.url == place.url


def test_a_place_without_a_store_is_a_failure_of_the_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As is one that cannot be reached."""
    with pytest.raises(StoreNotFoundError, match="no store in s3://"):
        Publications(Settings(store=place.url), make=echo).opened()
    monkeypatch.setattr("terminology.store.objects.RETRY_SECONDS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UnreachableError):
        Publications(Settings(store=place.url), make=echo).opened()
