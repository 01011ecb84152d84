"""Where a conversation stands: its earlier answers, as the SQL that the person saw."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from apps.queries.context import Context, Turn

ROW_CAP = 1_000  # a limit from here on was added by the platform: nobody reads a list so long


@dataclass(frozen=True)
class Standing:
    """One earlier answer: the question's words, its SQL without the platform's limit, and what it stated.

    Of a set operation `tree` is all of it; it can be explained and gone back to, but not edited.
    """

    question: str
    query: exp.Query
    assumptions: tuple[str, ...] = ()

    @property
    def tree(self) -> exp.Select:
        """The SELECT that may be edited. Raises TypeError for a set operation."""
        if not isinstance(self.query, exp.Select):
            raise TypeError("a set operation is not edited")
        return self.query

    @property
    def is_editable(self) -> bool:
        return isinstance(self.query, exp.Select)


def standings(context: Context) -> list[Standing]:
    """The earlier answers, oldest first; none where the SQL of the last one cannot be read."""
    found = [_standing(turn, context.schema.dialect) for turn in context.history if turn.sql]
    return [one for one in found if one is not None] if found and found[-1] is not None else []


def _standing(turn: Turn, dialect: str) -> Standing | None:
    if not turn.sql:
        return None
    try:
        tree = parse_one(turn.sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    tree = tree.unnest()
    if not isinstance(tree, exp.Query):
        return None
    if (count := limit_of(tree)) is not None and count >= ROW_CAP:
        tree.set("limit", None)
    return Standing(turn.question, tree, tuple(turn.assumptions))


def limit_of(select: exp.Query) -> int | None:
    """How many rows a query brings at most, where it says so in a number."""
    limit = select.args.get("limit")
    number = limit.expression if isinstance(limit, exp.Limit) else None
    return int(number.name) if isinstance(number, exp.Literal) and number.is_int else None


def before_last(found: Sequence[Standing]) -> Standing | None:
    """The answer before the last one that differs from it: what undoing goes back to."""
    return next((one for one in reversed(found[:-1]) if one.query != found[-1].query), None)
