"""The web server as it runs: what it lets in before anything of ours looks, and what it says of itself."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.embedded.processes import platform_commands

ROOT = Path(__file__).resolve().parents[2]
LIVE = "/api/v1/health/live"
HEAD = "Host: 127.0.0.1\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The web process of `make run`, alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
    [web] = [command for command in platform_commands(found) if command.name == "web"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.local"}
    process = subprocess.Popen(
        web.arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not answer(found, f"GET {LIVE} HTTP/1.1\r\n{HEAD}\r\n"):
            assert process.poll() is None
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.2)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def answer(port: int, request: str) -> str:
    """All that comes back; nothing where nobody listens yet."""
    received = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode("latin-1"))
        while part := connection.recv(65_536):
            received += part
    return received.decode("latin-1")


def test_it_names_no_product_and_no_version(port: int) -> None:
    lines = answer(port, f"GET {LIVE} HTTP/1.1\r\n{HEAD}\r\n").lower().split("\r\n")
    assert [line for line in lines if line.startswith("server:")] == ["server: parley"]
    assert not [line for line in lines if "granian" in line or "python" in line or "django" in line]


REFUSED = {
    "too many headers": ("GET", "".join(f"X-{number}: 1\r\n" for number in range(500)), "", 431),
    "headers too large": ("GET", f"X-Large: {'a' * 100_000}\r\n", "", 431),
    "two lengths": ("POST", "Content-Length: 4\r\nContent-Length: 5\r\n", "{}  ", 400),
    "a body in chunks": ("POST", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 411),
    "a length and chunks": ("POST", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 411),
    "a body over the limit": ("POST", f"Content-Length: {10**12}\r\n", "", 413),
    "trace": ("TRACE", "", "", 405),
    "an unknown method": ("BREW", "", "", 405),
}


@pytest.mark.parametrize(("method", "headers", "body", "status"), REFUSED.values(), ids=list(REFUSED))
def test_what_no_client_of_ours_sends_is_refused(port: int, method: str, headers: str, body: str, status: int) -> None:
    said = answer(port, f"{method} {LIVE} HTTP/1.1\r\n{HEAD}{headers}\r\n{body}")
    assert said.split(" ", 2)[1] == str(status), said[:300]


def test_an_address_that_is_too_long_is_refused(port: int) -> None:
    assert answer(port, f"GET {LIVE}?{'a' * 9_000} HTTP/1.1\r\n{HEAD}\r\n").split(" ", 2)[1] == "414"
