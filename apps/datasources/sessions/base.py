"""What every kind of session offers, and the limits it keeps."""

import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from apps.datasources.results import ResultColumn, Row

DEFAULT_ROWS = 10_000
DEFAULT_COLUMNS = 500
DEFAULT_BYTES = 64 * 1024 * 1024
DEFAULT_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one piece of SQL may bring back, and how long it may take."""

    rows: int = DEFAULT_ROWS
    bytes: int = DEFAULT_BYTES
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    columns: int = DEFAULT_COLUMNS


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows and the columns of all of them; a column that the engine has no type for is OTHER.

    `truncated` is set on a last batch after which there are more rows.
    """

    columns: tuple[ResultColumn, ...]
    rows: list[Row]
    truncated: bool = False


# Closing it stops the work in the database.
Batches = Generator[Batch, None, None]


class Session(Protocol):
    """A way into one data source that can only read. Shared by threads; never by processes."""

    def stream(self, text: str, limits: Limits, cancel: threading.Event | None) -> Batches:
        """Run released text; at most `limits.rows` + 1 rows come, in batches of a
        bounded size where the driver allows it. Only `execution` calls this."""
        ...

    def catalogue(self) -> Mapping[str, list[dict[str, Any]]]:
        """What the source's own catalogue says about tables, columns and keys, by the session's own fixed SQL."""
        ...

    def test(self) -> None:
        """Raise SourceUnavailable when the source cannot be used."""
        ...

    def writes(self) -> list[str]:
        """In words: each thing that the role may do beside reading. Raises SourceUnavailable."""
        ...

    def close(self) -> None:
        """Let go of everything that is open."""
        ...

    def forget(self) -> None:
        """After a fork, in the child: drop what belongs to the parent without touching it."""
        ...
