"""The HTTP side of the replay server: one thread a connection, keep-alive, every request on record."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.model_server.script import Playing, Reply


@dataclass(frozen=True)
class Received:
    """One request as it came; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """All that was said to the model, or given to it to embed."""
        return "\n".join([*(message["content"] for message in self.body.get("messages", [])), *self.embedded])

    @property
    def embedded(self) -> list[str]:
        """The texts of a request for embeddings."""
        return list(self.body.get("input", []))


class ModelServer:
    """Serves a script on 127.0.0.1, on a free port unless one is named, as a context manager."""

    def __init__(self, script: Sequence[Reply], *, port: int = 0, echo: bool = False) -> None:
        self.received: list[Received] = []
        self.ended = threading.Event()
        self.echo = echo
        self.connections = 0
        self._playing = Playing(script)
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.model_server = self

    @property
    def url(self) -> str:
        """The base URL that a client is given."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def reply_to(self, request: Received) -> Reply:
        """Put the request on record and say what becomes of it."""
        with self._lock:
            self.received.append(request)
            return self._playing.next(request.text)

    def serve(self) -> None:
        """Serve until `close` is called from another thread."""
        self._http.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Let hanging requests go and stop listening."""
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    model_server: ModelServer

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what some scripts are for; anything else is a defect of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            raise


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.model_server.connections += 1

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(self.path, headers, json.loads(raw or b"{}"))
        main = self.server.model_server
        reply = main.reply_to(request)
        if main.echo:
            print(json.dumps({"path": request.path, "headers": headers, "body": request.body}), flush=True)  # noqa: T201
        if reply.embeds and request.embedded:
            reply = reply.with_embeddings_of(request.embedded)
        if reply.refuses_schema and "response_format" in request.body:
            reply = Reply(status=400, body='{"error": {"message": "response_format is not supported"}}')
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        ended = self.server.model_server.ended
        if reply.hang:
            ended.wait()
            self.close_connection = True
            return
        ended.wait(reply.delay_seconds)
        body = reply.text().encode()
        try:
            self._send_head(reply, len(body))
            if reply.cut:
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif reply.drip_seconds:
                self._drip(body, reply.drip_seconds)
            else:
                self.wfile.write(body)
        except OSError:  # the client has given up, as some scripts mean it to
            self.close_connection = True

    def _send_head(self, reply: Reply, length: int) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self, body: bytes, seconds: float) -> None:
        for byte in body:
            if self.server.model_server.ended.is_set():
                break
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(seconds)

    def log_message(self, *_: object) -> None:
        """Silent: what came in is on record."""
