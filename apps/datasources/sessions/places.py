"""How much of this process may be at work in customers' databases at once: in one source, and in all together."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apps.datasources.errors import SourceBusy

AT_ONCE_IN_A_SOURCE = 5
AT_ONCE_IN_ALL = 40
WAIT_SECONDS = 10.0


class _Everywhere:
    """The places of the whole process."""

    def __init__(self) -> None:
        self.places = threading.BoundedSemaphore(AT_ONCE_IN_ALL)

    def start_anew(self) -> None:
        """In a forked child nobody is at work."""
        self.places = threading.BoundedSemaphore(AT_ONCE_IN_ALL)


_everywhere = _Everywhere()
os.register_at_fork(after_in_child=_everywhere.start_anew)


class Places:
    """The places of one source."""

    def __init__(self, most: int = AT_ONCE_IN_A_SOURCE) -> None:
        self._places = threading.BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one place for the length of a piece of work. Raises SourceBusy when none becomes free in time."""
        everywhere = _everywhere.places
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise SourceBusy
        try:
            if not everywhere.acquire(timeout=WAIT_SECONDS):
                raise SourceBusy
            try:
                yield
            finally:
                everywhere.release()
        finally:
            self._places.release()
