"""Puts a person's values into a PostgreSQL tree as constants: as nodes, never as text, so that none can become SQL."""

from collections.abc import Mapping
from typing import Any

from apps.datasources.access import Value
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.postgres_trees import Node

_LARGEST_INTEGER = 2**31 - 1


def with_values(select: Node, names: tuple[str, ...], values: Mapping[str, Value]) -> Node:
    """The tree with constants for its parameters; parameter 1 is the first of `names`.

    A list of values stands in `IN (…)` only. Raises UnsafeSql for one that stands elsewhere, or is not given.
    """

    def filled(item: Any) -> Any:
        if isinstance(item, list):
            return [filled(one) for one in item]
        if not isinstance(item, dict):
            return item
        if "ParamRef" in item:
            return _constant(_value(item))
        return {key: _items(value) if key == "items" else filled(value) for key, value in item.items()}

    def _items(items: list[Any]) -> list[Any]:
        written: list[Any] = []
        for one in items:
            value = _value(one) if isinstance(one, dict) and "ParamRef" in one else None
            written += [_constant(part) for part in value] if isinstance(value, tuple) else [filled(one)]
        return written

    def _value(item: Node) -> Value:
        name = names[item["ParamRef"].get("number", 0) - 1]
        if name not in values:
            raise UnsafeSql(Refusal.CANNOT_PARSE, f"There is no value {name}.")
        return values[name]

    result: Node = filled(select)
    return result


def _constant(value: Value) -> Node:
    if isinstance(value, bool):
        return {"A_Const": {"boolval": {"boolval": True} if value else {}}}
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return {"A_Const": {"ival": {"ival": value} if value else {}}}
    if isinstance(value, int):
        return {"A_Const": {"fval": {"fval": str(value)}}}
    if isinstance(value, str):
        return {"A_Const": {"sval": {"sval": value}}}
    raise UnsafeSql(Refusal.CANNOT_PARSE, "A list of values can stand in IN only.")
