"""Refuses trees that sqlglot would write out as text of exploding size.

Where a dialect has no word for a function, sqlglot writes an expression that names an argument several times; nested,
each level multiplies the text. Which functions do so is found by writing them once with marked arguments.
"""

from typing import Any

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql

MAX_REPEATS = 5

_SUSPECTS = (
    exp.Func,
    exp.Ordered,
    exp.Bracket,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.ILike,
    exp.Overlaps,
)
# Written as they stand in every dialect.
_PLAIN = (exp.And, exp.Or, exp.Anonymous, exp.Case, exp.Cast, exp.Coalesce, exp.Count, exp.Sum, exp.Max, exp.Min)
_MARK = "repeated_argument_"


def check_expansion(tree: exp.Query, rules: Rules) -> None:
    """Raise UnsafeSql where more than `MAX_REPEATS` nested nodes repeat their arguments when written."""
    if _depth(tree, rules, all_suspects=True) > MAX_REPEATS and _depth(tree, rules, all_suspects=False) > MAX_REPEATS:
        raise UnsafeSql(Refusal.TOO_DEEP, "The SQL is nested too deeply.")


def _depth(tree: exp.Query, rules: Rules, *, all_suspects: bool) -> int:
    """How many nodes that repeat an argument, or might, stand inside one another at most."""
    most = 0
    stack: list[tuple[exp.Expr, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, _SUSPECTS) and not isinstance(node, _PLAIN):
            depth += all_suspects or _repeats(node, rules)
        most = max(most, depth)
        stack += [(child, depth) for child in node.iter_expressions()]
    return most


def _repeats(node: exp.Expr, rules: Rules) -> bool:
    """Whether this node, written in this dialect, names one of its arguments more than once."""
    marks: list[str] = []
    marked = type(node)(**{key: _marked(value, marks) for key, value in node.args.items()})
    try:
        text = marked.sql(dialect=rules.dialect, unsupported_level=ErrorLevel.IGNORE).lower()
    except Exception:  # sqlglot's compiled code raises nearly anything where an argument is not of the kind it expects
        return True
    return any(text.count(mark) > 1 for mark in marks)


def _marked(value: Any, marks: list[str]) -> Any:
    if isinstance(value, list):
        return [_marked(item, marks) for item in value]
    if not isinstance(value, exp.Expr) or isinstance(value, exp.Literal | exp.DataType | exp.Var):
        return value
    marks.append(f"{_MARK}{len(marks)}_")
    return exp.column(marks[-1])
