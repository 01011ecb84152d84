"""What an embedded engine offers inside the child."""

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from apps.datasources.child.messages import Row

# Name and the engine's own type; an empty type where the engine has none for what it puts out.
Columns = list[tuple[str, str]]


# What any engine may raise besides its own errors.
COMMON_ERRORS: tuple[type[Exception], ...] = (OSError, MemoryError, OverflowError, ValueError)


class UnsafeSetting(Exception):
    """A wall is not up: `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Reader(Protocol):
    """One open file."""

    memory_bytes: ClassVar[int]
    threads: ClassVar[int]
    errors: ClassVar[tuple[type[Exception], ...]]

    def __init__(self, path: str) -> None:
        """Open the file for reading only. Raises one of `errors`, or OSError."""
        ...

    def check_settings(self) -> None:
        """Read back what was set. Raises UnsafeSetting."""
        ...

    def run(self, sql: str, most: int) -> tuple[Columns, Iterable[Row]]:
        """Start one statement; the rows come as they are taken. `most` are wanted."""
        ...

    def catalogue(self) -> dict[str, list[dict[str, Any]]]:
        """What the engine's own catalogue says, by fixed SQL."""
        ...

    def condition(self, error: Exception) -> str:
        """The engine's own code for an error."""
        ...

    def clear(self) -> None:
        """Let go of what the last statement left open."""
        ...
