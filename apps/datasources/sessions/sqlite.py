"""SQLite sessions: each file is read in child processes that are killed when they take too long.

SQLite cannot be trusted to stop: a single step may run for seconds past its deadline. So the file is opened in a worker
process with limits of its own, kept for the next call, and killed at the deadline or when somebody cancels.
"""

import base64
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.datasources.address import SourceAddress
from apps.datasources.errors import Cancelled, SourceUnavailable, SqlTimeout
from apps.datasources.results import ResultColumn
from apps.datasources.schema import ColumnType
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.sqlite_errors import failure_of

_WORKER = Path(__file__).with_name("sqlite_worker.py")
_WORKER_MEMORY_BYTES = 1024 * 1024 * 1024
_WORKERS_PER_SOURCE = 4
_START_SECONDS = 10.0
_CATALOGUE_SECONDS = 60.0
_WATCH_SECONDS = 0.05
_HEADER = b"SQLite format 3\x00"


class SqliteSession:
    """A few worker processes on one SQLite file, started when needed."""

    def __init__(self, address: SourceAddress) -> None:
        self._path = address.path
        self._free: list[_Worker] = []
        self._closed = False
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_WORKERS_PER_SOURCE)

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text in a worker; see `Session.stream`."""
        deadline = time.monotonic() + limits.timeout_seconds
        with self._places:
            worker = self._worker()
            finished = False
            try:
                worker.send({"sql": text, "rows": limits.rows + 1})
                while not finished:
                    message = self._receive(worker, deadline, limits.timeout_seconds, cancel)
                    finished = message.get("ended", True)
                    if "rows" not in message:
                        raise failure_of(message.get("error", {}))
                    yield _batch(message)
            finally:
                self._put_back(worker, usable=finished)

    def catalogue(self) -> Mapping[str, list[dict[str, Any]]]:
        """Tables, columns, keys as the worker reads them."""
        deadline = time.monotonic() + _CATALOGUE_SECONDS
        with self._places:
            worker = self._worker()
            finished = False
            try:
                worker.send({"catalogue": True})
                message = self._receive(worker, deadline, _CATALOGUE_SECONDS, None)
                finished = True
            finally:
                self._put_back(worker, usable=finished)
        if "catalogue" not in message:
            raise failure_of(message.get("error", {}))
        catalogue: Mapping[str, list[dict[str, Any]]] = message["catalogue"]
        return catalogue

    def test(self) -> None:
        """Start a worker, or see that one is there."""
        with self._places:
            self._put_back(self._worker(), usable=True)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            workers, self._free = self._free, []
        for worker in workers:
            worker.kill()

    def forget(self) -> None:
        for worker in self._free:
            worker.let_go()
        self._free = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_WORKERS_PER_SOURCE)

    def _worker(self) -> "_Worker":
        with self._lock:
            while self._free:
                worker = self._free.pop()
                if worker.is_alive():
                    return worker
                worker.kill()
        return _Worker(self._path)

    def _put_back(self, worker: "_Worker", *, usable: bool) -> None:
        """A worker that was left in the middle of an answer is of no further use; nor is one of a closed session."""
        with self._lock:
            kept = usable and not self._closed
            if kept:
                self._free.append(worker)
        if not kept:
            worker.kill()

    def _receive(
        self, worker: "_Worker", deadline: float, timeout_seconds: float, cancel: threading.Event | None
    ) -> dict[str, Any]:
        while True:
            if cancel and cancel.is_set():
                raise Cancelled
            left = deadline - time.monotonic()
            if left <= 0:
                raise SqlTimeout(timeout_seconds)
            message = worker.receive(min(left, _WATCH_SECONDS) if cancel else left)
            if message is not None:
                return message


class _Worker:
    """One child process and its two pipes."""

    def __init__(self, path: str) -> None:
        _check_file(path)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WORKER), path, str(_WORKER_MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        self._pending = bytearray()
        if not (self.receive(_START_SECONDS) or {}).get("ready"):
            self.kill()
            raise SourceUnavailable

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: dict[str, Any]) -> None:
        try:
            self._input.write(json.dumps(message).encode() + b"\n")
            self._input.flush()
        except OSError as error:
            raise SourceUnavailable from error

    def receive(self, timeout_seconds: float) -> dict[str, Any] | None:
        """The next message, or None when none came in time. Raises SourceUnavailable when the process is gone."""
        deadline = time.monotonic() + timeout_seconds
        searched = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while (end := self._pending.find(b"\n", searched)) < 0:
                searched = len(self._pending)
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return None
                chunk = os.read(self._output.fileno(), 1 << 20)
                if not chunk:
                    raise SourceUnavailable
                self._pending += chunk
        line = bytes(self._pending[:end])
        del self._pending[: end + 1]
        message: dict[str, Any] = json.loads(line)
        return message

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our ends of the pipes; the process then ends by itself."""
        for pipe in (self._input, self._output):
            try:
                pipe.close()
            except OSError:
                continue


def _check_file(path: str) -> None:
    """Only a real SQLite file is opened: no device, no pipe, no link out of a folder into /proc."""
    file = Path(path)
    try:
        usable = file.is_absolute() and file.resolve(strict=True).is_file() and not _is_system(file.resolve())
        with file.open("rb") as opened:
            usable = usable and opened.read(len(_HEADER)) in (_HEADER, b"")
    except (OSError, ValueError) as error:
        raise SourceUnavailable from error
    if not usable:
        raise SourceUnavailable


def _is_system(file: Path) -> bool:
    return file.parts[1:2] in (("proc",), ("sys",), ("dev",))


def _batch(message: dict[str, Any]) -> Batch:
    columns = tuple(ResultColumn(name, ColumnType.OTHER) for name in message["columns"])
    return Batch(columns, [tuple(_value(value) for value in row) for row in message["rows"]])


def _value(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
