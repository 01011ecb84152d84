"""Running several processes as one: their output on one terminal, all of them ended when one ends or we are asked to.

Each process gets its signal alone, not its whole group: Celery and granian finish what they began and end their own
children, which a signal to those children would cut short.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self, TextIO

_POLL_SECONDS = 0.1
_INSIST_AFTER_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded here, not between fork and exec


@dataclass(frozen=True)
class Command:
    """One process to run: the name that its lines carry, and its arguments."""

    name: str
    arguments: Sequence[str]


def supervise(
    commands: Sequence[Command], environment: Mapping[str, str], grace_seconds: float, output: TextIO = sys.stdout
) -> int:
    """Run `commands` until SIGINT, SIGTERM or SIGHUP arrives or one of them ends, then end the rest.

    Processes that have not ended `grace_seconds` after being asked, or when asked again, are killed with their groups.
    Must be called from the main thread. Returns 0 if we were asked to end and nothing had to be killed, 1 otherwise.
    """
    running: list[_Running] = []
    with _StopSignals() as stops:
        try:
            running.extend(_Running(command, environment) for command in commands)
            for process in running:
                process.pass_on_output(output)
            while not stops.heard and all(process.is_alive() for process in running):
                time.sleep(_POLL_SECONDS)
            for process in running:
                if not stops.heard and not process.is_alive():
                    output.write(f"{process.name} ended of itself, so the others are ended.\n")
        finally:
            was_asked = stops.heard
            killed = _end(running, grace_seconds, stops)
    return 0 if was_asked and not killed else 1


def _end(running: "Sequence[_Running]", grace_seconds: float, stops: "_StopSignals") -> list[str]:
    """Ask all processes to end, wait, kill what is left; return the names of those that had to be killed."""
    for process in running:
        process.ask_to_end()
    deadline = time.monotonic() + grace_seconds
    while any(process.is_alive() for process in running) and time.monotonic() < deadline and not stops.insist:
        time.sleep(_POLL_SECONDS)
    left = [process.name for process in running if process.is_alive()]
    for process in running:
        process.close()
    return left


class _StopSignals:
    """Notes signals that ask us to end instead of being interrupted by them.

    A second one insists if it comes later: make and timeout both pass on the first, so it may arrive twice.
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._previous: dict[signal.Signals, Any] = {}

    @property
    def heard(self) -> bool:
        return bool(self._times)

    @property
    def insist(self) -> bool:
        return bool(self._times) and self._times[-1] - self._times[0] > _INSIST_AFTER_SECONDS

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._previous[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _hear(self, *_: object) -> None:
        self._times.append(time.monotonic())


class _Running:
    """A started process, in a session of its own, and the thread that passes on its output."""

    def __init__(self, command: Command, environment: Mapping[str, str]) -> None:
        self.name = command.name
        self._process = subprocess.Popen(
            list(command.arguments),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)

    def pass_on_output(self, output: TextIO) -> None:
        """Begin to write what the process says. Not before all are started: forking beside a thread is not safe."""
        self._output = output
        self._reader.start()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask_to_end(self) -> None:
        if self.is_alive():
            self._process.terminate()

    def close(self) -> None:
        """Kill the process if it still runs, and whatever it left behind in its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._reader.is_alive():
            self._reader.join(timeout=2)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(BrokenPipeError):  # nobody listens any more, but the process must not block on its output
                self._output.write(f"{self.name:<10}| {line}")
                self._output.flush()


def end_with_parent() -> None:
    """Have Linux send SIGTERM to this process when the one that started it dies, so that `kill -9` leaves no orphan."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
