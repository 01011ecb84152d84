"""Small schemas and contexts, made without a database."""

import datetime as dt
from collections.abc import Sequence

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context, Turn

TODAY = dt.date(2026, 3, 1)


def column(name: str, kind: ColumnType = ColumnType.TEXT, native: str = "text", **more: object) -> Column:
    return Column(name, kind, native, **more)  # type: ignore[arg-type]


CUSTOMERS = Table(
    "customers",
    (
        column("id", ColumnType.INTEGER, "integer"),
        column("name", samples=("Ann", "Bo")),
        column("country", comment="Where they live"),
    ),
    primary_key=("id",),
    row_count=12,
)
ORDERS = Table(
    "orders",
    (
        column("id", ColumnType.INTEGER, "integer"),
        column("customer_id", ColumnType.INTEGER, "integer"),
        column("ordered_on", ColumnType.DATE, "date"),
    ),
    primary_key=("id",),
    foreign_keys=(ForeignKey(("customer_id",), "customers", ("id",)),),
    comment="One row for each order",
)
SHOP = Schema("sqlite", (CUSTOMERS, ORDERS))


def context(
    question: str,
    schema: Schema = SHOP,
    *,
    values: Sequence[tuple[str, str, str]] = (),
    history: Sequence[Turn] = (),
) -> Context:
    return Context(question, schema, MemoryValueIndex(values), TODAY, history)
