"""Schemas that a benchmark only describes in text, and readings compared without any rows."""

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.queries.engines.builtin.gold import NotAPlan, read_plan
from apps.queries.engines.builtin.plan import Plan

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


def says_the_same(sql: str, other: str, schema: Schema) -> bool:
    """Whether two SQL texts are the same plan, whatever the order of their parts. False where either is no plan."""
    try:
        return _parts(read_plan(sql, catalog_of(schema))) == _parts(read_plan(other, catalog_of(schema)))
    except NotAPlan:
        return False


def _parts(plan: Plan) -> tuple[object, ...]:
    where = frozenset((one.item, one.operator, _plain(one.value)) for one in plan.where)
    having = frozenset((one.item, one.operator, _plain(one.value)) for one in plan.having)
    other = _parts(plan.combined[1]) if plan.combined else None
    return (
        frozenset(plan.select), frozenset(plan.all_tables()), where, frozenset(plan.group), having, plan.order,
        plan.limit, other,
    )  # fmt: skip


def _plain(value: object) -> object:
    return _parts(value) if isinstance(value, Plan) else str(value).lower()
