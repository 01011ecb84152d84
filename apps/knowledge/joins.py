"""How tables of a schema join: along declared foreign keys, and along inferred ones where none are declared.

Where it was measured how many values an inferred key finds on the other side, that confirms it or speaks against it.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.datasources.schema import Schema, Table

from .inferred_keys import OWN_NAME, inferred_keys

LEAST_SHARE = 0.5  # with less of its values on the other side, a column refers to something else
CONFIRMING_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Join:
    """`columns` of `table` equal `target_columns` of `target`; tables by full name.

    `score` says how sure it is that the two belong together: 1 where a key declares it. `share` is the part of the
    values tried that matches, where that was measured.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    declared: bool = True
    score: float = 1.0
    share: float | None = None

    def reversed(self) -> "Join":
        return replace(
            self,
            table=self.target,
            columns=self.target_columns,
            target=self.table,
            target_columns=self.columns,
        )

    def __str__(self) -> str:
        pairs = zip(self.columns, self.target_columns, strict=True)
        return " and ".join(f"{self.table}.{left} = {self.target}.{right}" for left, right in pairs)


class JoinGraph:
    """Tables as nodes, possible joins as edges."""

    def __init__(self, schema: Schema) -> None:
        self._joins: dict[str, list[Join]] = defaultdict(list)
        for join in [*_declared(schema), *inferred_joins(schema)]:
            self._joins[join.table].append(join)
            self._joins[join.target].append(join.reversed())

    def joins_between(self, table: str, target: str) -> list[Join]:
        """Every direct join of two tables, declared ones first."""
        return [join for join in self._joins.get(table, ()) if join.target == target]

    def joins_from(self, table: str) -> list[Join]:
        """Every direct join of a table, seen from it."""
        return list(self._joins.get(table, ()))

    def neighbours(self, table: str) -> set[str]:
        """Tables one join away."""
        return {join.target for join in self._joins.get(table, ())}

    def connect(self, tables: Sequence[str], preference: Mapping[Join, float] | None = None) -> list[Join] | None:
        """A small tree of joins over all tables, each starting at a table already joined; None where they do not
        hang together.

        Of several joins between the same two tables the one with the greatest preference is taken, else the first.
        """
        trees = [tree for start in dict.fromkeys(tables) if (tree := self._grow(start, tables)) is not None]
        if not trees:
            return None if tables else []
        return [self._preferred(join, preference or {}) for join in min(trees, key=len)]

    def _grow(self, start: str, tables: Sequence[str]) -> list[Join] | None:
        """From `start`, always take the nearest table that is still missing."""
        joined, missing = {start}, set(tables) - {start}
        tree: list[Join] = []
        while missing:
            steps = self._shortest(joined, missing)
            if steps is None:
                return None
            tree.extend(steps)
            joined.update(step.target for step in steps)
            missing -= joined
        return tree

    def _shortest(self, starts: Iterable[str], goals: Collection[str]) -> list[Join] | None:
        """The fewest joins from any start to any goal."""
        ordered = sorted(starts)
        came_by: dict[str, Join | None] = dict.fromkeys(ordered)
        waiting = deque(ordered)
        while waiting:
            table = waiting.popleft()
            if table in goals:
                return _walk_back(came_by, table)
            for join in self._joins.get(table, ()):
                if join.target not in came_by:
                    came_by[join.target] = join
                    waiting.append(join.target)
        return None

    def _preferred(self, join: Join, preference: Mapping[Join, float]) -> Join:
        return max(self.joins_between(join.table, join.target), key=lambda one: preference.get(one, 0.0))


def _walk_back(came_by: Mapping[str, Join | None], goal: str) -> list[Join]:
    steps: list[Join] = []
    join = came_by[goal]
    while join is not None:
        steps.append(join)
        join = came_by[join.table]
    return steps[::-1]


def _declared(schema: Schema) -> Iterable[Join]:
    for table in schema:
        for key in table.foreign_keys:
            target = schema.table(key.target_table, key.target_namespace or table.namespace)
            if target and all(target.column(name) for name in key.target_columns) and target is not table:
                yield Join(
                    table.full_name,
                    tuple(_spelled(table, name) for name in key.columns),
                    target.full_name,
                    tuple(_spelled(target, name) for name in key.target_columns),
                )


def _spelled(table: Table, name: str) -> str:
    """The column's name as the table spells it."""
    column = table.column(name)
    return column.name if column else name


def inferred_joins(schema: Schema) -> list[Join]:
    """Joins that names and types suggest, between tables that no declared key connects, and that no measured values
    speak against; the best first for each pair of tables."""
    known = {frozenset((join.table, join.target)) for join in _declared(schema)}
    guessed = [
        Join(key.table, (key.column,), key.target, (key.target_column,), declared=False, score=key.score)
        for key in inferred_keys(schema)
        if frozenset((key.table, key.target)) not in known
    ]
    return sorted(_measured(guessed, schema), key=lambda join: (join.table, join.target, -join.score))


def _measured(joins: Iterable[Join], schema: Schema) -> Iterable[Join]:
    """The joins with what was measured of them, without those that it refutes."""
    shares: dict[tuple[str, tuple[str, ...], str, tuple[str, ...]], float] = {
        (one.table, (one.column,), one.target, (one.target_column,)): one.share for one in schema.overlaps
    }
    for join in joins:
        share = shares.get((join.table, join.columns, join.target, join.target_columns))
        if share is None:
            yield join
        elif share >= LEAST_SHARE:
            yield replace(join, share=share, score=_confirmed(join.score) if share >= CONFIRMING_SHARE else join.score)


def _confirmed(score: float) -> float:
    """Surer than any name alone, in the order of the names."""
    return OWN_NAME + (1 - OWN_NAME) * score
