"""Finds every table and column that a statement names among those that a person may read.

A name of a common table expression hides a table only where the dialect really resolves it so; in doubt the table is
looked up, which can refuse too much but never let a table through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.datasources.access import Access
from apps.datasources.guard.dialects import Folding, Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.shape import Block, ColumnName, ColumnRef, Cte, Name, Output, Source, Star, TableRef
from apps.datasources.schema import Table

# The column names of a source in lower case; None where they are not known before the statement runs.
Columns = frozenset[str] | None


@dataclass
class _Scope:
    """What names mean inside one block: its sources, its output names, and all of that of the blocks around it."""

    parent: "_Scope | None" = None
    ctes: dict[str, Columns] = field(default_factory=dict)
    sources: dict[str, Columns] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def cte(self, name: str) -> tuple[Columns] | None:
        """The columns of the nearest common table expression of that name, in a tuple, or None where there is none."""
        scope: _Scope | None = self
        while scope:
            if name in scope.ctes:
                return (scope.ctes[name],)
            scope = scope.parent
        return None

    def chain(self) -> list["_Scope"]:
        scopes: list[_Scope] = []
        scope: _Scope | None = self
        while scope:
            scopes.append(scope)
            scope = scope.parent
        return scopes


@dataclass(frozen=True)
class Reads:
    """What a statement reads: tables by full name, with the columns that it may take from each; `places` are the nodes
    of the parser's tree that name a table, each with that table. Columns are known only where tables are looked up."""

    columns: Mapping[str, tuple[str, ...]]
    places: Sequence[tuple[Any, Table]]

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.columns)


def tables_read(block: Block, *, rules: Rules, access: Access | None) -> frozenset[str]:
    """The full names of all tables that the statement reads; raises as `reads_of` does."""
    return reads_of(block, rules=rules, access=access).tables


def reads_of(block: Block, *, rules: Rules, access: Access | None) -> Reads:
    """What the statement reads.

    Raises UnsafeSql for a table or column that is not in `access`, and for a system catalogue. Without `access` a
    table is not looked up, so its columns are unknown and every column of it is taken to be there.
    """
    resolver = _Resolver(rules, access)
    resolver.resolve(block, None)
    columns: dict[str, tuple[str, ...]] = dict.fromkeys(resolver.tables, ())
    for _, table in resolver.places:
        names = [column.name for column in table.columns]
        columns[table.full_name] = tuple(name for name in names if resolver.names_all or name.lower() in resolver.names)
    return Reads(columns, resolver.places)


class _Resolver:
    def __init__(self, rules: Rules, access: Access | None) -> None:
        self.rules = rules
        self.access = access
        self.tables: set[str] = set()
        self.places: list[tuple[Any, Table]] = []
        self.names: set[str] = set()  # of columns, wherever they come from: rather too many than too few
        self.names_all = False

    def resolve(self, block: Block, parent: _Scope | None, own: str | None = None) -> Columns:
        """Judge one block and all inside it; answers the columns it puts out. `own` is the name of the recursive
        common table expression that the block makes."""
        scope = _Scope(parent)
        self._resolve_ctes(block, scope)
        for position, source in enumerate(block.sources):
            name = self._source_name(source, position)
            scope.sources[name] = None  # a lateral sub-query may name itself's siblings before they are resolved
        for position, source in enumerate(block.sources):
            scope.sources[self._source_name(source, position)] = self._source_columns(source, scope)
        named = (output for output in block.outputs if isinstance(output, Name) and not isinstance(output, ColumnName))
        scope.names |= {output.text.lower() for output in named}
        scope.names |= block.local_names
        arms = [self._resolve_arm(block, arm, scope, own) for arm in block.arms]
        if arms:  # what sorts a set operation names its columns, which are those of its first arm
            scope.sources["(arms)"] = arms[0]
        self._note_columns(block, scope)
        for column in block.columns:
            self._check_column(column, scope)
        for child in block.children:
            self.resolve(child, scope)
        return arms[0] if arms else self._outputs(block.outputs, scope)

    def _resolve_arm(self, block: Block, arm: Block, scope: _Scope, own: str | None) -> Columns:
        """One side of a set operation. A recursive expression's name means itself in the last arm of its UNION only:
        everywhere else in it, DuckDB reads a table of that name."""
        if own is None or len(block.arms) == 1:  # a query in brackets
            return self.resolve(arm, scope, own)
        is_recursive_arm = block.is_union and arm is block.arms[-1]
        return self.resolve(arm, _Scope(scope, ctes={own: None}) if is_recursive_arm else scope)

    def _note_columns(self, block: Block, scope: _Scope) -> None:
        """Stars, whole rows, natural joins and renamed columns may take any column."""
        self.names |= {column.name.text.lower() for column in block.columns}
        self.names_all |= (
            block.reads_unnamed
            or any(isinstance(output, Star) for output in block.outputs)
            or any(source.columns for source in block.sources)
            or any(column.name.text.lower() in one.sources for column in block.columns for one in scope.chain())
        )

    def _resolve_ctes(self, block: Block, scope: _Scope) -> None:
        if block.recursive and self.rules.recursive_sees_later:
            for cte in block.ctes:
                scope.ctes[self._fold(cte.name)] = None
        for cte in block.ctes:
            name = self._fold(cte.name)
            columns = self.resolve(cte.block, _Scope(scope), name if self._is_recursive(block, cte) else None)
            scope.ctes[name] = _named(cte.columns, columns)

    def _is_recursive(self, block: Block, cte: Cte) -> bool:
        return block.recursive or (self.rules.implicit_recursion and bool(cte.block.arms))

    def _source_name(self, source: Source, position: int) -> str:
        named = source.alias or (source.table and source.table.name)
        return named.text.lower() if named else f"({position})"

    def _source_columns(self, source: Source, scope: _Scope) -> Columns:
        if source.block:
            return _named(source.columns, self.resolve(source.block, scope))
        if source.table:
            return _named(source.columns, self._table_columns(source.table, scope))
        return None

    def _table_columns(self, ref: TableRef, scope: _Scope) -> Columns:
        if not ref.namespace and not ref.catalog:
            cte = scope.cte(self._fold(ref.name))
            if cte:
                return cte[0]
        if self.access is None:
            self._refuse_catalogue(ref)
            self.tables.add(str(ref))
            return None
        table = self._find(ref, self.access)
        if table is None:
            raise UnsafeSql(Refusal.UNKNOWN_TABLE, f"There is no table {ref} here.")
        self.tables.add(table.full_name)
        self.places.append((ref.node, table))
        unseen = frozenset() if self.access.restriction(table) else self.rules.row_number_columns
        return frozenset(column.name.lower() for column in table.columns) | unseen

    def _find(self, ref: TableRef, access: Access) -> Table | None:
        """The visible table that this reference means in the dialect, or None."""
        if ref.catalog:
            return None
        default = access.schema.default_namespace or self.rules.default_namespace
        namespace = self._fold(ref.namespace) if ref.namespace else None
        table = access.schema.table(ref.name.text, namespace)
        if table is None and (namespace is None or namespace == default):
            table = access.schema.table(ref.name.text, None) or access.schema.table(ref.name.text, default)
        if table is None or not self._same(ref.name, table.name):
            return None
        if ref.namespace and table.namespace and not self._same(ref.namespace, table.namespace):
            return None
        return table

    def _same(self, name: Name, stored: str) -> bool:
        match self.rules.folding:
            case Folding.LOWER:
                return self._fold(name) == stored
            case Folding.UPPER:
                return not name.quoted or name.text == stored
            case _:
                return True

    def _refuse_catalogue(self, ref: TableRef) -> None:
        name = ref.name.text.lower()
        namespace = ref.namespace.text.lower() if ref.namespace else ""
        if (
            ref.catalog
            or name in self.rules.system_tables
            or namespace in self.rules.system_namespaces
            or name.startswith(self.rules.system_prefixes)
            or (namespace and namespace.startswith(self.rules.system_prefixes))
            or self._names_file(name)
        ):
            raise UnsafeSql(Refusal.UNKNOWN_TABLE, f"There is no table {ref} here.")

    def _names_file(self, name: str) -> bool:
        """Whether the engine would look for a file where there is no table of this name."""
        if not self.rules.file_endings:
            return False
        return bool(set(name) & set("/\\:*?")) or name.rpartition(".")[2] in self.rules.file_endings

    def _check_column(self, ref: ColumnRef, scope: _Scope) -> None:
        name = ref.name.text.lower()
        if name in self.rules.system_columns:
            raise UnsafeSql(Refusal.UNKNOWN_COLUMN, f"There is no column {ref} here.")
        scopes = scope.chain()
        known = self._qualified(ref, scopes) if ref.qualifier else self._unqualified(ref, scopes)
        if not known:
            raise UnsafeSql(Refusal.UNKNOWN_COLUMN, f"There is no column {ref} here.")

    def _unqualified(self, ref: ColumnRef, scopes: list[_Scope]) -> bool:
        name = ref.name.text.lower()
        for scope in scopes:
            if name in scope.names or name in scope.sources:
                return True
            if any(columns is None or name in columns for columns in scope.sources.values()):
                return True
        return ref.name.quoted and self.rules.quoted_may_be_string

    def _qualified(self, ref: ColumnRef, scopes: list[_Scope]) -> bool:
        """Qualifiers may be schema and table, or, in dialects with records, a column and its fields."""
        parts = [part.text.lower() for part in (*ref.qualifier, ref.name)]
        for scope in scopes:
            for position, part in enumerate(parts[:-1]):
                if part in scope.sources:
                    columns = scope.sources[part]
                    return columns is None or parts[position + 1] in columns
            if parts[0] in scope.names:
                return True
            if self.rules.dots_read_fields and any(
                columns is None or parts[0] in columns for columns in scope.sources.values()
            ):
                return True
        return False

    def _outputs(self, outputs: list[Output], scope: _Scope) -> Columns:
        names: set[str] = set()
        for output in outputs:
            if isinstance(output, Name):
                names.add(output.text.lower())
            elif isinstance(output, Star):
                wanted = (
                    [scope.sources.get(output.source.text.lower())] if output.source else list(scope.sources.values())
                )
                for columns in wanted:
                    if columns is None:
                        return None
                    names |= columns
            else:
                return None
        return frozenset(names)

    def _fold(self, name: Name) -> str:
        if self.rules.folding is Folding.UPPER:
            return name.text if name.quoted else name.text.upper()
        if self.rules.folding is Folding.LOWER and name.quoted:
            return name.text
        return name.text.lower()


def _named(aliases: tuple[Name, ...], columns: Columns) -> Columns:
    """Columns after `AS alias(a, b)`: the aliases rename the first ones, and which ones those are is not known here."""
    if not aliases:
        return columns
    renamed = frozenset(alias.text.lower() for alias in aliases)
    return None if columns is None else columns | renamed
