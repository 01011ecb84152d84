"""Judges a PostgreSQL parse tree node by node and field by field against closed lists."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apps.datasources.access import Access
from apps.datasources.guard.allowed_functions import is_never_allowed
from apps.datasources.guard.dialects import Rules, words
from apps.datasources.guard.errors import Refusal, UnsafeSql

Node = dict[str, Any]

_CATALOGUE = "pg_catalog"


@dataclass(frozen=True)
class _Lists:
    """What a tree may consist of; see `rules/postgres_tree.toml`."""

    nodes: frozenset[str]
    fields: frozenset[str]
    types: frozenset[str]
    operators: frozenset[str]
    values: frozenset[str]
    sampling: frozenset[str]
    record_fields: frozenset[str]


@cache
def _lists() -> _Lists:
    path = Path(__file__).parent / "rules" / "postgres_tree.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return _Lists(**{name: words(text) for name, text in table.items()})


def check_tree(statement: Node, *, rules: Rules, access: Access | None) -> None:
    """Raise UnsafeSql at the first node, field, function, type or operator that is not on the allowed side."""
    judge = _Judge(rules, access)
    stack: list[Any] = [statement]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            for key, value in item.items():
                judge.check(key, value)
                if isinstance(value, dict | list):
                    stack.append(value)


class _Judge:
    def __init__(self, rules: Rules, access: Access | None) -> None:
        self.rules = rules
        self.lists = _lists()
        self.functions = access.functions if access else frozenset()
        self.types = _column_types(access) if access else frozenset()
        self.columns = _column_names(access) if access else None

    def check(self, key: str, value: Any) -> None:
        """One key of the tree: a kind of node where it begins with a capital, a field otherwise."""
        if key not in self.lists.fields and key not in self.lists.nodes:
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"{key} is not allowed in a query.")
        match key:
            case "FuncCall":
                self._function(_strings(value["funcname"]))
            case "typeName":
                self._type(_strings(value.get("names", [])))
            case "A_Expr" if "BETWEEN" not in value["kind"]:
                self._operator(_strings(value["name"]))
            case "operName" | "useOp":
                self._operator(_strings(value))
            case "SQLValueFunction":
                self._value(value["op"])
            case "method":
                self._sampling(_strings(value))
            case "A_Indirection":
                self._record_fields(value)

    def _function(self, names: list[str]) -> None:
        name = ".".join(names)
        plain = name.removeprefix(f"{_CATALOGUE}.") if len(names) == 2 else name
        if plain not in self.rules.functions and not self._is_added(name):
            raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The function {name} is not allowed.")

    def _is_added(self, name: str) -> bool:
        return name in self.functions and not is_never_allowed(name, self.rules.dialect)

    def _type(self, names: list[str]) -> None:
        name = ".".join(names).removeprefix(f"{_CATALOGUE}.")
        plain = name.removeprefix("_") if len(names) == 1 or names[0] == _CATALOGUE else name  # _int4 is int4[]
        if plain not in self.lists.types and name not in self.types:
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, f"The type {name} is not allowed.")

    def _operator(self, names: list[str]) -> None:
        name = ".".join(names).removeprefix(f"{_CATALOGUE}.")
        if name not in self.lists.operators:
            raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The operator {name} is not allowed.")

    def _value(self, name: str) -> None:
        if name not in self.lists.values:
            spoken = name.removeprefix("SVFOP_").lower()
            raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, f"The function {spoken} is not allowed.")

    def _sampling(self, names: list[str]) -> None:
        if ".".join(names) not in self.lists.sampling:
            raise UnsafeSql(Refusal.FORBIDDEN_FUNCTION, "This way of sampling is not allowed.")

    def _record_fields(self, value: Node) -> None:
        """`(record).name` calls the function of that name where the record has no such field."""
        for part in value["indirection"]:
            name = part.get("String", {}).get("sval")
            if name is None or self.columns is None:
                continue
            if name not in self.columns and name not in self.lists.record_fields:
                raise UnsafeSql(Refusal.UNKNOWN_COLUMN, f"There is no column {name} here.")


def _strings(nodes: list[Node]) -> list[str]:
    return [node.get("String", {}).get("sval", "") for node in nodes]


def _column_types(access: Access) -> frozenset[str]:
    """The types that visible columns have, the source's own that only hold values, and the tables' row types: not those
    of restricted tables, which have the columns that are hidden."""
    whole = [table for table in access.schema if access.restriction(table) is None]
    rows = {name for table in whole for name in (table.name, table.full_name)}
    near = f"{access.schema.default_namespace}."
    own = {name for full_name in access.schema.types for name in (full_name, full_name.removeprefix(near))}
    return frozenset(rows | own) | frozenset(
        column.native_type.removesuffix("[]").partition("(")[0].replace('"', "")
        for table in access.schema
        for column in table.columns
    )


def _column_names(access: Access) -> frozenset[str]:
    return frozenset(column.name for table in access.schema for column in table.columns)
