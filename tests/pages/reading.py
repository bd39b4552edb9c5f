"""A reader of pages: asks the server in the same process, and looks at what a page says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import lxml.html
from attrs import define


@define(slots=False)
class Document:
    """A page as it was answered."""

    status: int
    headers: dict[str, str]
    body: str

    @cached_property
    def tree(self) -> Any:
        """Its elements."""
        return lxml.html.document_fromstring(self.body)

    @property
    def text(self) -> str:
        """What its main part says, with single blanks."""
        return words(self.tree.find(".//main"))

    @property
    def heading(self) -> str:
        """Its heading."""
        return words(self.tree.find(".//h1"))

    def links(self, path: str = ".//main") -> dict[str, str]:
        """Return the addresses that a part links to, by the words of the link."""
        return {words(link): link.get("href") for link in self.tree.find(path).iter("a")}

    def said(self, path: str) -> list[str]:
        """Return what each element at a path says."""
        return [words(element) for element in self.tree.findall(path)]


class Reader:
    """Asks for pages."""

    def __init__(self, store: Path, **settings: Any) -> None:
        from terminology.server.app import Application
        from terminology.server.settings import Settings

        given = {"store": str(store), "log": "none", **settings}
        self.application = Application(Settings(**given))
        self.application.open()

    def page(self, path: str, accepts: Mapping[str, str] | None = None, **query: str) -> Document:
        """Return the page at a path with parameters.

        Args:
            path: With or without parameters of its own.
            accepts: Headers of the request, beside those of a browser or in place of them.
            query: Parameters.
        """
        path, _, given = path.partition("?")
        parameters = "&".join(filter(None, (given, urlencode(query))))
        return asyncio.run(self._asked("GET", path, parameters, b"", accepts or {}))

    def sent(self, path: str, accepts: Mapping[str, str] | None = None, **form: str) -> Document:
        """Return the page that answers a form."""
        return asyncio.run(self._asked("POST", path, "", urlencode(form).encode(), accepts or {}))

    async def _asked(self, method: str, path: str, query: str, body: bytes, accepts: Mapping[str, str]) -> Document:
        messages: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        headers = {"host": "localhost", "accept": "text/html", "content-length": str(len(body))}
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
        headers |= accepts
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("localhost", 80),
        }
        await self.application(scope, receive, send)
        got = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        text = b"".join(message.get("body", b"") for message in messages[1:]).decode()
        return Document(messages[0]["status"], got, text)


def words(element: Any) -> str:
    """Return the text of an element with single blanks, also between the cells of a table."""
    for cell in element.iter("td", "th", "dt", "dd", "li", "br"):
        cell.tail = f" {cell.tail or ''}"
    return " ".join(element.text_content().split())
