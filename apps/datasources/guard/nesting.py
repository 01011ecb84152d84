"""Bounds how deep a statement can nest before any parser sees it: compiled parsers die on huge nesting.

Depth is bounded from above without a grammar: within one pair of brackets and between two commas nothing nests deeper
than there are tokens, so the sum of these runs over all open brackets bounds the depth of any syntax tree.
"""

from collections.abc import Iterable
from enum import Enum

from apps.datasources.guard.errors import Refusal, UnsafeSql

MAX_BYTES = 64 * 1024
MAX_BRACKETS = 100
MAX_DEPTH = 1_200
# A parser's time grows with these: so many take about half a second.
MAX_TOKENS = 20_000


class Kind(Enum):
    """What a token does to nesting."""

    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    OTHER = "other"


def check_text(sql: str) -> None:
    """Raise UnsafeSql for text that no parser should see: empty, too long, or read differently by different drivers."""
    try:
        size = len(sql.encode())
    except UnicodeEncodeError as error:
        raise UnsafeSql(Refusal.FORBIDDEN_CHARACTER, "The SQL contains half a character.") from error
    if size > MAX_BYTES:
        raise UnsafeSql(Refusal.TOO_LONG, f"The SQL is longer than {MAX_BYTES} bytes.")
    if "\x00" in sql:
        raise UnsafeSql(Refusal.FORBIDDEN_CHARACTER, "The SQL contains a NUL character.")
    if not sql.strip():
        raise UnsafeSql(Refusal.EMPTY, "There is no SQL.")


def check_nesting(kinds: Iterable[Kind]) -> None:
    """Raise UnsafeSql when tokens of these kinds are too many, or could build a tree deeper than `MAX_DEPTH`."""
    runs = [0]
    total = 0
    for count, kind in enumerate(kinds):
        if count > MAX_TOKENS:
            raise UnsafeSql(Refusal.TOO_LONG, f"The SQL has more than {MAX_TOKENS} words and signs.")
        if kind is Kind.COMMA:
            total -= runs[-1]
            runs[-1] = 0
            continue
        runs[-1] += 1
        total += 1
        if kind is Kind.OPEN:
            runs.append(0)
        elif kind is Kind.CLOSE and len(runs) > 1:
            total -= runs.pop()
        if total > MAX_DEPTH or len(runs) > MAX_BRACKETS:
            raise UnsafeSql(Refusal.TOO_DEEP, "The SQL is nested too deeply.")
