"""The HTTP side of the replay server: one thread a connection, keep-alive, every request on record."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
        self.released = threading.Event()
        self.echo = echo
        self.connections = 0
        self.at_work = 0
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

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count a request among those that are being answered."""
        with self._lock:
            self.at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self.at_work -= 1

    def serve(self) -> None:
        """Serve until `close` is called from another thread."""
        self._http.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Let hanging requests go and stop listening."""
        self.ended.set()
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1_024  # as many may come at the same moment
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
        if (reply.refuses_schema and "response_format" in request.body) or (
            reply.refuses_tools and "tools" in request.body
        ):
            reply = Reply(status=400, body='{"error": {"message": "response_format or tools are not supported"}}')
        self._send(reply, streamed=bool(request.body.get("stream")) and reply.status == 200 and reply.body is None)

    def _send(self, reply: Reply, *, streamed: bool) -> None:
        with self.server.model_server.working():
            self._answer(reply, streamed=streamed)

    def _answer(self, reply: Reply, *, streamed: bool) -> None:
        main = self.server.model_server
        if reply.hold:
            main.released.wait()
        if reply.hang:
            main.ended.wait()
        main.ended.wait(reply.delay_seconds)
        if reply.hang or reply.hang_up:
            self.close_connection = True
            return
        try:
            if streamed:
                self._stream(reply)
            else:
                self._send_whole(reply, reply.text().encode(reply.encoding))
        except OSError:  # the client has given up, as some scripts mean it to
            self.close_connection = True

    def _send_whole(self, reply: Reply, body: bytes) -> None:
        self._send_head(reply, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        if reply.cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif reply.drip_seconds:
            self._drip(body, reply.drip_seconds)
        else:
            self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        events = reply.events()
        self._send_head(reply, {"Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"})
        for event in events[: len(events) // 2] if reply.cut else events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            if self.server.model_server.ended.wait(reply.drip_seconds):
                break
        if reply.cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _send_head(self, reply: Reply, headers: Mapping[str, str]) -> None:
        self.send_response(reply.status)
        for name, value in {**headers, **reply.headers}.items():
            self.send_header(name, value)
        if reply.drip_head_seconds:
            head, self._headers_buffer = b"".join(self._headers_buffer), []
            self._drip(head, reply.drip_head_seconds)
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
