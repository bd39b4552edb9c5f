"""The SDK's own client asks: over standard input and output of the command, and in process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.mcp.service import Service
from terminology.samples import sample_releases

pytest.importorskip("mcp_types", reason="the MCP SDK is not installed: pip install 'terminology-server[mcp]'")
mcp = pytest.importorskip("mcp")

CM = {"system": "icd10cm", "on": "2022-03-01"}
WELL = {
    "explain": {**CM, "code": "M54.5"},
    "search": {**CM, "text": "low back"},
    "lookup": {**CM, "code": "M54.50"},
    "translate": {"code": "250.00", "source": "icd9cm", "target": "icd10cm"},
    "migrate": {"system": "icd10cm", "code": "M54.5", "origin": "2021"},
    "validate_list": {**CM, "codes": ["M54.50", "W21.89A"]},
}
WRONG = {
    "explain": ({"system": "icd10cm"}, "ArgumentError"),
    "search": ({**CM, "text": "?"}, "ArgumentError"),
    "lookup": ({**CM, "code": "M54.5", "on": "soon"}, "InvalidDateError"),
    "translate": ({"code": "250.00", "source": "nothing", "target": "icd10cm"}, "UnknownSystemError"),
    "migrate": ({"system": "icd10cm", "code": "M54.5", "origin": "1990"}, "UnknownReleaseError"),
    "validate_list": ({"codes": "M54.5"}, "ArgumentError"),
}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
SECONDS = 60
"""After which a process that hangs fails its test."""


def command(store: Path) -> list[str]:
    """Return the command of a server."""
    return [sys.executable, "-m", "terminology", "mcp", "--store", str(store)]


def process_of(store: Path) -> Any:
    """Return what the client starts."""
    program, *arguments = command(store)
    return mcp.StdioServerParameters(command=program, args=arguments, env=dict(os.environ))


def asked(server: Any, question: Callable[[Any], Awaitable[Any]]) -> Any:
    """Return what a client learns from a server."""

    async def ask() -> Any:
        async with mcp.Client(server, read_timeout_seconds=SECONDS) as client:
            return await question(client)

    return asyncio.run(ask())


@pytest.fixture(params=["process", "stdio"])
def server(request: pytest.FixtureRequest, sample_store: Path) -> Any:
    """A server in process, and one over standard input and output."""
    if request.param == "stdio":
        return process_of(sample_store)
    from terminology.mcp.protocol import server_of

    return server_of(Service(sample_store))


def test_every_tool_answers_well(server: Any, service: Service) -> None:
    """The client gets the values of the service, as structure and as text."""

    async def question(client: Any) -> list[Any]:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == list(WELL)
        return [await client.call_tool(name, arguments) for name, arguments in WELL.items()]

    for result, (name, arguments) in zip(asked(server, question), WELL.items(), strict=True):
        assert not result.is_error
        assert result.structured_content == service.call(name, arguments).values
        assert json.loads(result.content[0].text) == result.structured_content


def test_every_tool_says_what_was_wrong(server: Any) -> None:
    """As an error of the tool, with type and message, and the next call is answered."""

    async def question(client: Any) -> list[Any]:
        found = [await client.call_tool(name, arguments) for name, (arguments, _) in WRONG.items()]
        assert not (await client.call_tool("explain", WELL["explain"])).is_error
        return found

    for result, (_, kind) in zip(asked(server, question), WRONG.values(), strict=True):
        assert result.is_error
        assert json.loads(result.content[0].text)["error"]["type"] == kind


def test_tools_describe_themselves(server: Any) -> None:
    """Each parameter has a description; every tool only reads."""
    for tool in asked(server, lambda client: client.list_tools()).tools:
        assert tool.annotations.read_only_hint
        assert tool.output_schema["required"] == ["answer", "remarks", "left_off"]
        assert all(one["description"] for one in tool.input_schema["properties"].values())


def test_resources_and_prompts_are_served(server: Any, service: Service) -> None:
    """Each that is listed can be read; the prompt comes with its arguments in place."""

    async def question(client: Any) -> None:
        listed = [str(one.uri) for one in (await client.list_resources()).resources]
        assert listed == [one.uri for one in service.resources()]
        for uri in listed:
            content = (await client.read_resource(uri)).contents[0]
            assert json.loads(content.text) == service.content(uri)
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "terminology://releases/{system}"
        (prompt,) = (await client.list_prompts()).prompts
        filled = await client.get_prompt(prompt.name, {"codes": "E11.9", "on": "2024-03-01"})
        assert "on=2024-03-01" in filled.messages[0].content.text

    asked(server, question)


def test_what_is_not_there_is_an_error_of_the_protocol(server: Any) -> None:
    """An unknown tool, address or prompt, and a prompt that lacks an argument."""

    async def question(client: Any) -> None:
        for attempt, words in (
            (lambda: client.call_tool("explane", {}), "did you mean 'explain'"),
            (lambda: client.read_resource("terminology://nothing"), "nothing is at terminology://nothing"),
            (lambda: client.get_prompt("nothing", {}), "no prompt 'nothing'"),
            (lambda: client.get_prompt("check_claim_codes", {}), "codes is missing"),
        ):
            with pytest.raises(mcp.MCPError, match=words):
                await attempt()

    asked(server, question)


def test_an_error_in_the_program_shows_no_values(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither to the client, nor in the log: they may be licensed texts."""
    from terminology.mcp.protocol import server_of

    def fail(*_: object) -> None:
        raise KeyError("a licensed title")

    monkeypatch.setattr(Service, "content", fail)

    async def question(client: Any) -> None:
        with pytest.raises(mcp.MCPError, match="KeyError; this is an error in the program") as raised:
            await client.read_resource("terminology://systems")
        assert "licensed" not in str(raised.value)

    asked(server_of(Service(sample_store)), question)
    assert "test_protocol.py" in caplog.text
    assert "licensed" not in caplog.text


def test_what_is_loaded_while_a_client_is_connected_is_answered_from(tmp_path: Path) -> None:
    """By the process that runs since before."""
    terminology.load(sample_releases() / "hcpcs", store=tmp_path)

    async def question(client: Any) -> None:
        assert (await client.call_tool("explain", WELL["explain"])).is_error
        terminology.load(sample_releases() / "icd10cm", store=tmp_path)
        found = await client.call_tool("explain", WELL["explain"])
        assert found.structured_content["answer"]["status"] == "header"

    asked(process_of(tmp_path), question)


def test_standard_output_has_the_protocol_alone(sample_store: Path) -> None:
    """Every line is a message, also after nonsense; the process ends well when its input does."""
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "explain", "arguments": {}}}
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    lines = [json.dumps(HELLO), json.dumps(ready), "no message", json.dumps(call)]
    with subprocess.Popen(
        command(sample_store), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("".join(f"{line}\n" for line in lines))
        server.stdin.flush()
        read = [json.loads(server.stdout.readline()) for _ in range(2)]
        rest, _ = server.communicate(timeout=SECONDS)
    assert [message["id"] for message in read] == [1, 2]
    assert read[1]["result"]["isError"] is True
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
    assert server.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process(sample_store: Path, number: int) -> None:
    """At once, though a line of input is waited for, with the exit code of an interruption."""
    with subprocess.Popen(
        command(sample_store), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{json.dumps(HELLO)}\n")
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["id"] == 1
        server.send_signal(number)
        assert server.wait(timeout=SECONDS) == 130
