"""A moment at which all waiting for the network ends, however many waits there are. No Django here.

The HTTP package counts a timeout anew for each piece that arrives, so an endpoint that drips its headers byte by byte
would never run into one. Here each wait is cut to what is left of the whole.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore2
import httpx2

_ends_at: ContextVar[float | None] = ContextVar("network_ends_at", default=None)


@contextmanager
def network_until(ends_at: float) -> Iterator[None]:
    """In this block, every wait for the network ends at this moment of `time.monotonic` at the latest."""
    token = _ends_at.set(ends_at)
    try:
        yield
    finally:
        _ends_at.reset(token)


def keep_deadlines(http: httpx2.Client) -> None:
    """Have the client's connections, also those through a proxy, end their waits as `network_until` says."""
    for transport in (http._transport, *http._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """The shorter of a wait's own timeout and what is left. Raises `error` where nothing is."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise error("The time for the whole exchange is over.")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, plain: httpcore2.NetworkBackend) -> None:
        self._plain = plain

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore2.NetworkStream:
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._plain.connect_tcp(host, port, timeout, *args, **kwargs))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore2.NetworkStream:
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._plain.connect_unix_socket(path, timeout, *args, **kwargs))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, plain: httpcore2.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
