"""One child process that reads a file, and the two pipes to it."""

import importlib.util
import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import structlog

from apps.datasources.errors import SourceUnavailable, SourceUnsafe
from apps.datasources.files import check_file

log = structlog.get_logger(__name__)
_CHILD = Path(__file__).resolve().parent.parent / "child" / "__main__.py"
_START_SECONDS = 20.0
# Only an engine that is no part of Python needs the folder of its package.
_PACKAGES = {"duckdb": "duckdb"}


class ChildProcess:
    """Started on a file that was looked at; it opens that very file or none."""

    def __init__(self, engine: str, path: str) -> None:
        """Raises SourceUnavailable; SourceUnsafe where one of its walls is not up."""
        file = check_file(path, engine)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_CHILD), engine, file.path, file.identity, *_package_folder(engine)],
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
        try:
            self._hear_ready(engine)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

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

    def _hear_ready(self, engine: str) -> None:
        message = self.receive(_START_SECONDS) or {}
        if "unsafe" in message:
            log.error("source_session_unsafe", kind=engine, setting=message["unsafe"])
            raise SourceUnsafe
        if not message.get("ready"):
            raise SourceUnavailable


def _package_folder(engine: str) -> list[str]:
    """Where the engine's package is, for a child that looks in no folder of packages by itself."""
    name = _PACKAGES.get(engine)
    found = importlib.util.find_spec(name) if name else None
    return [str(Path(found.origin).parent.parent)] if found and found.origin else []
