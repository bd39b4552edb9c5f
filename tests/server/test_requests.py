"""How requests of HTTP become requests of FHIR, within limits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from terminology.fhir import Request, Response
from terminology.server.settings import Limits

from .asking import LOOKUP, Server

POST = "/r5/ValueSet/$expand"


def test_both_versions_are_asked_for_by_path(server: Server) -> None:
    """The rest of the path is the interaction, without slashes around it."""
    for target in (
        "/r4/CodeSystem/$lookup?code=a",
        "/r5/CodeSystem/$lookup/?code=a",
        "/r5/metadata",
        "/r4/ValueSet/abc",
    ):
        assert server.ask(target).status == 200
    found = [(request.fhir, request.path) for request in server.service.asked]
    assert found == [
        ("r4", "CodeSystem/$lookup"),
        ("r5", "CodeSystem/$lookup"),
        ("r5", "metadata"),
        ("r4", "ValueSet/abc"),
    ]


def test_parameters_are_decoded_once(server: Server) -> None:
    """Percent signs, plus signs, text that is not ASCII; a trailing ampersand is nothing."""
    server.ask("/r5/ValueSet/$expand?filter=heart+attack&url=http%3A%2F%2Fa.b%3Fc%3D%2526&x=M%C3%A9ni%C3%A8re&flag&&")
    wanted = (("filter", "heart attack"), ("url", "http://a.b?c=%26"), ("x", "Ménière"), ("flag", ""))
    assert server.service.asked[0].query == wanted


def test_what_changes_an_answer_is_passed_on(server: Server) -> None:
    """Of the headers only these."""
    server.ask(LOOKUP, accept_language="de-DE", x_request_id="abc-1", x_cache_id="c1", user_agent="x", cookie="y")
    assert server.service.asked[0].headers == {"accept-language": "de-DE", "x-cache-id": "c1", "x-request-id": "abc-1"}


def test_the_name_of_a_request_comes_back(server: Server) -> None:
    """One that could do harm in a header or a log is replaced, and each request without one gets its own."""
    assert server.ask(LOOKUP, x_request_id="abc-1").headers["x-request-id"] == "abc-1"
    made = [server.ask(LOOKUP, x_request_id=bad).headers["x-request-id"] for bad in ("x" * 129, "caf\xe9", "a\x7fb")]
    made += [server.ask(LOOKUP).headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 5
    assert all(name.isascii() and len(name) < 40 for name in made)


@pytest.mark.parametrize("body", [b"{", b"<a/>", b"\xff", b'{"a": NaN}', b"{} {}"])
def test_what_is_no_json_is_400(server: Server, body: bytes) -> None:
    """With the parser's own reason."""
    answer = server.ask(POST, "POST", body=body)
    assert answer.status == 400
    assert "not JSON" in answer.text
    assert server.service.asked == []


def test_a_byte_order_mark_is_skipped(server: Server) -> None:
    """Windows programs write one."""
    assert server.ask(POST, "POST", body=b'\xef\xbb\xbf{"resourceType": "Parameters"}').status == 200


def test_an_empty_body_is_none(server: Server) -> None:
    """As of an operation whose parameters are all in the URL."""
    assert server.ask(f"{POST}?url=a", "POST", body=b" \n").json["body"] is None


def test_brackets_in_brackets_are_400(server: Server) -> None:
    """At the limit they are read; many beside each other always are."""
    limit = Limits().depth
    for depth, status in ((limit, 200), (limit + 1, 400), (100_000, 400)):
        assert server.ask(POST, "POST", body=b"[" * depth + b"]" * depth).status == status
    assert server.ask(POST, "POST", body={"a": [{} for _ in range(500)]}).status == 200


def test_a_large_body_is_413(sample_store: Path) -> None:
    """Whether its length is stated or not; then the connection is closed, for the rest of it is not read."""
    server = Server(sample_store, limits=Limits(body_bytes=10_000))
    body = {"a": "x" * 20_000}
    for stated in ({}, {"content_length": "20009"}):
        answer = server.ask(POST, "POST", body=body, **stated)
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert "10,000 bytes" in answer.text
    assert server.ask(POST, "POST", body={"a": "x" * 9_000}).status == 200


def test_a_compressed_body_is_read_within_the_limit(sample_store: Path) -> None:
    """One that becomes too large is 413, one that is none is 400, and other compressions are 415."""
    server = Server(sample_store, limits=Limits(body_bytes=100_000))
    small, large = (gzip.compress(json.dumps({"a": "x" * size}).encode()) for size in (50_000, 10_000_000))
    assert server.ask(POST, "POST", body=small, content_encoding="gzip").json["body"]["a"] == "x" * 50_000
    assert server.ask(POST, "POST", body=large, content_encoding="gzip").status == 413
    # the last lacks nothing but its checksum
    for bad, said in (
        (b"{}", "not compressed"),
        (small[:-20], "ends in the middle"),
        (small[:-4], "ends in the middle"),
    ):
        answer = server.ask(POST, "POST", body=bad, content_encoding="gzip")
        assert answer.status == 400
        assert said in answer.text
    assert server.ask(POST, "POST", body=small, content_encoding="br").status == 415


def test_all_bodies_together_are_bounded(sample_store: Path) -> None:
    """What one request holds is free again when it is answered, also where it was rejected."""
    server = Server(sample_store, limits=Limits(body_bytes=60_000, held_bytes=100_000))
    memory = server.application.state.memory
    packed = gzip.compress(json.dumps({"a": "x" * 50_000}).encode())
    held: list[int] = []

    def note(_request: Request) -> None:
        held.append(memory.used)

    server.service.work = note
    for body, encoding in ((b"[" + b"1," * 20_000 + b"1]", "identity"), (packed, "gzip"), (b"{", "identity")):
        server.ask(POST, "POST", body=body, content_encoding=encoding)
        assert memory.used == 0
    assert [size > 40_000 for size in held] == [True, True]
    memory.used = 60_000
    answer = server.ask(POST, "POST", body={"a": "x" * 50_000})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert memory.used == 60_000


def test_long_paths_and_questions_are_remembered_nowhere(server: Server) -> None:
    """Clients could fill the memory with them."""
    from terminology.server import interactions

    before = interactions._known.cache_info().currsize
    for number in range(10):
        assert server.ask(f"/r5/ValueSet/{'x' * 300}{number}").status == 200
        assert server.ask(f"/r5/ValueSet/$expand?url={'x' * 2_000}{number}").status == 200
    assert interactions._known.cache_info().currsize <= before + 1
    publication = server.application.state.publication
    assert publication is not None
    assert len(publication.pace._runs) == 10, "of the paths, which are short questions"


@pytest.mark.parametrize("body", [b'{"resourceType": "Parameters"}', b' \n[{"a": "b"}]', b'\xef\xbb\xbf{"a": 1}'])
def test_json_that_is_called_a_form_is_415(server: Server, body: bytes) -> None:
    """As curl sends it by default; the client is told which type to send, and not answered as if it had asked nothing."""
    answer = server.ask(POST, "POST", body=body, content_type="application/x-www-form-urlencoded")
    assert answer.status == 415
    assert "Content-Type: application/fhir+json" in answer.text
    assert server.service.asked == []


def test_too_many_parameters_are_400(server: Server) -> None:
    """In a URL as in a form."""
    many = "&".join(["a=b"] * 1_001)
    assert server.ask(f"{LOOKUP}&{many}").status == 400
    kind = "application/x-www-form-urlencoded"
    assert server.ask(POST, "POST", body=many.encode(), content_type=kind).status == 400


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("PUT", "/r5/CodeSystem/abc", "GET, HEAD, OPTIONS"),
        ("DELETE", "/r4/ValueSet/abc", "GET, HEAD, OPTIONS"),
        ("PATCH", "/r4/ValueSet/abc", "GET, HEAD, OPTIONS"),
        ("POST", "/r5/CodeSystem", "GET, HEAD, OPTIONS"),
        ("POST", "/r5/metadata", "GET, HEAD, OPTIONS"),
        ("PUT", "/r5/CodeSystem/$lookup", "GET, HEAD, POST, OPTIONS"),
        ("PUT", "/r5", "POST, OPTIONS"),
    ],
)
def test_the_server_only_reads(server: Server, method: str, target: str, allowed: str) -> None:
    """What would write is 405, and the methods that are allowed are named."""
    answer = server.ask(target, method, body={"resourceType": "CodeSystem"})
    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    assert "read-only" in answer.text
    assert server.service.asked == []


def test_a_batch_is_posted_to_the_base(server: Server) -> None:
    """With and without a slash."""
    for target in ("/r5", "/r5/"):
        assert server.ask(target, "POST", body={"resourceType": "Bundle"}).status == 200
    assert [request.path for request in server.service.asked] == ["", ""]


def test_head_is_get(server: Server) -> None:
    """To the service; what sends the answer leaves its body out."""
    answer, other = server.ask(LOOKUP, "HEAD"), server.ask(LOOKUP)
    assert [request.method for request in server.service.asked] == ["GET", "GET"]
    assert answer.headers["content-length"] == other.headers["content-length"] == str(len(other.body))


def test_answers_are_never_taken_for_pages(server: Server) -> None:
    """No browser guesses at their type."""
    for target in (LOOKUP, "/r5/nothing/at/all", "/health", "/"):
        assert server.ask(target).headers["x-content-type-options"] == "nosniff"


def test_an_error_in_the_service_is_500_and_says_nothing(server: Server) -> None:
    """The log has the reason, under the name that the client is told."""

    def fail(_request: Request) -> Response:
        raise ZeroDivisionError("secret")

    server.service.work = fail
    for target in (LOOKUP, POST):
        answer = server.ask(target, x_request_id="abc-1")
        assert answer.status == 500
        assert "abc-1" in answer.text
        assert "secret" not in answer.text
    (first, _) = (json.loads(line) if line[:1] == b"{" else line for line in server.lines)
    assert b"ZeroDivisionError: secret" in first


def test_what_the_service_rejects_keeps_its_status(server: Server) -> None:
    """And is not kept by anybody."""
    server.service.work = lambda _: Response({"resourceType": "OperationOutcome"}, 422, {"last-modified": "then"})
    answer = server.ask(LOOKUP)
    assert (answer.status, answer.headers["cache-control"], answer.headers["last-modified"]) == (
        422,
        "no-store",
        "then",
    )
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    "target", ["/metadata", "/fhir/metadata", "/r3/metadata", "/r6/metadata", "/r5x", "/favicon.ico"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_paths_name_the_endpoints(server: Server, target: str, method: str) -> None:
    """In an OperationOutcome; in a page to a browser."""
    answer = server.ask(target, method, accept="application/fhir+json")
    assert answer.status == server.ask(target, method).status == 404
    assert "/r4/metadata" in answer.text
    assert "/r5/metadata" in answer.text
    page = server.ask(target, method, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"/r4/metadata" in page.body


@pytest.mark.parametrize("target", ["/r4", "/r4/"])
def test_the_base_says_what_to_ask(server: Server, target: str) -> None:
    """It is no resource, and not that the server only reads."""
    answer = server.ask(target)
    assert answer.status == 404
    assert "/r4/metadata" in answer.text
