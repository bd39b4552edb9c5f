"""Connections to servers: only to addresses that are allowed, and shut at the deadline whatever the server does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from attrs import define, field

from .hosts import PRIVATE, AstrayError, Redirects, is_public

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter


@define(eq=False)
class Deadline:
    """A moment after which nothing is waited for; between ``with`` and its end connections are watched.

    A server that sends a byte now and then prevents every timeout of a socket. So a timer shuts the
    connections down: whoever waits for them is woken, in the middle of headers, of TLS, or of a body. The lookup of a
    name is no connection: only the system's own bounds end it.
    """

    seconds: float
    begun: float = field(factory=time.monotonic, init=False)
    _is_over: bool = field(default=False, init=False)
    _connections: list[socket.socket] = field(factory=list, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _timer: threading.Timer | None = field(default=None, init=False)

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self._is_over or self.left <= 0

    @property
    def left(self) -> float:
        """How many seconds are left; none after the deadline."""
        return max(0.0, self.seconds - (time.monotonic() - self.begun))

    def within(self, seconds: float) -> float:
        """Return the seconds, or what is left if that is less; never so little that it means without end."""
        return max(min(seconds, self.left), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Shut the connection down at the deadline; at once where it is over."""
        # a copy: TLS takes the socket for itself and leaves an empty one behind
        copy = connection.dup()
        with self._lock:
            self._connections.append(copy)
        if self.passed:
            self._end()

    def forget(self) -> None:
        """Watch none of the connections any longer."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _end(self) -> None:
        self._is_over = True
        with self._lock:
            for connection in self._connections:
                # it may be closed by the other side
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self.begun = time.monotonic()
        self._timer = threading.Timer(min(self.seconds, threading.TIMEOUT_MAX), self._end)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.forget()


def adapter_for(redirects: Redirects, deadline: Deadline) -> HTTPAdapter:
    """Return what makes the connections of a session. It never tries again, and follows nothing.

    A name is looked up once, and the address that was checked is the one that is connected to: a name that is
    another address the next time gains nothing. Where a proxy is used it looks up the names, and its own address may
    be private.
    """
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    def classes(*, direct: bool) -> dict[str, type[HTTPConnectionPool]]:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self, super()._new_conn, redirects if direct else None, deadline)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self, super()._new_conn, redirects if direct else None, deadline)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **values: Any) -> None:
            super().init_poolmanager(*args, **values)
            self.poolmanager.pool_classes_by_scheme = classes(direct=True)

        def proxy_manager_for(self, proxy: str, **values: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **values)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = classes(direct=False)
            return manager

    return Adapter()


def _connected(connection: Any, connect: Any, redirects: Redirects | None, deadline: Deadline) -> socket.socket:
    """Return the socket to the first address of a host that answers.

    Raises:
        AstrayError: The host has no address that is allowed.
        urllib3.exceptions.HTTPError: It does not answer, or there is no such host.
    """
    from urllib3.exceptions import ConnectTimeoutError, HTTPError

    name, patience = connection._dns_host, connection.timeout  # noqa: SLF001 -- the only way to connect to an address
    addresses = _addresses(connection, name)
    if redirects is not None and not redirects.may_be_private(name, connection.port):
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise AstrayError(f"the server redirects to {name} at {addresses[0]}, {PRIVATE}")
        addresses = public
    failure: HTTPError = ConnectTimeoutError(connection, "the time is over")
    try:
        for address in addresses:
            if deadline.passed:
                break
            connection._dns_host = address  # noqa: SLF001 -- as above
            connection.timeout = deadline.within(patience)
            try:
                made: socket.socket = connect()
            except HTTPError as error:
                failure = error
            else:
                deadline.watch(made)
                return made
    finally:
        # certificates are of names
        connection._dns_host, connection.timeout = name, patience  # noqa: SLF001 -- as above
    raise failure


def _addresses(connection: Any, name: str) -> list[str]:
    """Return the addresses of a host, each once, in the order of the system."""
    from urllib3.exceptions import NewConnectionError
    from urllib3.util.connection import allowed_gai_family

    try:
        found = socket.getaddrinfo(name.strip("[]"), connection.port, allowed_gai_family(), socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, f"the name {name!r} cannot be looked up: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
