"""Which answers a client may keep, and how it asks whether they still hold."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard

from terminology.fhir import Response
from terminology.server import caching

from .asking import EXPAND, LOOKUP, Server

LARGE = Response({"resourceType": "Parameters", "text": "heart attack " * 500})


def test_the_same_request_has_the_same_tag(sample_store: Path) -> None:
    """In every process and on every host that serves the same publication."""
    tags = {Server(sample_store).ask(LOOKUP).headers["etag"] for _ in range(2)}
    assert len(tags) == 1
    assert tags.pop().startswith('"'), "a strong tag"


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (LOOKUP.replace("E11.9", "E11"), {}),
        (LOOKUP.replace("r5", "r4"), {}),
        (LOOKUP.replace("$lookup", "$validate-code"), {}),
        (LOOKUP, {"accept_language": "de"}),
        (LOOKUP, {"accept": "application/json"}),
        (LOOKUP, {"host": "tx.example.org"}),
    ],
)
def test_another_request_has_another_tag(server: Server, target: str, headers: dict[str, str]) -> None:
    """By all that changes the bytes of the answer."""
    assert server.ask(LOOKUP).headers["etag"] != server.ask(target, **headers).headers["etag"]


def test_who_has_the_answer_is_told_so_without_asking_the_service(server: Server) -> None:
    """With the tag alone, in a list, as a weak one, and to HEAD as to GET."""
    tag = server.ask(LOOKUP).headers["etag"]
    asked = len(server.service.asked)
    for method, held in (("GET", tag), ("GET", f'"other", {tag}'), ("GET", f"W/{tag}"), ("HEAD", tag)):
        answer = server.ask(LOOKUP, method, if_none_match=held)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
        assert "content-length" not in answer.headers
    assert len(server.service.asked) == asked
    assert server.ask(LOOKUP, if_none_match='"other"').status == 200


def test_a_tag_ends_with_the_day(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question may mean today."""
    tag = server.ask(LOOKUP).headers["etag"]

    tomorrow = time.time() + 86_400
    monkeypatch.setattr(caching, "time", lambda: tomorrow)
    assert server.ask(LOOKUP, if_none_match=tag).status == 200


def test_a_tag_depends_on_licences_and_resources(
    sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change answers of one and the same publication."""
    tags = [Server(sample_store).ask(LOOKUP).headers["etag"]]
    file = tmp_path / "a.json"
    for url in ("http://a.b/c", "http://a.b/d"):
        file.write_text(f'{{"resourceType": "ValueSet", "url": "{url}"}}')
        tags.append(Server(sample_store, resources=(tmp_path,)).ask(LOOKUP).headers["etag"])
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    tags.append(Server(sample_store).ask(LOOKUP).headers["etag"])
    assert len(set(tags)) == 4


def test_an_answer_is_kept_only_as_long_as_it_is_asked_for(sample_store: Path) -> None:
    """A publication is seen at once, unless the operator allows otherwise; with tokens no proxy keeps it for others."""
    assert Server(sample_store).ask(LOOKUP).headers["cache-control"] == "public, no-cache"
    assert Server(sample_store, max_age=60).ask(LOOKUP).headers["cache-control"] == "public, max-age=60"
    closed = Server(sample_store, tokens=("0123456789abcdef",))
    assert closed.ask(LOOKUP, x_api_key="0123456789abcdef").headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("GET", {"x_cache_id": "c1"}),
        ("GET", {"x_too_costly_threshold": "5"}),
        ("GET", {"prefer": "handling=strict"}),
    ],
)
def test_what_depends_on_more_than_the_url_is_not_kept(server: Server, method: str, headers: dict[str, str]) -> None:
    """The body of a POST, what a client has left with the server, a bound of its own."""
    answer = server.ask(LOOKUP, method, **headers)
    assert answer.status == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_a_tag_of_the_service_goes_before_ours(server: Server) -> None:
    """As that of a resource by its version."""
    server.service.work = lambda _: Response({"resourceType": "ValueSet"}, headers={"etag": 'W/"3"'})
    assert server.ask("/r5/ValueSet/a").headers["etag"] == 'W/"3"'
    answer = server.ask("/r5/ValueSet/a", if_none_match='W/"3"')
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", 'W/"3"')


def unpacked(encoding: str, body: bytes) -> bytes:
    """Return the body as it was before."""
    return gzip.decompress(body) if encoding == "gzip" else zstandard.ZstdDecompressor().decompress(body)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("gzip;q=0.5, zstd;q=0.0", "gzip"),
    ],
)
@pytest.mark.parametrize("target", [LOOKUP, EXPAND])
def test_large_answers_are_compressed(server: Server, target: str, accepted: str, encoding: str) -> None:
    """And have a tag of their own, with which they are asked for again."""
    server.service.work = lambda _: LARGE
    plain = server.ask(target)
    answer = server.ask(target, accept_encoding=accepted)
    assert answer.headers["content-encoding"] == encoding
    assert unpacked(encoding, answer.body) == plain.body
    assert int(answer.headers["content-length"]) == len(answer.body) < len(plain.body) / 5
    assert answer.headers["etag"] != plain.headers["etag"]
    again = server.ask(target, accept_encoding=accepted, if_none_match=answer.headers["etag"])
    assert (again.status, again.headers["etag"]) == (304, answer.headers["etag"])


def test_the_same_answer_has_the_same_bytes_at_any_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A strong tag promises it; gzip has a place for the time."""
    server.service.work = lambda _: LARGE
    bodies = set()
    for second in (1_000_000_000, 2_000_000_000):
        monkeypatch.setattr(time, "time", lambda second=second: second)
        bodies.add(server.ask(LOOKUP, accept_encoding="gzip").body)
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("accepted", "work"), [("gzip", None), ("br", LARGE), ("gzip;q=0", LARGE), ("identity", LARGE)]
)
def test_others_are_not(server: Server, accepted: str, work: Any) -> None:
    """Small ones, and those for clients that cannot read it."""
    server.service.work = lambda _: work
    assert "content-encoding" not in server.ask(LOOKUP, accept_encoding=accepted).headers


def test_caches_know_what_an_answer_depends_on(server: Server) -> None:
    """Every header that changes it."""
    named = {name.strip().lower() for name in server.ask(LOOKUP).headers["vary"].split(",")}
    assert named == {"accept", "accept-encoding", "accept-language", "authorization", "origin"}


def test_who_has_any_copy_is_told_that_there_is_one(server: Server) -> None:
    """``*`` stands for every tag; where the answer would be an error, that is given."""
    whole = server.ask(LOOKUP)
    for method in ("GET", "HEAD"):
        answer = server.ask(LOOKUP, method, if_none_match="*")
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", whole.headers["etag"])
        assert "content-type" not in answer.headers
    assert server.ask(LOOKUP, "POST", if_none_match="*").status == 200
    server.service.work = lambda _: Response({"resourceType": "OperationOutcome"}, 404)
    assert server.ask(LOOKUP, if_none_match="*").status == 404
