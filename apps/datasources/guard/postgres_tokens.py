"""Reads PostgreSQL text just far enough to know where strings, comments and brackets are.

PostgreSQL's parser is sure of itself, but the code that writes its trees out is recursive without a bound, so nesting
is bounded before it sees the text. What this scanner cannot follow is refused.
"""

import re
from collections.abc import Iterator

from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.nesting import Kind

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+ | --[^\r\n]*)
    | (?P<comment>/\*)
    | (?P<escaped>[eE]')
    | (?P<quote>(?:[bBxXnN]|[uU]&)?' | (?:[uU]&)?")
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<word>\w[\w$]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_REST = re.compile(r"(?:[^'\\]+|''|\\.)*+'", re.DOTALL)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_KINDS = {"(": Kind.OPEN, "[": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE, ",": Kind.COMMA}


def kinds(sql: str) -> Iterator[Kind]:
    """What each token of this text does to nesting. Raises UnsafeSql where a string or comment does not end."""
    position = 0
    while match := _TOKEN.match(sql, position):
        position = match.end()
        match match.lastgroup:
            case "blank":
                continue
            case "comment":
                position = _after_comment(sql, position)
                continue
            case "escaped":
                position = _after_escaped(sql, position)
            case "quote":
                position = _after_quote(sql, position, match[0][-1])
            case "dollar":
                position = _after(sql, position, match[0])
        yield _KINDS.get(match[0], Kind.OTHER)


def _after(sql: str, position: int, end: str) -> int:
    found = sql.find(end, position)
    if found < 0:
        raise _unended()
    return found + len(end)


def _after_quote(sql: str, position: int, quote: str) -> int:
    """Past the closing quote; a doubled one is part of the text."""
    while True:
        position = _after(sql, position, quote)
        if sql[position : position + 1] != quote:
            return position
        position += 1


def _after_escaped(sql: str, position: int) -> int:
    match = _ESCAPED_REST.match(sql, position)
    if match is None:
        raise _unended()
    return match.end()


def _after_comment(sql: str, position: int) -> int:
    """Past a comment; PostgreSQL's comments nest."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(sql, position)
        if edge is None:
            raise _unended()
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return position


def _unended() -> UnsafeSql:
    return UnsafeSql(Refusal.CANNOT_PARSE, "A string or a comment in the SQL does not end.")
