"""Connections to servers: only to addresses that are allowed, and watched by the deadline."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from .addresses import is_public
from .deadline import Deadline
from .redirects import PRIVATE, AstrayError, Redirects

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter


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
