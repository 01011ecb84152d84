"""Leaves out tables that are read only for a key that another table of the plan holds too."""

from collections.abc import Iterator

from apps.knowledge.catalog import Catalog

from .plan import ColumnKey, Condition, Item, Order, Plan


def shortened(plan: Plan, catalog: Catalog) -> Iterator[Plan]:
    """The plan itself, and where one of its tables only lends its join column, the plan without that table."""
    yield plan
    used = list(plan.columns())
    tables = {table for table, _ in used}
    if len(tables) < 2:
        return
    for table in sorted(tables):
        lent = {key for key in used if key[0] == table}
        if len(lent) != 1:
            continue
        key = lent.pop()
        for join in catalog.joins.joins_from(table):
            if join.columns == (key[1],) and join.target in tables:
                yield _replaced(plan, key, (join.target, join.target_columns[0]))


def _replaced(plan: Plan, old: ColumnKey, new: ColumnKey) -> Plan:
    """The plan with one column in place of another, and without the other's table."""

    def item(one: Item) -> Item:
        return Item(new, one.aggregate, one.distinct) if one.column == old else one

    def condition(one: Condition) -> Condition:
        return Condition(item(one.item), one.operator, one.value)

    return plan.with_changes(
        select=tuple(dict.fromkeys(item(one) for one in plan.select)),
        tables=tuple(table for table in plan.tables if table != old[0]),
        where=tuple(condition(one) for one in plan.where),
        group=tuple(dict.fromkeys(new if key == old else key for key in plan.group)),
        having=tuple(condition(one) for one in plan.having),
        order=tuple(Order(item(one.item), one.descending) for one in plan.order),
    )
