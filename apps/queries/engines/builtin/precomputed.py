"""Finds columns that already hold an aggregate ("avg_budget"): beside computing it, a second way to read a question."""

from apps.knowledge.catalog import Catalog, ColumnEntry

from .plan import Aggregate, ColumnKey, Condition, Item, Order, Plan

_SAID = {
    Aggregate.SUM: ("total", "sum"), Aggregate.AVG: ("average", "mean"), Aggregate.MIN: ("minimum", "lowest"),
    Aggregate.MAX: ("maximum", "highest"), Aggregate.COUNT: ("count", "number"),
}  # fmt: skip


def precomputed(plan: Plan, catalog: Catalog) -> Plan | None:
    """The same plan read from a table that holds all of its aggregates as columns, or None.

    Every other column of the plan must stand in that table too.
    """
    aggregates = [item for item in plan.select if item.aggregate and item.column]
    if not aggregates or plan.combined or len(aggregates) != sum(bool(item.aggregate) for item in plan.select):
        return None
    first = aggregates[0]
    for entry in catalog.tables.values():
        for column in entry.columns:
            if _holds(column, first, catalog) and column.key != first.column:
                moved = _moved(plan, entry.name, catalog)
                if moved is not None:
                    return moved
    return None


def _holds(column: ColumnEntry, item: Item, catalog: Catalog) -> bool:
    """Whether a column is named for this aggregate of this column."""
    if item.aggregate is None or item.column is None:
        return False
    said = catalog.columns[item.column].words
    return any(set(column.words) == {word, *said} for word in _SAID[item.aggregate])


def _moved(plan: Plan, table: str, catalog: Catalog) -> Plan | None:
    """The plan over one table alone, aggregates as its columns; None where the table lacks one of them."""
    entry = catalog.tables[table]

    def find(item: Item) -> ColumnKey | None:
        if item.aggregate:
            return next((one.key for one in entry.columns if _holds(one, item, catalog)), None)
        return column(item.column)

    def column(key: ColumnKey | None) -> ColumnKey | None:
        found = entry.table.column(key[1]) if key else None
        return (table, found.name) if found else None

    select = [find(item) for item in plan.select]
    where = [column(condition.item.column) for condition in plan.where]
    group = [column(key) for key in plan.group]
    order = [find(one.item) for one in plan.order]
    if None in (*select, *where, *group, *order) or plan.having:
        return None
    return plan.with_changes(
        select=tuple(Item(key) for key in select),
        tables=(),
        where=tuple(Condition(Item(key), one.operator, one.value) for key, one in zip(where, plan.where, strict=True)),
        group=tuple(key for key in group if key),
        order=tuple(Order(Item(key), one.descending) for key, one in zip(order, plan.order, strict=True)),
    )
