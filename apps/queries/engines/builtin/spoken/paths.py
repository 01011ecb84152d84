"""Ways from one table to another, and whether taking them multiplies rows."""

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise

from apps.knowledge.catalog import Catalog
from apps.knowledge.joins import Join

_MANY, _UNDECLARED = 0.6, 0.5


def is_to_one(join: Join, catalog: Catalog) -> bool:
    """Whether each row finds at most one row on the other side."""
    target = catalog.tables[join.target].table
    reached = {name.lower() for name in join.target_columns}
    keys = [key for key in (target.primary_key, *target.unique_keys) if key]
    return any({name.lower() for name in key} <= reached for key in keys)


def path(catalog: Catalog, start: str, goal: str) -> tuple[Join, ...] | None:
    """The cheapest chain of joins; rather to one row than to many, rather along declared keys.

    Where that is a fan, a longer way on which each row finds one row is taken instead, if there is one.
    """
    cheapest = _cheapest(catalog, start, goal, only_to_one=False)
    if cheapest and is_fan(cheapest, catalog):
        return _cheapest(catalog, start, goal, only_to_one=True) or cheapest
    return cheapest


def _cheapest(catalog: Catalog, start: str, goal: str, *, only_to_one: bool) -> tuple[Join, ...] | None:
    waiting: list[tuple[float, int, str, tuple[Join, ...]]] = [(0.0, 0, start, ())]
    done: set[str] = set()
    count = 0
    while waiting:
        cost, _, table, steps = heapq.heappop(waiting)
        if table == goal:
            return steps
        if table in done or len(steps) > 5:
            continue
        done.add(table)
        for target in sorted(catalog.joins.neighbours(table) - done):
            join = catalog.joins.joins_between(table, target)[0]
            if only_to_one and not (join.declared and is_to_one(join, catalog)):
                continue
            count += 1
            price = 1.0 + (not is_to_one(join, catalog)) * _MANY + (not join.declared) * _UNDECLARED
            heapq.heappush(waiting, (cost + price, count, target, (*steps, join)))
    return None


def distance(catalog: Catalog, start: str, goal: str) -> float:
    """How far a table lies; infinite where no join leads there."""
    steps = path(catalog, start, goal)
    return float("inf") if steps is None else sum(1.0 if is_to_one(step, catalog) else 1.0 + _MANY for step in steps)


def is_fan(steps: Sequence[Join], catalog: Catalog) -> bool:
    """Whether the way first goes up to one row and then down to many: that says nothing about the two ends."""
    kinds = [is_to_one(step, catalog) for step in steps]
    return any(first and not second for first, second in pairwise(kinds))


def is_certain(steps: Sequence[Join], catalog: Catalog) -> bool:
    """Whether no step could be taken along another key, and the way is no fan."""
    single = all(len(catalog.joins.joins_between(step.table, step.target)) == 1 for step in steps)
    return single and not is_fan(steps, catalog)


def multiplies(steps: Iterable[Join], catalog: Catalog) -> bool:
    """Whether some row may come more than once after these joins."""
    return any(not is_to_one(step, catalog) for step in steps)
