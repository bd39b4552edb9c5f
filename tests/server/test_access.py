"""Who may ask: tokens, and web pages of other origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import TerminologyError
from terminology.server.access import read_tokens

from .asking import LOOKUP, Server

TOKENS = ("0123456789abcdef", "fedcba9876543210")
PAGE = "https://app.example"


@pytest.fixture
def closed(sample_store: Path) -> Server:
    """A server that asks for one of two tokens."""
    return Server(sample_store, tokens=TOKENS)


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_opens_the_server(closed: Server, token: str) -> None:
    """As a bearer token, in any case of the scheme, or as an API key."""
    for headers in ({"authorization": f"Bearer {token}"}, {"authorization": f"bearer {token}"}, {"x_api_key": token}):
        assert closed.ask(LOOKUP, **headers).status == 200
        assert closed.ask("/metrics", **headers).status == 200
        assert b"<h1>" in closed.ask("/", **headers).body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer 0123456789abcdeX"},
        {"authorization": "Bearer 0123456789abcde"},
        {"authorization": "Basic 0123456789abcdef"},
        {"authorization": "Bearer "},
        {"x_api_key": ""},
    ],
)
@pytest.mark.parametrize("target", [LOOKUP, "/r4/metadata", "/r4", "/metrics", "/", "/metadata"])
def test_nothing_else_does(closed: Server, target: str, headers: dict[str, str]) -> None:
    """The service is not asked, and the client is told how to send a token."""
    answer = closed.ask(target, **headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="terminology"')
    assert "token" in answer.text
    assert closed.service.asked == []


def test_whether_it_lives_needs_no_token(closed: Server) -> None:
    """Those who watch a server have none."""
    assert closed.ask("/health").status == 200
    assert closed.ask("/ready").status == 503, "it has not asked itself its first questions"


def test_tokens_are_in_no_log(closed: Server) -> None:
    """The settings, as they are shown, have none."""
    assert TOKENS[0] not in repr(closed.application.state.settings)


def test_tokens_are_read_from_a_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a line, with remarks; with commas between them."""
    file = tmp_path / "tokens"
    file.write_text(f"# of the claims team\n{TOKENS[0]}\n\n")
    assert read_tokens(None) == ()
    assert read_tokens(file) == TOKENS[:1]
    monkeypatch.setenv("TERMINOLOGY_TOKENS", ", ".join(TOKENS))
    assert set(read_tokens(file)) == set(TOKENS)


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "short\n", "with a blank inside it\n", "zwölf-zeichen-oder-mehr\n"]
)
def test_a_file_without_a_fit_token_opens_nothing(tmp_path: Path, text: str) -> None:
    """A server that was to be closed is not started open, and the message shows no token."""
    file = tmp_path / "tokens"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TerminologyError, match="token") as found:
        read_tokens(file)
    assert not any(line and line in str(found.value) for line in text.splitlines())


def test_every_page_may_read_answers(server: Server) -> None:
    """By default; errors too, so that a page can show them."""
    for target in (LOOKUP, f"{LOOKUP}&_format=xml"):
        answer = server.ask(target, origin=PAGE)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in server.ask(LOOKUP).headers


def test_pages_can_be_chosen(sample_store: Path) -> None:
    """Others get the answer, and their browser keeps it from them."""
    server = Server(sample_store, origins=(PAGE, "https://other.example/"))
    assert server.ask(LOOKUP, origin=PAGE).headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-origin" not in server.ask(LOOKUP, origin="https://evil.example").headers
    assert "access-control-allow-origin" not in Server(sample_store, origins=()).ask(LOOKUP, origin=PAGE).headers


def test_browsers_are_told_what_they_may_send(closed: Server) -> None:
    """Without a token, for a browser sends none when it asks this."""
    answer = closed.ask(LOOKUP, "OPTIONS", origin=PAGE, access_control_request_method="POST")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert {"Authorization", "Content-Type", "X-API-Key", "X-Request-Id"} <= allowed
    assert {"Prefer", "X-Cache-Id", "X-Too-Costly-Threshold"} <= allowed
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
