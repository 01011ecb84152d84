"""What sqlglot writes for MySQL and MariaDB does not read, or reads otherwise, written as both read it.

sqlglot's generators are compiled and cannot be derived from, so their table of writers is amended, once.
"""

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.generator import Generator

_BINDS_CLOSER = (exp.Column, exp.Literal, exp.Paren, exp.Subquery, exp.Func)


def amend_writers() -> None:
    """Write `x RLIKE y` and UTC_DATE()."""
    MySQL.Generator.TRANSFORMS[exp.RegexpLike] = _regexp_like
    MySQL.Generator.TRANSFORMS[exp.UtcDate] = lambda *_: "UTC_DATE()"


def _regexp_like(generator: Generator, node: exp.Expr) -> str:
    """MariaDB has the operator only; flags go with the function only."""
    if node.args.get("flag"):
        return generator.func("REGEXP_LIKE", node.this, node.expression, node.args["flag"])
    return f"{_operand(generator, node.this)} RLIKE {_operand(generator, node.expression)}"


def _operand(generator: Generator, node: exp.Expr) -> str:
    text = generator.sql(node)
    is_closed = isinstance(node, _BINDS_CLOSER) and not isinstance(node, exp.Binary)
    return text if is_closed else f"({text})"
