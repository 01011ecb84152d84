"""Finds columns that already hold an aggregate ("avg_budget"): beside computing it, a second way to read a question."""

from apps.knowledge.catalog import Catalog, TableEntry

from .plan import Aggregate, ColumnKey, Condition, Item, Order, Plan

_SAID = {
    Aggregate.SUM: ("total", "sum"), Aggregate.AVG: ("average", "mean"), Aggregate.MIN: ("minimum", "lowest"),
    Aggregate.MAX: ("maximum", "highest"), Aggregate.COUNT: ("count", "number"),
}  # fmt: skip


_STRICT = ("postgres", "duckdb", "tsql")
"""Dialects that group rows only if every column shown is grouped by or summed up."""


def precomputed(plan: Plan, catalog: Catalog) -> Plan | None:
    """The same plan read from a summary that holds its aggregates as columns, or None where none does.

    Every other column of the plan must stand in that table too. A summary that holds only some of the aggregates will
    do where it has the columns of the others beside them as they are.
    """
    aggregates = [item for item in plan.select if item.aggregate and item.column]
    if not aggregates or plan.combined or len(aggregates) != sum(bool(item.aggregate) for item in plan.select):
        return None
    found = [
        (sum(_holder(entry, item, catalog) is None for item in aggregates), moved)
        for entry in (catalog.tables[name] for name in sorted(catalog.summaries))
        if any(_holder(entry, item, catalog) for item in aggregates) and (moved := _moved(plan, entry, catalog))
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


def _holder(entry: TableEntry, item: Item, catalog: Catalog) -> ColumnKey | None:
    """The table's column that is named for this aggregate of this column."""
    if item.aggregate is None or item.column is None:
        return None
    said = catalog.columns[item.column].words
    names = [{word, *said} for word in _SAID[item.aggregate]]
    return next((one.key for one in entry.columns if set(one.words) in names and one.key != item.column), None)


def _moved(plan: Plan, entry: TableEntry, catalog: Catalog) -> Plan | None:
    """The plan over one table alone, aggregates as its columns; None where the table lacks one of them."""

    def find(item: Item) -> ColumnKey | None:
        return (_holder(entry, item, catalog) if item.aggregate else None) or column(item.column)

    def column(key: ColumnKey | None) -> ColumnKey | None:
        found = entry.table.column(key[1]) if key else None
        return (entry.name, found.name) if found else None

    select = [find(item) for item in plan.select]
    where = [column(condition.item.column) for condition in plan.where]
    group = [column(key) for key in plan.group]
    order = [find(one.item) for one in plan.order]
    if None in (*select, *where, *group, *order) or plan.having:
        return None
    is_strict = catalog.schema.dialect in _STRICT
    return plan.with_changes(
        select=tuple(Item(key) for key in select),
        tables=(),
        where=tuple(Condition(Item(key), one.operator, one.value) for key, one in zip(where, plan.where, strict=True)),
        group=() if is_strict else tuple(key for key in group if key),
        order=tuple(Order(Item(key), one.descending) for key, one in zip(order, plan.order, strict=True)),
    )
