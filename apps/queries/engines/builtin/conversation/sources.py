"""Which tables a query reads under which names, and what its rows are rows of."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.plan import ColumnKey


@dataclass(frozen=True)
class Subject:
    """What an answer is about: rows of a table, under the name that the query gives it."""

    table: str
    alias: str


class Sources:
    """The tables of one SELECT by their names in it; sub-selects in FROM are none."""

    def __init__(self, select: exp.Select, catalog: Catalog) -> None:
        self._catalog = catalog
        self.select = select
        self.tables = dict(_tables(select, catalog))

    @property
    def is_plain(self) -> bool:
        """Whether all that is read from are known tables."""
        places = [select_from(self.select), *(join.this for join in self.select.args.get("joins") or ())]
        return bool(self.tables) and len(places) == len(self.tables)

    def alias_of(self, table: str) -> str | None:
        return next((alias for alias, name in self.tables.items() if name == table), None)

    def key_of(self, column: exp.Column) -> ColumnKey | None:
        """The column meant; None where it is none of this query's own tables."""
        named = self.tables.get(column.table) or self._by_lower.get(column.table.lower())
        tables = [named] if named else [] if column.table else list(self.tables.values())
        for table in tables:
            entry = self._catalog.column(table, column.name)
            if entry:
                return entry.key
        return None

    @property
    def _by_lower(self) -> dict[str, str]:
        return {alias.lower(): table for alias, table in self.tables.items()}

    def column(self, key: ColumnKey) -> exp.Column:
        """A column as it is written here."""
        alias = self.alias_of(key[0]) if len(self.tables) > 1 or self.alias_of(key[0]) != _bare(key[0]) else None
        return column_named(key[1], alias)


def column_named(name: str, alias: str | None) -> exp.Column:
    """A column, quoted where its name is no plain lower-case word."""
    return exp.column(exp.to_identifier(name, quoted=not _is_plain(name)), table=alias and exp.to_identifier(alias))


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and name == name.lower()


def _bare(table: str) -> str:
    return table.rpartition(".")[2]


def select_from(select: exp.Select) -> exp.Expr | None:
    """The first thing that a query reads."""
    clause = select.args.get("from_")
    return clause.this if isinstance(clause, exp.From) else None


def _tables(select: exp.Select, catalog: Catalog) -> Iterator[tuple[str, str]]:
    known = {name.lower(): name for name in catalog.by_full_name}
    bare = {_bare(name).lower(): name for name in catalog.by_full_name}
    for place in [select_from(select), *(join.this for join in select.args.get("joins") or ())]:
        if isinstance(place, exp.Table):
            full = known.get(f"{place.db}.{place.name}".lower().lstrip(".")) or bare.get(place.name.lower())
            if full:
                yield place.alias_or_name, full


def nearest_sources(column: exp.Column, catalog: Catalog) -> Sources | None:
    """The tables of the innermost SELECT that a column stands in."""
    select = column.find_ancestor(exp.Select)
    return Sources(select, catalog) if isinstance(select, exp.Select) else None


def subject_of(select: exp.Select, catalog: Catalog) -> Subject | None:
    """What the rows of an answer are: what its first named column belongs to, else what is counted or read first."""
    sources = Sources(select, catalog)
    if not sources.tables:
        return None
    for shown in select.expressions:
        inner = shown.unalias()
        columns = [inner] if isinstance(inner, exp.Column) else []
        if isinstance(inner, exp.AggFunc):
            columns = list(inner.find_all(exp.Column))
        for column in columns:
            key = sources.key_of(column)
            alias = sources.alias_of(key[0]) if key else None
            if key and alias:
                return Subject(key[0], alias)
    alias, table = next(iter(sources.tables.items()))
    return Subject(table, alias)


def is_aggregated(select: exp.Select) -> bool:
    """Whether something shown is counted or reckoned over rows."""
    return any(shown.unalias().find(exp.AggFunc) is not None for shown in select.expressions)


def members(select: exp.Select, subject: Subject, catalog: Catalog) -> exp.Select | None:
    """The identifiers of the rows that an answer is about; None where they have none or are no rows of the subject."""
    identity = catalog.tables[subject.table].id_column
    if identity is None:
        return None
    key = Sources(select, catalog).column(identity.key)
    inner = select.copy()
    group = inner.args.get("group")
    if group is not None:
        sources = Sources(inner, catalog)
        named = [sources.key_of(one) if isinstance(one, exp.Column) else None for one in group.expressions]
        if not any(one and one[0] == subject.table for one in named):
            return None
        if identity.key not in named:
            group.append("expressions", key.copy())
    inner.set("expressions", [key])
    inner.set("distinct", None)
    if inner.args.get("limit") is None:
        inner.set("order", None)
    return inner
