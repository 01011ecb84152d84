"""How tables of a schema join: along declared foreign keys, and along inferred ones where none are declared."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.datasources.schema import Schema, Table

from .inferred_keys import inferred_keys


@dataclass(frozen=True, slots=True)
class Join:
    """`columns` of `table` equal `target_columns` of `target`; tables by full name.

    `score` says how sure it is that the two belong together: 1 where a key declares it.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    declared: bool = True
    score: float = 1.0

    def reversed(self) -> "Join":
        return Join(self.target, self.target_columns, self.table, self.columns, self.declared, self.score)

    def __str__(self) -> str:
        pairs = zip(self.columns, self.target_columns, strict=True)
        return " and ".join(f"{self.table}.{left} = {self.target}.{right}" for left, right in pairs)


class JoinGraph:
    """Tables as nodes, possible joins as edges."""

    def __init__(self, schema: Schema) -> None:
        self._joins: dict[str, list[Join]] = defaultdict(list)
        declared = list(_declared(schema))
        for join in [*declared, *_inferred(schema, declared)]:
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


def _inferred(schema: Schema, declared: Sequence[Join]) -> Iterable[Join]:
    """Joins that names and types suggest, between tables that no declared key connects."""
    known = {frozenset((join.table, join.target)) for join in declared}
    for key in inferred_keys(schema):
        if frozenset((key.table, key.target)) not in known:
            yield Join(key.table, (key.column,), key.target, (key.target_column,), declared=False, score=key.score)
