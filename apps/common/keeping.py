"""Looking after what a process holds for a while: one thread for all of it, there only as long as anything is held.

No Django here.
"""

import os
import threading
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
JOIN_SECONDS = 10


class Keeping(Generic[Item]):
    """Calls `look_after` with all that is held, each time `seconds` have passed; it must not raise."""

    def __init__(self, name: str, seconds: Callable[[], float], look_after: Callable[[list[Item]], None]) -> None:
        self._name, self._seconds, self._look_after = name, seconds, look_after
        self.forget()
        _all.add(self)  # type: ignore[arg-type]

    def forget(self) -> None:
        """Hold nothing, as a forked child does: what its parent holds is the parent's, and its thread is not here."""
        self._lock = threading.Lock()
        self._held: dict[int, Item] = {}
        self._thread: threading.Thread | None = None
        self._done = threading.Event()

    def hold(self, item: Item) -> None:
        with self._lock:
            self._held[id(item)] = item
            if self._thread is None:
                self._done = threading.Event()
                self._thread = threading.Thread(target=self._keep, args=(self._done,), name=self._name, daemon=True)
                self._thread.start()

    def let_go(self, item: Item) -> None:
        """Look after it no more. When it was the last, the thread is gone as well once this returns."""
        with self._lock:
            self._held.pop(id(item), None)
            if self._held or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._done.set()
        thread.join(timeout=JOIN_SECONDS)

    def all_held(self) -> list[Item]:
        with self._lock:
            return list(self._held.values())

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(self._seconds()):
            self._look_after(self.all_held())


def _forget_after_fork() -> None:
    for keeping in _all:
        keeping.forget()


_all: "weakref.WeakSet[Keeping[object]]" = weakref.WeakSet()
os.register_at_fork(after_in_child=_forget_after_fork)
