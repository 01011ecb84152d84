"""Judges a sqlglot tree node by node against closed lists: what is not listed is refused."""

import tomllib
from pathlib import Path

from sqlglot import exp

from apps.datasources.guard.allowed_functions import is_never_allowed
from apps.datasources.guard.dialects import Rules, words
from apps.datasources.guard.errors import Refusal, UnsafeSql

_TABLE = tomllib.loads((Path(__file__).parent / "rules" / "sqlglot.toml").read_text(encoding="utf-8"))
_NODES = frozenset(getattr(exp, name) for name in words(_TABLE["nodes"]))
_FUNCTIONS = frozenset(getattr(exp, name) for name in words(_TABLE["functions"]))
_FORBIDDEN_TYPES = frozenset(
    kind for kind in exp.DType if kind.name in {"USERDEFINED", "OBJECT_IDENTIFIER", "UNKNOWN", "COMMAND"}
)


def check_nodes(tree: exp.Query, rules: Rules, extra_functions: frozenset[str]) -> None:
    """Raise UnsafeSql at the first node that is not on the allowed side."""
    for node in tree.walk():
        kind = type(node)
        if kind is exp.Anonymous:
            _check_name(node, rules, extra_functions)
        elif kind not in _NODES and kind not in _FUNCTIONS:
            _refuse(node)
        elif kind is exp.Column:
            _check_niladic(node, rules)
        elif kind is exp.Identifier:
            _check_identifier(node)
        elif kind is exp.DataType:
            _check_type(node)
        elif kind is exp.WithTableHint:
            _check_hint(node, rules)
        elif kind is exp.QueryOption and not isinstance(node.parent, exp.ForClause):
            _refuse(node)  # OPTION (...)
        elif kind is exp.TableFromRows and not isinstance(node.this, exp.Func):
            _refuse(node)  # TABLE('name')


def _check_name(node: exp.Expr, rules: Rules, extra_functions: frozenset[str]) -> None:
    name = node.name.lower()
    parent = node.parent
    if isinstance(parent, exp.Dot) and parent.expression is node:
        name = f"{parent.this.name.lower()}.{name}"
        allowed = False
    else:
        allowed = name in rules.functions
    if not allowed and (name not in extra_functions or is_never_allowed(name, rules.dialect)):
        raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The function {name} is not allowed.")


def _refuse(node: exp.Expr) -> None:
    if isinstance(node, exp.Func):
        raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The function {node.sql_name().lower()} is not allowed.")
    raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"{type(node).__name__} is not allowed in a query.")


def _check_niladic(node: exp.Expr, rules: Rules) -> None:
    identifier = node.this
    if isinstance(identifier, exp.Identifier) and not identifier.quoted:
        name = identifier.name.lower()
        if name in rules.niladic_functions:
            raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The function {name} is not allowed.")


def _check_identifier(node: exp.Expr) -> None:
    """A name marked as something else (T-SQL's #temporary) is not the name that it looks like."""
    if any(value for key, value in node.args.items() if key not in ("this", "quoted")):
        raise UnsafeSql(Refusal.UNKNOWN_TABLE, f"There is no table {node.name} here.")


def _check_type(node: exp.Expr) -> None:
    if node.this in _FORBIDDEN_TYPES:
        raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"The type {node.sql()} is not allowed.")


def _check_hint(node: exp.Expr, rules: Rules) -> None:
    for hint in node.expressions:
        if hint.name.lower() not in rules.table_hints:
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"The table hint {hint.name} is not allowed.")
