"""The shape of a statement: which names it reads, scope by scope, whatever parser read it.

A front end lowers its syntax tree to blocks; `scopes` judges the blocks against what a person may read. Nothing here
knows a dialect or a parser.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier as written; whether it was quoted decides how it folds."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class ColumnName(Name):
    """What a select list calls a column that it takes as it is: naming it there does not make it be there."""


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table as named in FROM: `catalog.namespace.name`; `node` is where the parser's tree says so."""

    name: Name
    namespace: Name | None = None
    catalog: Name | None = None
    node: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return ".".join(part.text for part in (self.catalog, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column as named in an expression; `qualifier` is what stands before its last dot, outermost first."""

    name: Name
    qualifier: tuple[Name, ...] = ()

    def __str__(self) -> str:
        return ".".join(part.text for part in (*self.qualifier, self.name))


@dataclass(frozen=True, slots=True)
class Star:
    """`*` or `source.*` among the outputs of a block."""

    source: Name | None = None


# What one item of a select list is called: a name, all columns of something, or not known before it runs.
Output = Name | Star | None


@dataclass(slots=True)
class Source:
    """One item of FROM. Neither a table nor a block: a table function, whose columns nobody knows before it runs."""

    alias: Name | None = None
    table: TableRef | None = None
    block: "Block | None" = None
    columns: tuple[Name, ...] = ()


@dataclass(slots=True)
class Cte:
    name: Name
    block: "Block"
    columns: tuple[Name, ...] = ()


@dataclass(slots=True)
class Block:
    """One SELECT, VALUES or set operation.

    `children` are the sub-queries in its expressions, `arms` the sides of a set operation, `local_names` what its
    expressions themselves define (parameters of lambdas, named windows).
    """

    ctes: list[Cte] = field(default_factory=list)
    recursive: bool = False
    sources: list[Source] = field(default_factory=list)
    columns: list[ColumnRef] = field(default_factory=list)
    children: list["Block"] = field(default_factory=list)
    arms: list["Block"] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    local_names: set[str] = field(default_factory=set)
    # A natural join, a pivot and a star inside an expression read columns that nothing names.
    reads_unnamed: bool = False

    def nested(self) -> Iterable["Block"]:
        """The blocks directly inside this one."""
        yield from (cte.block for cte in self.ctes)
        yield from (source.block for source in self.sources if source.block)
        yield from self.children
        yield from self.arms
