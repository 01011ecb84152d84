"""What can go wrong with an embedded service, in words that say how to mend it."""

from pathlib import Path

_LOG_TAIL_LINES = 15


class EmbeddedServiceError(Exception):
    """An embedded service cannot be found, started, reached or stopped."""


def log_tail(path: Path) -> str:
    """Return the last lines of a service's log, for an error message; empty when there is no log."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LOG_TAIL_LINES:])
