"""Refuses a policy that could not be applied, when it is saved. No Django here."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from apps.datasources.access import Mask
from apps.datasources.guard.errors import UnsafeSql
from apps.datasources.guard.policy_text import can_mask
from apps.datasources.guard.row_filters import check_read, value_names
from apps.datasources.policies.deciding import access_of_decisions, decide
from apps.datasources.policies.rules import Policy, Selection, TableRule, wrong
from apps.datasources.schema import Schema, Table

# Stands for every value: a filter must be a good condition whatever the value is.
_ANY_VALUE = "x"


def checked_policy(policy: Policy, schema: Schema, *, known_values: Collection[str]) -> Policy:
    """The policy with every name as the schema spells it.

    Raises InvalidInput naming the field: an unknown table, column or value, a mask that the dialect does not have, a
    filter that the guard would not let through.
    """
    tables = replace(policy.tables, names=tuple(_tables(policy.tables, schema)))
    rules = tuple(_rule(rule, f"rules.{position}", schema, known_values) for position, rule in enumerate(policy.rules))
    names = [rule.table for rule in rules]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise wrong(f"rules.{position}.table", "There is another rule for this table.")
    checked = Policy(tables, rules)
    _check_filters(checked, schema, known_values)
    return checked


def _check_filters(policy: Policy, schema: Schema, known_values: Collection[str]) -> None:
    decisions = decide(policy, schema, dict.fromkeys(known_values, _ANY_VALUE))
    access = access_of_decisions(decisions, schema, policy="being checked")
    for decision in decisions:
        position, _ = policy.rule(decision.table.full_name) or (0, None)
        if decision.problem:
            raise wrong(f"rules.{position}.filter", decision.problem)
        if decision.restriction is not None:
            try:
                check_read(decision.restriction, access)
            except UnsafeSql as error:
                raise wrong(f"rules.{position}.filter", error.message) from error


def _tables(selection: Selection, schema: Schema) -> Iterator[str]:
    place = f"tables.{'only' if selection.only else 'except'}"
    for name in selection.names:
        yield _table(name, place, schema).full_name


def _table(name: str, place: str, schema: Schema) -> Table:
    """The table of that name, with or without its namespace. Raises InvalidInput."""
    namespace, _, rest = name.partition(".")
    found = schema.table(rest, namespace) if rest else None
    found = found or schema.table(name)
    if found is None:
        raise wrong(place, f"There is no table {name!r}.")
    return found


def _rule(rule: TableRule, place: str, schema: Schema, known_values: Collection[str]) -> TableRule:
    table = _table(rule.table, f"{place}.table", schema)
    here = f"{place}.columns.{'only' if rule.columns.only else 'except'}"
    columns = replace(rule.columns, names=tuple(_column(name, here, table) for name in rule.columns.names))
    masks = tuple(_mask(name, mask, f"{place}.masks.{name}", table, columns, schema) for name, mask in rule.masks)
    if rule.condition:
        _check_values(rule.condition, f"{place}.filter", schema.dialect, known_values)
    return TableRule(table.full_name, columns, rule.condition, masks)


def _check_values(condition: str, place: str, dialect: str, known_values: Collection[str]) -> None:
    try:
        unknown = [name for name in value_names(condition, dialect) if name not in known_values]
    except UnsafeSql as error:
        raise wrong(place, error.message) from error
    if unknown:
        known = ", ".join(sorted(known_values))
        raise wrong(place, f"No member has a value {unknown[0]!r}; there are: {known or 'none'}.")


def _column(name: str, place: str, table: Table) -> str:
    column = table.column(name)
    if column is None:
        raise wrong(place, f"The table {table.full_name} has no column {name!r}.")
    return column.name


def _mask(name: str, mask: Mask, place: str, table: Table, columns: Selection, schema: Schema) -> tuple[str, Mask]:
    column = _column(name, place, table)
    if not columns.holds(column):
        raise wrong(place, "This column is hidden, so there is nothing to mask.")
    if not can_mask(mask.kind, schema.dialect):
        raise wrong(f"{place}.kind", f"The mask {mask.kind} does not exist in {schema.dialect}.")
    return column, mask
