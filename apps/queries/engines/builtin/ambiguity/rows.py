"""Plans over rows of one table and of those that hang together with it, and how such rows are called."""

from collections.abc import Sequence

from sqlglot import exp

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind
from apps.queries.engines.builtin.plan import COUNT_ROWS, Aggregate, ColumnKey, Condition, Item, Operator, Plan
from apps.queries.engines.builtin.sql import SqlWriter

_NO_NAMES = frozenset("time date day month year phone email url".split())  # text, but of no row alone
_FIRST, _LAST = ("first", "given"), ("last", "family")


def called(catalog: Catalog, table: str) -> tuple[ColumnKey, ...]:
    """The columns that people call a table's rows by: a name, or a first and a last one; none without any text."""
    columns = catalog.tables[table].columns
    texts = [one for one in columns if one.kind is Kind.TEXT and not one.is_foreign and one.words[-1] not in _NO_NAMES]
    name = next(
        iter([one for one in texts if one.is_name] or [one for one in texts if not one.is_primary] or texts), None
    )
    if name is None:
        return ()
    if name.words[0] in _FIRST:
        last = [one.key for one in texts if one.is_name and one.words[0] in _LAST]
        return (name.key, *last[:1])
    return (name.key,)


def identity(catalog: Catalog, table: str) -> ColumnKey | None:
    """What tells rows apart, else what they are called by."""
    entry = catalog.tables[table]
    key: ColumnEntry | None = entry.id_column or entry.name_column
    return key.key if key else None


def listed(shown: Sequence[ColumnKey], tables: Sequence[str], conditions: Sequence[Condition]) -> Plan:
    """Columns of the rows that meet the conditions."""
    return Plan(tuple(Item(key) for key in shown), tuple(tables), tuple(conditions))


def held_by_all(
    shown: Sequence[ColumnKey], group: Sequence[ColumnKey], holder: ColumnKey, conditions: Sequence[Condition],
    of_holder: Sequence[Condition],
) -> Plan:  # fmt: skip
    """Those of the shown that go together with every row of the holder's table that meets its conditions."""
    everyone = Plan((COUNT_ROWS,), (holder[0],), tuple(of_holder))
    having = Condition(Item(holder, Aggregate.COUNT, distinct=True), Operator.EQUAL, everyone)
    return Plan(
        tuple(Item(key) for key in shown), (holder[0],), (*conditions, *of_holder),
        group=tuple(dict.fromkeys((*group, *shown))), having=(having,),
    )  # fmt: skip


def either(plans: Sequence[Plan], writer: SqlWriter) -> exp.Query:
    """Rows of one plan or of another: one query where both read the same tables, else one after the other.

    Raises NotJoinable.
    """
    trees = [writer.write(plan) for plan in plans]
    first = trees[0]
    if len({frozenset(plan.all_tables()) for plan in plans}) == 1 and isinstance(first, exp.Select):
        found = [tree.args.get("where") for tree in trees]
        if not all(found):
            first.set("where", None)
            return first
        alternatives = [exp.paren(where.this, copy=False) if isinstance(where.this, exp.And) else where.this
                        for where in found if where]  # fmt: skip
        return first.where(exp.or_(*alternatives), append=False, copy=False)
    together = trees[0]
    for tree in trees[1:]:
        together = exp.union(together, tree, distinct=False, copy=False)
    return together
