"""Finds `:name` in a row filter of PostgreSQL and writes `$1`, `$2` … in its place, which PostgreSQL's parser reads."""

import re

from apps.datasources.guard.errors import Refusal, UnsafeSql

_PIECE = re.compile(
    r"""
      [eE]'(?:[^'\\]|''|\\.)*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | ::
    | :(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<refused>\$|--|/\*|'|")
    | \w+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def numbered(condition: str) -> tuple[str, tuple[str, ...]]:
    """The condition with its values numbered, and their names in order of number.

    Raises UnsafeSql for comments, dollar quotes and strings that do not end: a filter needs none of them.
    """
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match["refused"]:
            raise UnsafeSql(Refusal.CANNOT_PARSE, f"{match['refused']} cannot stand in a row filter.")
        if not match["name"]:
            return match[0]
        if match["name"] not in names:
            names.append(match["name"])
        return f"${names.index(match['name']) + 1}"

    return _PIECE.sub(number, condition), tuple(names)
