"""What becomes of each reading's SQL: a syntax tree that the guard lets through, or words on what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, SqlglotError

from apps.datasources.access import Access
from apps.datasources.guard import Refusal, UnsafeSql, check_sql
from apps.monitoring.metrics import GUARD_VERDICTS
from apps.queries.engines.model.answer import ReadingMade

log = structlog.get_logger(__name__)
CONTROL = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """`tree` where the SQL may be used, `refusal` with `words` for the model where it may not."""

    made: ReadingMade
    tree: exp.Expression | None = None
    refusal: UnsafeSql | None = None
    words: str = ""

    @property
    def is_unreadable(self) -> bool:
        """The SQL does not even parse."""
        return self.refusal is not None and self.refusal.refusal is Refusal.CANNOT_PARSE


def judge(readings: Sequence[ReadingMade], access: Access) -> list[Verdict]:
    """One verdict for each reading, by the guard. The journey asks the guard again before anything runs."""
    return [_judged(made, access) for made in readings]


def _judged(made: ReadingMade, access: Access) -> Verdict:
    dialect = access.schema.dialect
    try:
        check_sql(made.sql, dialect=dialect, access=access)
        tree = parse_one(made.sql, dialect=dialect)
    except UnsafeSql as error:
        GUARD_VERDICTS.labels(error.error_code).inc()
        log.warning("sql_refused", code=error.error_code, engine="model")
        words = error.message
        if error.refusal is Refusal.CANNOT_PARSE:
            words = f"{words} {_parser_words(error.__cause__)}"
        return Verdict(made, refusal=error, words=words.strip())
    assert isinstance(tree, exp.Expression)
    return Verdict(made, tree=tree)


def _parser_words(cause: BaseException | None) -> str:
    """Where and why the parser stumbled, on one line."""
    if isinstance(cause, ParseError) and cause.errors:
        first = cause.errors[0]
        return f"{first.get('description')}, line {first.get('line')}, near {first.get('highlight')!r}."
    if isinstance(cause, SqlglotError):
        return " ".join(CONTROL.sub("", str(cause)).split())[:200]
    return ""
