"""Taking turns at computing: in a process of hundreds of threads few compute at once, the others wait for somebody.

Threads that compute at the same moment are no faster together, and each holds its own memory meanwhile. Where no limit
is set, as in processes that do one thing at a time, it is everybody's turn at any time. No Django here.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """So many threads of this process compute at once; None: as many as there are."""

    def __init__(self) -> None:
        self._free: threading.Semaphore | None = None
        self._mine = threading.local()

    def limit_to(self, most: int | None) -> None:
        """From now on so many. To be called before the threads begin."""
        self._free = None if most is None else threading.Semaphore(most)

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute in this block, once it is this thread's turn."""
        if self._free is None:
            yield
            return
        self._take()
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for somebody else in this block: another thread has its turn meanwhile, and this one then again."""
        if not getattr(self._mine, "is_taken", False):
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        assert self._free is not None
        self._free.acquire()
        self._mine.is_taken = True

    def _give(self) -> None:
        assert self._free is not None
        self._mine.is_taken = False
        self._free.release()


TURNS = Turns()
