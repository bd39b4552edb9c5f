"""The service behind the messages of the protocol: the only module that imports the SDK.

Questions are answered on a thread, so that a long one does not hold up the messages of others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any, Final, TypeVar

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from .parameters import ArgumentError, Parameter, schema_of
from .prompts import PROMPTS, prompt_named
from .resources import TEMPLATE
from .service import Service, reported
from .tools import TOOLS

Found = TypeVar("Found")
NAME: Final = "terminology"
INSTRUCTIONS: Final = (
    "Versioned medical code sets (ICD-10-CM, ICD-10-PCS, HCPCS, ICD-9-CM, CPT and others), answered by date. Ask these tools "
    "instead of answering from memory: codes are added, deleted and replaced every year, and a code may be billable on one "
    "day and not on the next. Always give the day of use in on; without it today is meant. Each answer names the release, "
    "file and line that it rests on. A status of uncovered says that no loaded release speaks for the day, and an outcome of "
    "unknown that nothing loaded covers the code: neither says that there is no such code."
)
JSON: Final = "application/json"
ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "answer": {"description": "What the command of this name prints with --json."},
        "edition": {"type": "object", "description": "Which release answered, for which day."},
        "remarks": {"type": "array", "items": {"type": "string"}, "description": "What is to be known of the answer."},
        "left_off": {"type": "object", "description": "Items that the limit left off, by the path of their list."},
    },
    "required": ["answer", "remarks", "left_off"],
}
"""The shape of every answer."""


def server_of(service: Service) -> Server[Any]:
    """Return the protocol's server over a service."""
    handlers = Handlers(service)
    return Server(
        NAME,
        version=version("terminology-server"),
        title="Medical code sets by date",
        instructions=INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
    )


async def serve(service: Service) -> None:
    """Answer over standard input and output, until the input ends."""
    server = server_of(service)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


class Handlers:
    """What is done with each message."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list_tools(self, _context: object, _params: object) -> types.ListToolsResult:
        """Return the tools."""
        hints = types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        )
        tools = [
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=schema_of(tool.parameters),
                output_schema=ANSWER,
                annotations=hints,
            )
            for tool in TOOLS
        ]
        return types.ListToolsResult(tools=tools)

    async def call_tool(self, _context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Return what a tool answers; an error is an answer too, which says what to change."""
        found = await _asked(params.name, partial(self._service.call, params.name, params.arguments or {}))
        text = types.TextContent(type="text", text=_json(found.values))
        return types.CallToolResult(content=[text], structured_content=found.values, is_error=found.is_error)

    async def list_resources(self, _context: object, _params: object) -> types.ListResourcesResult:
        """Return the addresses that can be read."""
        found = await _asked("resources/list", self._service.resources)
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=one.uri, name=one.name, title=one.title, description=one.description, mime_type=JSON)
                for one in found
            ]
        )

    async def list_templates(self, _context: object, _params: object) -> types.ListResourceTemplatesResult:
        """Return the form of addresses that have a name in them."""
        template = types.ResourceTemplate(
            uri_template=TEMPLATE.uri,
            name=TEMPLATE.name,
            title=TEMPLATE.title,
            description=TEMPLATE.description,
            mime_type=JSON,
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(
        self, _context: object, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Return what is at an address."""
        found = await _asked(params.uri, partial(self._service.content, str(params.uri)))
        if found is None:
            message = f"nothing is at {params.uri}: resources/list has all addresses"
            raise MCPError(types.INVALID_PARAMS, message, {"uri": str(params.uri)})
        content = types.TextResourceContents(uri=params.uri, mime_type=JSON, text=_json(found))
        return types.ReadResourceResult(contents=[content])

    async def list_prompts(self, _context: object, _params: object) -> types.ListPromptsResult:
        """Return the prompts."""
        prompts = [
            types.Prompt(
                name=one.name,
                title=one.title,
                description=one.description,
                arguments=list(map(_argument, one.parameters)),
            )
            for one in PROMPTS
        ]
        return types.ListPromptsResult(prompts=prompts)

    async def get_prompt(self, _context: object, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Return a prompt with its arguments."""
        prompt = await _asked(params.name, partial(prompt_named, params.name))
        text = await _asked(params.name, partial(prompt.filled, params.arguments or {}))
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        return types.GetPromptResult(description=prompt.description, messages=[message])


async def _asked(name: str, question: Callable[[], Found]) -> Found:
    """Return the answer to a question, on a thread.

    Raises:
        MCPError: It has none; the SDK would send the text of any other error, which may be a licensed one.
    """
    try:
        found: Found = await anyio.to_thread.run_sync(question, abandon_on_cancel=True)
    except ArgumentError as error:
        raise MCPError(types.INVALID_PARAMS, str(error)) from None
    except Exception as error:  # noqa: BLE001 -- a client is told of every error, and asks on
        raise MCPError(types.INTERNAL_ERROR, reported(error, name).values["error"]["message"]) from None
    return found


def _argument(parameter: Parameter) -> types.PromptArgument:
    return types.PromptArgument(name=parameter.name, description=parameter.description, required=parameter.required)


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False)
