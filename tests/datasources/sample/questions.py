"""The project's own acceptance questions about the sample, and how two results are compared."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("questions.jsonl")

Question = dict[str, Any]
"""One line of questions.jsonl; docs/sample.md says what its fields mean."""

_MILLIONTH = Decimal("0.000001")


def read_questions() -> list[Question]:
    """All questions, in the file's order."""
    return [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def clear_questions() -> list[Question]:
    """Those with one reading."""
    return [question for question in read_questions() if not question.get("ambiguous")]


def ambiguous_questions() -> list[Question]:
    """Those with two readings or more."""
    return [question for question in read_questions() if question.get("ambiguous")]


def readings_sql(question: Question) -> list[str]:
    """The SQL of each reading, the default first; of a clear question its one SQL."""
    return [question["gold_sql"], *question.get("alt_sql", [])]


def as_json(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows as the file keeps them: decimals and dates as text, which loses nothing."""
    return [[str(value) if isinstance(value, Decimal | dt.date) else value for value in row] for row in rows]


def comparable(rows: Iterable[Sequence[Any]], *, ordered: bool) -> list[tuple[str, ...]]:
    """Rows in a form in which equal results are equal: numbers to the millionth, order only where it matters."""
    plain = [tuple(map(_plain, row)) for row in rows]
    return plain if ordered else sorted(plain)


def _plain(value: Any) -> str:
    try:
        return str(Decimal(str(value)).quantize(_MILLIONTH).normalize())
    except ArithmeticError:
        return str(value)
