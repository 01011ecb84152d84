"""Schemas that a benchmark only describes in text, and readings compared without any rows."""

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.queries.engines.builtin.gold import NotAPlan, read_plan
from apps.queries.engines.builtin.membership import without_exists
from apps.queries.engines.builtin.plan import Condition, Operator, Plan
from apps.queries.engines.builtin.pruning import pruned

_NUMERIC_STARTS = ("avg_", "min_", "max_", "total_", "sum_", "num_", "count_")


def edited_schema(text: str, original: Schema) -> Schema:
    """The schema of "table : column , column | table : …"; types and keys come from the original where names agree."""
    tables = []
    for part in text.split("|"):
        name, _, columns = part.partition(":")
        known = original.table(name.strip())
        named = [_clean(column) for column in columns.split(",")]
        tables.append(_edited_table(name.strip(), [column for column in named if column], known, original))
    return Schema(original.dialect, tuple(tables))


def _clean(column: str) -> str:
    return column.strip() if '"' not in column else column.split('"')[0].strip()


def _edited_table(name: str, columns: list[str], known: Table | None, original: Schema) -> Table:
    donor = known or next((table for table in original if name.startswith(f"{table.name.lower()}_")), None)
    made = tuple(_edited_column(column, donor) for column in dict.fromkeys(columns))
    names = {column.name for column in made}
    if known is None:
        return Table(name, made)
    keys = tuple(_lowered(key) for key in known.foreign_keys if {column.lower() for column in key.columns} <= names)
    return Table(name, made, primary_key=tuple(column.lower() for column in known.primary_key), foreign_keys=keys)


def _lowered(key: ForeignKey) -> ForeignKey:
    targets = tuple(column.lower() for column in key.target_columns)
    return ForeignKey(tuple(column.lower() for column in key.columns), key.target_table.lower(), targets)


def _edited_column(name: str, donor: Table | None) -> Column:
    known = donor.column(name) if donor else None
    if known:
        return Column(name, known.type, known.native_type, samples=known.samples)
    return Column(name, ColumnType.FLOAT if name.startswith(_NUMERIC_STARTS) else ColumnType.TEXT)


def says_the_same(sql: str, known: str, schema: Schema) -> bool:
    """Whether an SQL text is the same plan as the known one, whatever the order of their parts; rows are in order only
    where the known SQL orders them. False where either is no plan."""
    catalog = catalog_of(schema)
    try:
        mine, wanted = (
            pruned(read_plan(one, catalog), catalog) for one in (without_exists(sql, schema.dialect), known)
        )
    except NotAPlan:
        return False
    if not wanted.order and mine.limit is None:
        mine = mine.with_changes(order=())
    return _parts(mine) == _parts(wanted)


def _parts(plan: Plan) -> tuple[object, ...]:
    plan = _with_lists(plan)
    where = frozenset((one.item, one.operator, _plain(one.value)) for one in plan.where)
    having = frozenset((one.item, one.operator, _plain(one.value)) for one in plan.having)
    other = _parts(plan.combined[1]) if plan.combined else None
    return (
        frozenset(plan.select), frozenset(plan.all_tables()), where, plan.any_of and len(where) > 1,
        frozenset(plan.group), having, plan.order, plan.limit, other,
    )  # fmt: skip


def _with_lists(plan: Plan) -> Plan:
    """ "= a OR = b" of one column as the list that it is."""
    values = [one.value for one in plan.where if one.operator is Operator.EQUAL and isinstance(one.value, str | int)]
    if not plan.any_of or len({one.item for one in plan.where}) != 1 or len(values) < len(plan.where):
        return plan
    listed = Condition(plan.where[0].item, Operator.IN, tuple(values))
    return plan.with_changes(where=(listed,), any_of=False)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return frozenset(str(one).lower() for one in value)
    return _parts(value) if isinstance(value, Plan) else str(value).lower()
