"""The guard: all its steps for a statement of 1 KB, without and with a policy, against parsing it once."""

from collections.abc import Callable, Iterator

import sqlglot

from apps.datasources.access import Access, Mask, MaskKind, Restriction
from apps.datasources.guard import check_sql
from apps.datasources.schema import Column, ColumnType, Schema, Table
from bench.figures import Figure, timed

LINE = "SUM(CASE WHEN o.status = 'S{n}' AND o.total > {n} THEN o.total ELSE 0 END) AS total_{n}, "
SQL = (
    "SELECT c.country, "  # noqa: S608  (never run, only judged)
    + "".join(LINE.format(n=n) for n in range(10))
    + "COUNT(*) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id WHERE o.total > 5 GROUP BY c.country"
)
TABLES = {
    "orders": "id customer_id status total country",
    "customers": "id name email country",
    "suppliers": "id name email country",
    "shipments": "id order_id country",
}


def run(*, short: bool) -> Iterator[Figure]:
    """One figure a dialect."""
    repetitions = 50 if short else 500
    for dialect in ("postgres", "sqlite", "mysql", "duckdb", "tsql"):
        parsing = timed(lambda dialect=dialect: sqlglot.parse_one(SQL, dialect=dialect), repetitions)
        checking = timed(_judge(dialect, None, repetitions), repetitions)
        yield Figure(f"check_sql {dialect}, {len(SQL)} bytes", checking, "one parse", parsing)
        judging = timed(_judge(dialect, policied(dialect), repetitions), repetitions)
        yield Figure(f"check_sql {dialect} under a policy of {len(TABLES)} tables", judging, "one parse", parsing)


def _judge(dialect: str, access: Access | None, repetitions: int) -> Callable[[], object]:
    """Judges another text each time: a verdict that is remembered is not measured."""
    texts = iter([f"{SQL} LIMIT {number + 1}" for number in range(repetitions)])
    return lambda: check_sql(next(texts), dialect=dialect, access=access)


def policied(dialect: str) -> Access:
    """A few tables, each with a row filter, two with a mask."""
    tables = tuple(
        Table(name, tuple(Column(one, ColumnType.TEXT, "text") for one in columns.split()), namespace="shop")
        for name, columns in TABLES.items()
    )
    restrictions = tuple(
        Restriction(
            one.name,
            one.namespace,
            tuple(column.name for column in one.columns),
            (("email", Mask(MaskKind.LAST_FOUR)),) if one.column("email") else (),
            "country = :country",
            (("country", "DE"),),
        )
        for one in tables
    )
    return Access(Schema(dialect, tables, default_namespace="shop"), restrictions=restrictions, policy="of the bench")
