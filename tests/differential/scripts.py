"""Splits a psql script into its statements, without psql: enough of its language for PostgreSQL's regression suite."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What may stand between two statements and hide a semicolon. A backslash command runs to the end of its line.
_PIECE = re.compile(
    r"""
      (?P<comment>--[^\n]* | /\*(?:[^*/]|\*(?!/)|/(?!\*)|/\*(?:[^*]|\*(?!/))*\*/)*\*/)
    | (?P<text>[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | (?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag))
    | (?P<meta>\\[^\n]*)
    | (?P<end>;)
    | (?P<word>\w+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COPY_IN = re.compile(r"\s*copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_ENDS_STATEMENT = re.compile(r"\\(g|gset|gexec|gx|gdesc|crosstabview|watch)\b")


@dataclass(frozen=True)
class ScriptStatement:
    """One statement, and the rows that follow a COPY FROM STDIN."""

    sql: str
    rows: str | None = None


def statements_of(script: str) -> Iterator[ScriptStatement]:
    """The statements of a psql script, in order; psql's own commands are left out."""
    position = 0
    while position < len(script):
        sql, position = _next(script, position)
        if _COPY_IN.match(sql):
            start = script.find("\n", position) + 1
            end = script.find("\n\\.", start - 1)
            if end >= 0:
                yield ScriptStatement(sql, script[start : end + 1])
                position = script.find("\n", end + 1) + 1 or len(script)
        elif sql.strip():
            yield ScriptStatement(sql.strip())


def _next(script: str, position: int) -> tuple[str, int]:
    """The text up to the next semicolon that counts, and the place after it."""
    parts: list[str] = []
    depth = 0
    atomic = 0
    previous = ""
    while match := _PIECE.match(script, position):
        position = match.end()
        match match.lastgroup:
            case "comment":
                parts.append(" ")
            case "meta":
                if _ENDS_STATEMENT.match(match[0]) and depth <= 0:
                    return "".join(parts), position
                if match[0].startswith("\\;"):
                    position = match.start() + 2
            case "end" if depth <= 0 and atomic <= 0:
                return "".join(parts), position
            case _:
                depth += {"(": 1, ")": -1}.get(match[0], 0)
                word = match[0].lower()
                if word == "atomic" and previous == "begin":
                    atomic = 1
                elif atomic:
                    atomic += {"case": 1, "end": -1}.get(word, 0)
                previous = word if word.strip() else previous
                parts.append(match[0])
    return "".join(parts), len(script)
