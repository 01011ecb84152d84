"""Random queries over the tables of `policies`: joins, CTEs, set operations, sub-queries, laterals, names that hide
others. Each result can be compared as a bag of rows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.datasources.guard.policies import SEEN_COLUMNS


@dataclass(frozen=True)
class Source:
    """Something in FROM: its text, the name it goes by, and its columns with their types."""

    text: str
    name: str
    columns: dict[str, str]


def statements(dialect: str, seed: int, count: int) -> Iterator[str]:
    """`count` statements, the same for the same seed."""
    for number in range(count):
        yield _Writer(dialect, random.Random(f"{seed}:{number}")).statement()


class _Writer:
    def __init__(self, dialect: str, dice: random.Random) -> None:
        self.dialect = dialect
        self.dice = dice
        self.names = 0
        self.ctes: dict[str, dict[str, str]] = {}
        self.planned: list[str] = []  # in SQLite every CTE sees itself and those after it

    def statement(self) -> str:
        """One SELECT, perhaps with common table expressions before it."""
        wanted = (
            self.dice.choice([*SEEN_COLUMNS, self._name(), self._name()]) for _ in range(self.dice.choice((0, 0, 1, 2)))
        )
        self.planned = list(dict.fromkeys(wanted))
        clauses = [self._cte(name) for name in self.planned]
        query, _ = self._query(2)
        return f"WITH {', '.join(clauses)} {query}" if clauses else query

    def _cte(self, name: str) -> str:
        """Half of them have the name of a table, and may read the real table of that name."""
        query, self.ctes[name] = self._query(1)
        return f"{name} AS ({query})"

    def _name(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def _query(self, depth: int) -> tuple[str, dict[str, str]]:
        if depth and self.dice.random() < 0.2:
            return self._set_operation(depth - 1)
        return self._select(depth)

    def _set_operation(self, depth: int) -> tuple[str, dict[str, str]]:
        arms = []
        for _ in range(2):
            source = self._source(depth)
            column = self._column([source], "integer")
            arms.append(f"SELECT {column} AS v FROM {source.text}")
        operator = self.dice.choice(("UNION", "UNION ALL", "INTERSECT", "EXCEPT"))
        return f" {operator} ".join(arms), {"v": "integer"}

    def _select(self, depth: int) -> tuple[str, dict[str, str]]:
        sources = [self._source(depth)]
        text = sources[0].text
        for _ in range(self.dice.choice((0, 0, 1, 1, 2))):
            joined, source = self._join(sources, depth)
            text += joined
            sources.append(source)
        where = f" WHERE {self._condition(sources, depth)}" if self.dice.random() < 0.6 else ""
        if self.dice.random() < 0.25:
            return self._grouped(sources, text + where)
        outputs, columns = self._outputs(sources, depth)
        distinct = "DISTINCT " if self.dice.random() < 0.1 else ""
        return f"SELECT {distinct}{outputs} FROM {text}{where}", columns

    def _outputs(self, sources: list[Source], depth: int) -> tuple[str, dict[str, str]]:
        if len(sources) == 1 and self.dice.random() < 0.4:
            star = self.dice.choice(("*", f"{sources[0].name}.*"))
            return star, dict(sources[0].columns)
        # A table's own row keeps its columns' names where they are renamed; a sub-select's does not.
        if self.dialect == "postgres" and self.dice.random() < 0.15 and "r0" not in sources[-1].columns:
            whole = self.dice.choice(("{0}::text", "row_to_json({0})::text", "to_jsonb({0})::text")).format(
                sources[-1].name
            )
            return f"{whole} AS whole", {"whole": "text"}
        items, columns = [], {}
        for position in range(self.dice.choice((1, 2, 3))):
            kind = self.dice.choice(("integer", "text"))
            value = self._value(sources, kind, depth)
            items.append(f"{value} AS c{position}")
            columns[f"c{position}"] = kind
        return ", ".join(items), columns

    def _grouped(self, sources: list[Source], body: str) -> tuple[str, dict[str, str]]:
        kind = self.dice.choice(("integer", "text"))
        key = self._column(sources, kind)
        number = self._column(sources, "integer")
        calls = ("count(*)", f"sum({number})", f"min({number})", f"count(DISTINCT {number})", f"max({number})")
        having = " HAVING count(*) > 1" if self.dice.random() < 0.3 else ""
        columns = {"k": kind, "v": "integer"}
        return f"SELECT {key} AS k, {self.dice.choice(calls)} AS v FROM {body} GROUP BY {key}{having}", columns

    def _value(self, sources: list[Source], kind: str, depth: int) -> str:
        column = self._column(sources, kind)
        if depth and kind == "integer" and self.dice.random() < 0.2:
            inner = self._source(0)
            mine, its = self._column([inner], "integer"), self._column(sources, "integer")
            return f"(SELECT count(*) FROM {inner.text} WHERE {mine} = {its})"
        wrapped = ("{0}", "{0}", "coalesce({0}, 0)", "{0} + 1") if kind == "integer" else ("{0}", "{0}", "upper({0})")
        return self.dice.choice(wrapped).format(column)

    def _condition(self, sources: list[Source], depth: int) -> str:
        number, text = self._column(sources, "integer"), self._column(sources, "text")
        inner = self._source(max(0, depth - 1))
        mine, its = self._column([inner], "integer"), self._column(sources, "integer")
        choices = [
            f"{number} > {self.dice.randrange(0, 30)}",
            f"{text} IS NOT NULL",
            f"{text} LIKE '%{self.dice.choice('adebo*')}%'",
            f"{number} IN (SELECT {mine} FROM {inner.text})",
            f"EXISTS (SELECT 1 FROM {inner.text} WHERE {mine} = {its})",
            f"NOT EXISTS (SELECT * FROM {inner.text} WHERE {mine} = {its})",
            f"{number} >= (SELECT min({mine}) FROM {inner.text})",
        ]
        return self.dice.choice(choices)

    def _join(self, sources: list[Source], depth: int) -> tuple[str, Source]:
        other = self._source(max(0, depth - 1))
        lateral = "LATERAL" if self.dialect == "postgres" else "JOIN"
        merging = ("NATURAL JOIN", "USING") if len(sources) == 1 else ()
        kind = self.dice.choice(("JOIN", "LEFT JOIN", "CROSS JOIN", lateral, *merging))
        mine, its = self._column(sources, "integer"), self._column([other], "integer")
        if kind in ("CROSS JOIN", "NATURAL JOIN"):
            return f" {kind} {other.text}", other
        if kind == "USING" and (shared := sorted(set(sources[0].columns) & set(other.columns))):
            return f" JOIN {other.text} USING ({self.dice.choice(shared)})", other
        kind = "JOIN" if kind == "USING" else kind
        if kind == "LATERAL":
            name = self._name()
            inner = f"(SELECT count(*) AS v, max({its}) AS w FROM {other.text} WHERE {its} = {mine}) {name}"
            return f" CROSS JOIN LATERAL {inner}", Source(inner, name, {"v": "integer", "w": "integer"})
        return f" {kind} {other.text} ON {mine} = {its}", other

    def _source(self, depth: int) -> Source:
        if self.ctes and self.dice.random() < 0.4:
            table = self.dice.choice(list(self.ctes))
            return self._named(table, table, self.ctes[table])
        if depth and self.dice.random() < 0.2:
            query, columns = self._query(depth - 1)
            name = self._name()
            return Source(f"({query}) {name}", name, columns)
        table = self.dice.choice(list(SEEN_COLUMNS))
        place = {"postgres": "public", "sqlite": "main"}[self.dialect]
        is_hidden = table in self.ctes or (self.dialect == "sqlite" and table in self.planned)
        qualified = f"{place}.{table}" if self.dice.random() < 0.2 or is_hidden else table
        written = f"ONLY {qualified}" if self.dialect == "postgres" and self.dice.random() < 0.1 else qualified
        columns = SEEN_COLUMNS[table]
        if self.dialect == "postgres" and self.dice.random() < 0.1:  # the first columns renamed
            name, kinds = self._name(), list(columns.items())
            renamed = {"r0": kinds[0][1], "r1": kinds[1][1], **dict(kinds[2:])}
            return Source(f"{written} AS {name}(r0, r1)", name, renamed)
        return self._named(written, table, columns)

    def _named(self, written: str, table: str, columns: dict[str, str]) -> Source:
        """By an alias of its own, which may be another table's name."""
        name = self._name() if self.dice.random() < 0.9 else f"orders_{self._name()}"
        return Source(f"{written} AS {name}", name, columns)

    def _column(self, sources: list[Source], kind: str) -> str:
        fitting = [f"{one.name}.{name}" for one in sources for name, its in one.columns.items() if its == kind]
        return self.dice.choice(fitting) if fitting else {"integer": "1", "text": "'a'"}[kind]
