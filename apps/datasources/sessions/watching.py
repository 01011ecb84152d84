"""Stops work in a customer's database from a second thread: on cancel, or when it outlives its time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)
_LOOK_SECONDS = 0.05
# The server ends the work by itself first; this is for servers that do not.
_GRACE_SECONDS = 1.0


@contextmanager
def watching(
    stop: Callable[[], None], *, timeout_seconds: float, cancel: threading.Event | None
) -> Iterator[threading.Event]:
    """Call `stop` once if `cancel` is set, or the time is over, before the block ends; the event says that it was."""
    done, stopped = threading.Event(), threading.Event()
    deadline = time.monotonic() + timeout_seconds + _GRACE_SECONDS

    def watch() -> None:
        while not done.wait(_LOOK_SECONDS if cancel else max(0.0, deadline - time.monotonic())):
            if (cancel and cancel.is_set()) or time.monotonic() >= deadline:
                stopped.set()
                try:
                    stop()
                except Exception as error:  # the block then waits for the server's own timeout, which is set as well
                    log.warning("sql_not_stopped", error=type(error).__name__)
                return

    watcher = threading.Thread(target=watch, name="sql-watch", daemon=True)
    watcher.start()
    try:
        yield stopped
    finally:
        done.set()
        watcher.join()
