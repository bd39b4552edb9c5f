"""What the operator decides about a server, and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

Log: TypeAlias = Literal["json", "text", "none"]


@frozen
class Limits:
    """What one client may ask of the server before it is rejected."""

    body_bytes: int = 16 << 20
    """Of a request, after decompression."""
    held_bytes: int = 128 << 20
    """Of all requests that a process holds at a time."""
    parses: int = 2
    """Bodies with as many values as one may have, of which a process holds the values at a time."""
    depth: int = 64
    """Of objects and arrays in each other in a request."""
    parameters: int = 1_000
    """In a URL or a form."""
    header_bytes: int = 32 << 10
    """Of the URL and the headers together."""
    header_count: int = 100
    connections: int = 4_000
    """Of each process."""
    seconds: float = 30.0
    """Of work on one request, after which the client is told so."""
    patience: float = 20.0
    """Seconds for the whole of a request to arrive, and for some of an answer to be read."""
    stall: float = 10.0
    """Seconds for some of a body to arrive."""
    threads: int = 4
    """That work on long requests, in each process."""
    queue: int = 512
    """Long requests that may wait for a thread, in each process."""

    @property
    def values(self) -> int:
        """Brackets, commas and colons of a request, in which JSON has one or two for each value: one for 8 bytes."""
        return max(2_000_000, self.body_bytes // 8)


@frozen
class Settings:
    """How a server is run. It can be pickled, and has no secret but the tokens."""

    store: str | None = None
    """Folder of the store, or its URL; None for the default one."""
    resources: tuple[Path, ...] = ()
    """Files and folders with CodeSystems, ValueSets and ConceptMaps to be served beside the store."""
    tokens: tuple[str, ...] = field(default=(), repr=False)
    """Of which a client must send one; none are asked for where there are none."""
    origins: tuple[str, ...] = ("*",)
    """Of web pages that may read answers; ``*`` for all."""
    base_url: str = ""
    """Above the endpoints, as clients reach them, for links; empty for what each client has asked for."""
    log: Log = "json"
    """Form of the log: ``json``, ``text`` or ``none``."""
    max_age: int = 0
    """Seconds for which a client may reuse an answer without asking whether it still holds."""
    reload_seconds: float = 5.0
    """Between two looks whether something was published."""
    drain_seconds: int = 30
    """How long a server that is told to end waits for answers that are under way."""
    counts: Path | None = None
    """File in which the workers keep their counters, so that each can report all; None where there is one process."""
    limits: Limits = field(factory=Limits)
    """Of requests and answers."""
