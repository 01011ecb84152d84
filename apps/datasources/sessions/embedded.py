"""Sessions of engines that are a library (SQLite, DuckDB): each file is read in child processes that can be killed.

Such an engine cannot be trusted to stop: a single step may run for a minute past its deadline. So the file is opened in
a process with limits of its own, kept for the next call, and killed at the deadline or when somebody cancels.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from apps.datasources.address import SourceAddress
from apps.datasources.child.messages import read_back
from apps.datasources.errors import Cancelled, SqlTimeout
from apps.datasources.results import ResultColumn
from apps.datasources.schema import ColumnType
from apps.datasources.sessions.base import Batch, Batches, Limits
from apps.datasources.sessions.child_process import ChildProcess
from apps.datasources.sessions.duckdb_types import column_type
from apps.datasources.sessions.embedded_errors import failure_of
from apps.datasources.sessions.places import Places

_CATALOGUE_SECONDS = 60.0
_WATCH_SECONDS = 0.05


class EmbeddedSession:
    """A few child processes on one file, started when needed."""

    def __init__(self, address: SourceAddress) -> None:
        self._engine = address.kind.value
        self._path = address.path
        self._free: list[ChildProcess] = []
        self._closed = False
        self._lock = threading.Lock()
        self._places = Places()

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text in a child; see `Session.stream`."""
        request = {"sql": text, "rows": limits.rows + 1, "bytes": limits.bytes, "seconds": limits.timeout_seconds}
        with self._asked(request, cancel) as answers:
            for message in answers:
                if "rows" not in message:
                    raise failure_of(self._engine, message.get("error", {}))
                yield self._batch(message)

    def catalogue(self) -> Mapping[str, list[dict[str, Any]]]:
        """Tables, columns, keys as the child reads them."""
        with self._asked({"catalogue": True, "seconds": _CATALOGUE_SECONDS}, None) as answers:
            message = next(answers)
        if "catalogue" not in message:
            raise failure_of(self._engine, message.get("error", {}))
        catalogue: Mapping[str, list[dict[str, Any]]] = message["catalogue"]
        return catalogue

    def test(self) -> None:
        """Start a child, or see that one is there."""
        with self._places.taken():
            self._put_back(self._child(), usable=True)

    def writes(self) -> list[str]:
        """Nothing: whoever may write the file, it is opened for reading only."""
        return []

    def close(self) -> None:
        with self._lock:
            self._closed = True
            children, self._free = self._free, []
        for child in children:
            child.kill()

    def forget(self) -> None:
        for child in self._free:
            child.let_go()
        self._free = []
        self._lock = threading.Lock()
        self._places = Places()

    @contextmanager
    def _asked(self, request: dict[str, Any], cancel: threading.Event | None) -> Iterator[Iterator[dict[str, Any]]]:
        """The messages that answer a request; a child that is left in the middle of an answer is killed."""
        deadline = time.monotonic() + request["seconds"]
        with self._places.taken():
            child = self._child()
            ended = False

            def answers() -> Iterator[dict[str, Any]]:
                nonlocal ended
                while not ended:
                    message = self._receive(child, deadline, request["seconds"], cancel)
                    ended = message.get("ended", True)
                    yield message

            try:
                child.send(request)
                yield answers()
            finally:
                self._put_back(child, usable=ended)

    def _child(self) -> ChildProcess:
        with self._lock:
            while self._free:
                child = self._free.pop()
                if child.is_alive():
                    return child
                child.kill()
        return ChildProcess(self._engine, self._path)

    def _put_back(self, child: ChildProcess, *, usable: bool) -> None:
        with self._lock:
            kept = usable and not self._closed
            if kept:
                self._free.append(child)
        if not kept:
            child.kill()

    def _receive(
        self, child: ChildProcess, deadline: float, timeout_seconds: float, cancel: threading.Event | None
    ) -> dict[str, Any]:
        while True:
            if cancel and cancel.is_set():
                raise Cancelled
            left = deadline - time.monotonic()
            if left <= 0:
                raise SqlTimeout(timeout_seconds)
            message = child.receive(min(left, _WATCH_SECONDS) if cancel else left)
            if message is not None:
                return message

    def _batch(self, message: dict[str, Any]) -> Batch:
        columns = tuple(
            ResultColumn(name, column_type(kind) if kind else ColumnType.OTHER) for name, kind in message["columns"]
        )
        rows = [tuple(read_back(value) for value in row) for row in message["rows"]]
        return Batch(columns, rows, truncated=message["cut"])
