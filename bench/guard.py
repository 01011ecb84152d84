"""The guard: all its steps for a statement of 1 KB, against parsing it once."""

from collections.abc import Iterator

import sqlglot

from apps.datasources.guard import check_sql
from bench.figures import Figure, timed

LINE = "SUM(CASE WHEN o.status = 'S{n}' AND o.total > {n} THEN o.total ELSE 0 END) AS total_{n}, "
SQL = (
    "SELECT c.country, "  # noqa: S608  (never run, only judged)
    + "".join(LINE.format(n=n) for n in range(10))
    + "COUNT(*) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id WHERE o.total > 5 GROUP BY c.country"
)


def run(*, short: bool) -> Iterator[Figure]:
    """One figure a dialect."""
    repetitions = 50 if short else 500
    for dialect in ("postgres", "sqlite", "mysql", "duckdb", "tsql"):
        parsing = timed(lambda dialect=dialect: sqlglot.parse_one(SQL, dialect=dialect), repetitions)
        checking = timed(lambda dialect=dialect: check_sql(SQL, dialect=dialect), repetitions)
        yield Figure(f"check_sql {dialect}, {len(SQL)} bytes", checking, "one parse", parsing)
