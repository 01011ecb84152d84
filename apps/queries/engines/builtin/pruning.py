"""Drops tables that a plan only joins in: a row of them belongs to each row anyway, and nothing of it is asked for."""

from dataclasses import replace

from apps.knowledge.catalog import Catalog

from .plan import ColumnKey, Condition, Item, Operator, Order, Plan


def pruned(plan: Plan, catalog: Catalog) -> Plan:
    """The plan without tables of which only the key is used that another table's foreign key repeats."""
    plan = plan.with_changes(where=tuple(one for one in plan.where if plan.any_of or not _is_given(one, catalog)))
    for table in plan.all_tables():
        same = _same_columns(plan, table, catalog)
        if same is not None:
            return pruned(_without(plan, table, same), catalog)
    return plan


def _is_given(one: Condition, catalog: Catalog) -> bool:
    """Whether a condition only says that a foreign key leads somewhere."""
    inner = one.value
    if one.operator is not Operator.IN or not isinstance(inner, Plan) or not one.item.column:
        return False
    if inner.where or inner.having or inner.group or inner.combined or inner.limit or len(inner.all_tables()) != 1:
        return False
    table, column = one.item.column
    target = inner.select[0].column
    keys = catalog.tables[table].table.foreign_keys
    return any(
        key.columns == (column,) and target and _leads_to(key.target_table, target[0])
        and key.target_columns == (target[1],)
        for key in keys
    )  # fmt: skip


def _same_columns(plan: Plan, table: str, catalog: Catalog) -> dict[ColumnKey, ColumnKey] | None:
    """For each key column of a table that only one other table of the plan leads to, the column that repeats it."""
    others = [one for one in plan.all_tables() if one != table]
    if not {one for one in others if catalog.joins.joins_between(table, one)} or plan.combined:
        return None
    near = [one for one in others if catalog.joins.joins_between(table, one)]
    if len(near) != 1:
        return None
    key = next((key for key in catalog.tables[near[0]].table.foreign_keys if _leads_to(key.target_table, table)), None)
    if key is None or tuple(key.target_columns) != catalog.tables[table].table.primary_key:
        return None
    same = {(table, target): (near[0], column) for target, column in zip(key.target_columns, key.columns, strict=True)}
    used = {column for column in plan.columns() if column[0] == table}
    return same if used <= same.keys() else None


def _leads_to(target: str, table: str) -> bool:
    return table in (target, target.rpartition(".")[2]) or table.endswith(f".{target}")


def _without(plan: Plan, table: str, same: dict[ColumnKey, ColumnKey]) -> Plan:
    def item(one: Item) -> Item:
        return replace(one, column=same.get(one.column, one.column)) if one.column else one

    def condition(one: Condition) -> Condition:
        value = item(one.value) if isinstance(one.value, Item) else one.value
        return Condition(item(one.item), one.operator, value)

    return plan.with_changes(
        select=tuple(item(one) for one in plan.select),
        tables=tuple(one for one in plan.tables if one != table),
        where=tuple(condition(one) for one in plan.where),
        group=tuple(dict.fromkeys(same.get(key, key) for key in plan.group)),
        having=tuple(condition(one) for one in plan.having),
        order=tuple(Order(item(one.item), one.descending) for one in plan.order),
    )
