"""Which functions an administrator may add to a source's list, and in which form. What can do harm stays refused."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from apps.datasources.guard.dialects import rules_for

MOST_FUNCTIONS = 200
_NAME = re.compile(r"[a-z_][a-z0-9_$]{0,62}(\.[a-z_][a-z0-9_$]{0,62})?")


class NotAllowable(ValueError):
    """This function cannot be added; the message says why and may be shown."""


def function_names(names: Iterable[str], dialect: str) -> tuple[str, ...]:
    """The names as the guard compares them, each once, in order of the alphabet. Raises NotAllowable."""
    found = sorted({_checked(name.strip().lower(), dialect) for name in names})
    if len(found) > MOST_FUNCTIONS:
        raise NotAllowable(f"No more than {MOST_FUNCTIONS} functions can be added.")
    return tuple(found)


def is_never_allowed(name: str, dialect: str) -> bool:
    """Whether a function stays refused whatever an administrator says."""
    namespace, _, last = name.rpartition(".")
    is_of_system = namespace in rules_for(dialect).system_namespaces or namespace.startswith("pg_")
    pattern = _never(dialect)
    return is_of_system or (pattern is not None and pattern.fullmatch(last) is not None)


def _checked(name: str, dialect: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotAllowable(f"{name[:80]!r} is no name of a function: write name or schema.name, without brackets.")
    if is_never_allowed(name, dialect):
        raise NotAllowable(f"{name} can do more than compute, so it cannot be allowed.")
    return name


@cache
def _never(dialect: str) -> re.Pattern[str] | None:
    """The names that stay refused in that dialect; None where functions of its own making cannot be called at all."""
    path = Path(__file__).parent / "rules" / "never_allowed.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))["names"]
    if dialect not in table:
        return None
    return re.compile("|".join(f"(?:{line})" for line in table[dialect].split()))
