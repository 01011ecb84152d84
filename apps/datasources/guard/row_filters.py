"""Judges the row filter of a policy when it is saved, and again when it is used: the schema may have changed since."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from apps.datasources.access import Access, Restriction, Value
from apps.datasources.guard import postgres_policy, sqlglot_policy
from apps.datasources.guard.check import check_sql
from apps.datasources.guard.dialects import rules_for
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.named_values import numbered
from apps.datasources.guard.nesting import check_nesting, check_text
from apps.datasources.guard.policy_text import quoted
from apps.datasources.guard.postgres_tokens import kinds
from apps.datasources.guard.postgres_trees import Node, select_of
from apps.datasources.guard.postgres_values import with_values
from apps.datasources.guard.postgres_writing import write_tree
from apps.datasources.guard.sqlglot_policy import fill
from apps.datasources.guard.sqlglot_source import parse, render
from apps.datasources.schema import Schema, Table

_PLAIN_KEYS = {"targetList", "fromClause", "whereClause", "limitOption", "op"}
_AGGREGATES = frozenset(
    "array_agg avg bit_and bit_or bool_and bool_or count every json_agg jsonb_agg max min string_agg sum".split()
)
_NO_CONDITION = "This is no condition on one row."


def value_names(condition: str, dialect: str) -> tuple[str, ...]:
    """The names of the values that the condition takes from the membership. Raises UnsafeSql if it does not parse."""
    if dialect == "postgres":
        return numbered(condition)[1]
    tree = parse(f"SELECT 1 FROM t WHERE (\n{condition}\n)", rules_for(dialect))  # noqa: S608
    return tuple(dict.fromkeys(str(node.this) for node in tree.find_all(exp.Placeholder)))


def check_condition(condition: str, table: Table, schema: Schema, values: Mapping[str, Value]) -> None:
    """Judge a filter of `table` with these values as the guard judges a question over `schema`.

    Raises UnsafeSql for what does not parse, is no condition, names what is not there or calls what is not allowed.
    """
    check_text(condition)
    named = {name: values[name] for name in value_names(condition, schema.dialect)}
    write = _postgres_text if schema.dialect == "postgres" else _sqlglot_text
    check_sql(write(condition, table, schema.dialect, named), dialect=schema.dialect, access=Access(schema))


def check_read(restriction: Restriction, access: Access) -> None:
    """Raise UnsafeSql where the table's filter leads back to that table, through other tables' filters or its own."""
    rules = rules_for(access.schema.dialect)
    fresh = replace(access, memo={})
    if access.schema.dialect == "postgres":
        postgres_policy.policy_read(restriction, rules, fresh)
    else:
        sqlglot_policy.policy_read(restriction, rules, fresh)


def _start(table: Table, dialect: str) -> str:
    name = ".".join(quoted(part, dialect) for part in (table.namespace, table.name) if part)
    return f"SELECT 1 FROM {name}"  # noqa: S608 - it is judged like all text


def _postgres_text(condition: str, table: Table, dialect: str, values: Mapping[str, Value]) -> str:
    text, names = numbered(condition)
    sql = f"{_start(table, dialect)} WHERE (\n{text}\n)"
    check_nesting(kinds(sql))
    select = select_of(sql)
    if set(select) != _PLAIN_KEYS or len(select["fromClause"]) != 1 or _aggregates(select["whereClause"]):
        raise UnsafeSql(Refusal.CANNOT_PARSE, _NO_CONDITION)
    return write_tree(with_values(select, names, values))


def _aggregates(where: Any) -> bool:
    """Whether a function over several rows stands outside of sub-queries."""
    stack = [where]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            call: Node = item.get("FuncCall", {})
            name = call["funcname"][-1]["String"].get("sval") if call else ""
            if "over" in call or name in _AGGREGATES:
                return True
            stack += [value for key, value in item.items() if key != "SelectStmt"]
    return False


def _sqlglot_text(condition: str, table: Table, dialect: str, values: Mapping[str, Value]) -> str:
    rules = rules_for(dialect)
    select = parse(f"{_start(table, dialect)} WHERE (\n{condition}\n)", rules)
    given = {name for name, value in select.args.items() if value}
    if not isinstance(select, exp.Select) or given - {"expressions", "from_", "where", "kind"}:
        raise UnsafeSql(Refusal.CANNOT_PARSE, _NO_CONDITION)
    if any(node.find_ancestor(exp.Query) is select for node in select.find_all(exp.AggFunc, exp.Window)):
        raise UnsafeSql(Refusal.CANNOT_PARSE, _NO_CONDITION)
    fill(select, values)
    return render(select, rules)
