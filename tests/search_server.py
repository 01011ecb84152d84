"""A search service of our own over real HTTP: answers as SearXNG (GET) and as Tavily (POST), and misbehaves as told."""

import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """What the service sends: `results` as it would, or `body` as it stands. `length` repeats the body up to it."""

    results: list[Any] | None = None
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_seconds: float = 0
    drips_headers: bool = False
    hang: bool = False
    cut: bool = False
    length: int = 0

    def bytes(self) -> bytes:
        return self.body if self.results is None else json.dumps({"query": "q", "results": self.results}).encode()


@dataclass(frozen=True)
class Searched:
    """One search as it came; header names are in lower case."""

    method: str
    path: str
    given: dict[str, Any]
    headers: dict[str, str]


class SearchServer:
    """Gives the same answer to every search, on a free port of 127.0.0.1, as a context manager."""

    def __init__(self, answer: Answer, *, key: str = "") -> None:
        self.answer = answer
        self.key = key
        self.received: list[Searched] = []
        self.sent_bytes = 0
        self.ended = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.search_server = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    search_server: SearchServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(self.path, json.loads(raw))

    def _answer(self, path: str, given: dict[str, Any]) -> None:
        main = self.server.search_server
        headers = {name.lower(): value for name, value in self.headers.items()}
        main.received.append(Searched(self.command, path, given, headers))
        answer = main.answer
        if main.key and headers.get("authorization") != f"Bearer {main.key}":
            answer = Answer(body=b'{"detail": {"error": "Unauthorized"}}', status=401)
        if answer.hang:
            main.ended.wait()
            return
        with suppress(OSError):  # the client gives up, as it should
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        main = self.server.search_server
        body = answer.bytes()
        if answer.drips_headers:
            self._drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000, answer.drip_seconds)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(answer.length or len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.cut:
            self.wfile.write(body[: len(body) // 2])
        elif answer.drip_seconds:
            self._drip(body, answer.drip_seconds)
        else:
            for _ in range(max(1, answer.length // max(1, len(body)))):
                main.sent_bytes += self.wfile.write(body)

    def _drip(self, text: bytes, seconds: float) -> None:
        for at in range(len(text)):
            if self.server.search_server.ended.wait(seconds):
                return
            self.wfile.write(text[at : at + 1])

    def log_message(self, *_: object) -> None:
        """Silent: what came in is on record."""
