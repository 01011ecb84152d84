"""A TCP port of this machine that is ours until we let it go.

granian opens its port so that several servers may share it. Two platforms that both found 8000 free would then answer
each other's requests, without an error. Holding the port beside granian, unused, keeps the second one off.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.embedded.errors import EmbeddedServiceError

HOST = "127.0.0.1"
_FIRST_PORT = 8000
_PORTS_TRIED = 100


@contextmanager
def reserved_port(port: int | None = None) -> Iterator[int]:
    """Hold `port`, or the environment's PORT, or the first free one from 8000 on, and yield its number.

    Raises EmbeddedServiceError when a named port, or every one that was tried, is in use.
    """
    named = port or int(os.environ.get("PORT") or 0)
    candidates = [named] if named else range(_FIRST_PORT, _FIRST_PORT + _PORTS_TRIED)
    for candidate in candidates:
        if holder := _hold(candidate):
            with holder:
                yield candidate
            return
    raise EmbeddedServiceError(
        f"Port {named} is in use. Name another: PORT=9000 make run"
        if named
        else f"No port from {_FIRST_PORT} to {_FIRST_PORT + _PORTS_TRIED - 1} is free. Name one: PORT=9000 make run"
    )


def _hold(port: int) -> socket.socket | None:
    """Return a socket that is bound to `port` and does not listen, None if somebody has the port."""
    with socket.socket() as probe, suppress(OSError):
        # This one shares with nobody, so it fails where anything is bound; connections that are closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        probe.close()
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((HOST, port))
        return holder
    return None
