"""Other names of values that people say for what is stored: "American" for USA, "male" for M, "June" for Jun."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

NAMES_FILE = Path(__file__).with_name("value_names.txt")


def other_names(said: str) -> tuple[str, ...]:
    """Keys of values, lower-case words, that somebody may mean who says this key; likeliest first."""
    return _names().get(said, ())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, ...]]:
    return parse_names(NAMES_FILE.read_text(encoding="utf-8"))


def parse_names(text: str) -> dict[str, tuple[str, ...]]:
    """Read the format that the head of `value_names.txt` describes."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        said, points, meant = line.partition(">")
        members = _members(said)
        for member in members:
            found[member].extend(other for other in _members(meant) or members if points or other != member)
    return {name: tuple(dict.fromkeys(others)) for name, others in found.items()}


def _members(text: str) -> list[str]:
    return [member.strip().replace("'", " ") for member in text.split(",") if member.strip()]
