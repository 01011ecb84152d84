"""Lowers a sqlglot tree to the blocks that `scopes` judges."""

from sqlglot import exp

from apps.datasources.guard.dialects import Rules
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.shape import Block, ColumnName, ColumnRef, Cte, Name, Output, Source, Star, TableRef

_FROM_PLACES = (exp.From, exp.Join, exp.Lateral)
_UNKNOWN_PLACE = "A table is named in a way that is not known here."


def shape_of(tree: exp.Query, rules: Rules) -> Block:
    """The statement's blocks, outermost first. Raises UnsafeSql for a table at a place that is not known here."""
    lowering = _Lowering(rules)
    block = lowering.block(tree)
    if any(id(table) not in lowering.tables for table in tree.find_all(exp.Table)):
        raise UnsafeSql(Refusal.UNKNOWN_TABLE, _UNKNOWN_PLACE)
    return block


class _Lowering:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.tables: set[int] = set()  # the nodes that were judged: none may be left over

    def block(self, query: exp.Expr) -> Block:
        """One query with all below it. A query in brackets is a set operation with one arm."""
        block = Block()
        skipped: set[int] = set()
        self._ctes(query, block)
        if isinstance(query, exp.SetOperation):
            arms = _arms(query)
            block.arms = [self.block(arm) for arm in arms]
            block.is_union = isinstance(query, exp.Union) and not query.args.get("by_name")
            skipped = {id(query.this), id(query.expression)}
        elif isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query):
            block.arms = [self.block(query.this)]
            skipped = {id(query.this)}
        elif isinstance(query, exp.Subquery):  # tables in brackets
            block.outputs = [Star()]
        elif isinstance(query, exp.Select):
            block.outputs = [_output(item) for item in query.expressions]
        else:
            block.outputs = [None]
        self._walk([child for child in query.iter_expressions() if id(child) not in skipped], block)
        return block

    def _ctes(self, query: exp.Expr, block: Block) -> None:
        clause = query.args.get("with_")
        if clause is None:
            return
        block.recursive = bool(clause.args.get("recursive"))
        for cte in clause.expressions:
            if not isinstance(cte.this, exp.Query | exp.UDTF):  # a bare word or value, such as (CHECKPOINT)
                raise UnsafeSql(Refusal.CANNOT_PARSE, "A WITH clause must hold a query.")
            alias = cte.args["alias"]
            block.ctes.append(Cte(_name(alias.this), self.block(cte.this), _alias_columns(alias)))

    def _walk(self, nodes: list[exp.Expr], block: Block) -> None:
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, exp.With | exp.TableAlias):
                continue
            if isinstance(node, exp.Subquery) and isinstance(node.parent, _FROM_PLACES):
                stack += self._derived(node, block)
            elif isinstance(node, exp.Query) and not isinstance(node, exp.Table):
                block.children.append(self.block(node))
            elif isinstance(node, exp.Table):
                stack += self._table(node, block)
            elif isinstance(node, exp.Lateral | exp.UDTF) and not isinstance(node, exp.Subquery):
                stack += self._function(node, block)
            elif isinstance(node, exp.Pivot):
                stack += self._pivot(node, block)
            elif isinstance(node, exp.Column):
                stack += self._column(node, block)
            elif isinstance(node, exp.In):
                stack += self._membership(node, block)
            else:
                self._local_names(node, block)
                stack += node.iter_expressions()

    def _derived(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        """A sub-query, or a join in brackets, as an item of FROM."""
        alias = node.args.get("alias")
        pivots = node.args.get("pivots")
        held = node.this
        while isinstance(held, exp.Subquery) and held.is_wrapper:
            held = held.this
        inner = self.block(held) if isinstance(held, exp.Query) else None
        rest = [child for child in node.iter_expressions() if child is not node.this]
        if inner is None and not alias and not pivots:
            return [held, *rest]
        if inner is None:
            inner = Block(outputs=[Star()])
            self._walk([held], inner)
        inner.outputs = [None] if pivots else inner.outputs
        if pivots and inner.arms:
            inner = Block(children=[inner], outputs=[None])
        block.sources.append(Source(_alias(alias), block=inner, columns=_alias_columns(alias)))
        self._pivot_aliases(pivots, block)
        return rest

    def _table(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        self.tables.add(id(node))
        alias = node.args.get("alias")
        rest = [child for child in node.iter_expressions() if child is not node.this]
        if isinstance(node.this, exp.Func):
            block.sources.append(Source(_alias(alias) or Name(node.this.name or node.this.sql_name())))
            return [node.this, *rest]
        if not isinstance(node.this, exp.Identifier):
            raise UnsafeSql(Refusal.UNKNOWN_TABLE, _UNKNOWN_PLACE)
        ref = TableRef(_name(node.this), _part(node, "db"), _part(node, "catalog"), node)
        columns = _alias_columns(alias)
        pivots = node.args.get("pivots")
        block.sources.append(Source(_alias(alias), table=ref, columns=columns))
        self._pivot_aliases(pivots, block)
        return rest

    def _pivot(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        """The columns that a pivot turns are what it stands over; which those are is not looked up.

        `FROM (PIVOT t ON a)` has its table in itself.
        """
        block.reads_unnamed = True
        if isinstance(node.this, exp.Table):
            block.sources.append(Source(None))
            return [node.this]
        block.children += [self.block(query) for query in node.find_all(exp.Select)]
        return []

    def _pivot_aliases(self, pivots: list[exp.Expr] | None, block: Block) -> None:
        """What a pivot puts out depends on values, so its columns are not known."""
        for pivot in pivots or []:
            block.sources.append(Source(_alias(pivot.args.get("alias"))))

    def _function(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        alias = node.args.get("alias")
        inner = node.this
        if isinstance(node, exp.Lateral) and isinstance(inner, exp.Subquery):
            block.sources.append(Source(_alias(alias), block=self.block(inner), columns=_alias_columns(alias)))
            return []
        block.sources.append(Source(_alias(alias), columns=_alias_columns(alias)))
        return list(node.iter_expressions())

    def _column(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        if isinstance(node.this, exp.Star):
            return [node.this]
        qualifier = tuple(part for part in (_part(node, key) for key in ("catalog", "db", "table")) if part)
        block.columns.append(ColumnRef(_name(node.this), qualifier))
        return []

    def _membership(self, node: exp.Expr, block: Block) -> list[exp.Expr]:
        """`x IN name`: the name is a table in some dialects, a list in others."""
        field = node.args.get("field")
        if not self.rules.in_names_table or field is None:
            return list(node.iter_expressions())
        if isinstance(field, exp.Column):
            table = TableRef(_name(field.this), _part(field, "table"), _part(field, "db"), node)
            block.children.append(Block(sources=[Source(table=table)], outputs=[Star()]))
            return [child for child in node.iter_expressions() if child is not field]
        if not isinstance(field, exp.Func):
            raise UnsafeSql(Refusal.FORBIDDEN_NODE, "A string cannot stand for a table.")
        return list(node.iter_expressions())

    def _local_names(self, node: exp.Expr, block: Block) -> None:
        if isinstance(node, exp.Lambda):
            block.local_names |= {name.name.lower() for name in node.expressions}
        elif isinstance(node, exp.Comprehension):
            block.local_names.add(node.expression.name.lower())
        elif isinstance(node, exp.Columns | exp.PositionalColumn | exp.Star):
            block.reads_unnamed |= not isinstance(node.parent, exp.Count)
        elif isinstance(node, exp.Join):
            block.reads_unnamed |= node.method == "NATURAL"
            block.columns += [ColumnRef(_name(column)) for column in node.args.get("using") or []]


def _arms(query: exp.Expr) -> list[exp.Expr]:
    """The sides of a chain of set operations, without recursion: a chain nests to the left."""
    arms = [query.expression]
    left = query.this
    while isinstance(left, exp.SetOperation) and not left.args.get("with_"):
        arms.append(left.expression)
        left = left.this
    return [left, *reversed(arms)]


def _output(item: exp.Expr) -> Output:
    if isinstance(item, exp.Star):
        return Star()
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        return Star(_part(item, "table"))
    name = item.output_name
    if isinstance(item, exp.Column) and not item.args.get("table"):
        return ColumnName(name)
    return Name(name) if name else None


def _name(identifier: exp.Expr) -> Name:
    return Name(identifier.name, bool(identifier.args.get("quoted")))


def _part(node: exp.Expr, key: str) -> Name | None:
    """One part of a dotted name; an empty one (`database..table`) is there, but no identifier."""
    part = node.args.get(key)
    if part is None:
        return None
    return _name(part) if isinstance(part, exp.Expr) else Name(str(part))


def _alias(alias: exp.Expr | None) -> Name | None:
    return None if alias is None or alias.this is None else _name(alias.this)


def _alias_columns(alias: exp.Expr | None) -> tuple[Name, ...]:
    return () if alias is None else tuple(_name(column) for column in alias.args.get("columns") or [])
