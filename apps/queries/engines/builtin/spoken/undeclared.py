"""The joins of a tree that no key declares: whoever reads the answer is told of them."""

from sqlglot import exp

from apps.knowledge.catalog import Catalog
from apps.knowledge.joins import Join


def undeclared_joins(tree: exp.Expr, catalog: Catalog) -> list[Join]:
    """Inferred joins whose columns the tree compares, in its order."""
    tables = {one.alias_or_name: catalog.schema.table(one.name, one.db or None) for one in tree.find_all(exp.Table)}
    found: list[Join] = []
    for equal in tree.find_all(exp.EQ):
        sides = [side for side in (equal.left, equal.right) if isinstance(side, exp.Column)]
        keys = [(table.full_name, side.name) for side in sides if (table := tables.get(side.table))]
        if len(keys) == 2:
            (one, column), (other, other_column) = keys
            found += [
                join
                for join in catalog.joins.joins_between(one, other)
                if not join.declared and (join.columns, join.target_columns) == ((column,), (other_column,))
            ]
    return found
