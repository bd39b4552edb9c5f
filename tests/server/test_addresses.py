"""Links lead to the endpoint that the client has asked, so that clients follow them from page to page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ..fhir.asking import CM
from .asking import Server
from .test_serving import Process, serve

SEARCH: Final = "/r4/CodeSystem?_count=1"


def base_of(server: Server, **headers: str) -> str:
    """Return the base that the service is told."""
    server.ask(SEARCH, **headers)
    return server.service.asked[-1].base


def test_the_base_is_what_the_client_asked(server: Server) -> None:
    """By name, by address and port; no name, and what is none, make links relative."""
    assert base_of(server, host="tx.example.org") == "http://tx.example.org/r4/"
    assert base_of(server, host="[::1]:8080") == "http://[::1]:8080/r4/"
    assert [base_of(server), base_of(server, host="a/b"), base_of(server, host='a"\n')] == ["", "", ""]


def test_the_operator_can_say_the_base(sample_store: Path) -> None:
    """With or without a slash at its end, whatever the client says."""
    for url in ("https://tx.example.org/codes", "https://tx.example.org/codes/"):
        server = Server(sample_store, base_url=url)
        assert base_of(server, host="other") == "https://tx.example.org/codes/r4/"


@pytest.fixture(scope="module")
def running(sample_store: Path) -> Iterator[Process]:
    """A server over the samples, in a process of its own."""
    process = Process(serve(sample_store, "--workers", "1"))
    yield process
    process.end()
    process._reader.join(30)
    assert process.process.stderr is not None
    process.process.stderr.close()


@pytest.fixture
def session() -> Any:
    """What fhirclient asks with: `requests`."""
    return pytest.importorskip("requests").Session()


def test_pages_are_followed_by_their_links(running: Process, session: Any) -> None:
    """As clients do that take ``next`` as a whole URL; every entry has one of its own, at which it is read."""
    url, versions = f"http://127.0.0.1:{running.port}/r4/CodeSystem?url={CM}&_count=1", []
    while url:
        bundle = session.get(url, timeout=30).json()
        (entry,) = bundle["entry"]
        assert session.get(entry["fullUrl"], timeout=30).json()["version"] == entry["resource"]["version"]
        versions.append(entry["resource"]["version"])
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    assert versions == ["2022-04", "2022", "2021"]


def test_a_proxy_on_this_machine_says_its_scheme(running: Process, session: Any) -> None:
    """Links then begin with it, and the name that the client knows."""
    headers = {"X-Forwarded-Proto": "https", "Host": "tx.example.org"}
    bundle = session.get(f"http://127.0.0.1:{running.port}{SEARCH}", headers=headers, timeout=30).json()
    assert all(link["url"].startswith("https://tx.example.org/r4/CodeSystem?") for link in bundle["link"])


def test_fhirclient_reads_every_page(running: Process) -> None:
    """A client that nobody here wrote."""
    client = pytest.importorskip("fhirclient.client")
    code_system = pytest.importorskip("fhirclient.models.codesystem")
    smart = client.FHIRClient(settings={"app_id": "a", "api_base": f"http://127.0.0.1:{running.port}/r4"})
    found = code_system.CodeSystem.where(struct={"url": CM, "_count": "1"})
    assert [one.version for one in found.perform_resources_iter(smart.server)] == ["2022-04", "2022", "2021"]
