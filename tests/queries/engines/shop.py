"""A small shop: the schema and values that the engine's tests ask about."""

import datetime as dt

from apps.clarification.readings import Reading
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import propose_readings

TEXT, INTEGER, DECIMAL, DATE = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE
VALUES = MemoryValueIndex(
    [
        ("customers", "country", "Germany"),
        ("customers", "country", "France"),
        ("customers", "name", "Anna"),
        ("products", "name", "Pan"),
    ]
)
TODAY = dt.date(2026, 1, 15)


def shop(dialect: str = "sqlite") -> Schema:
    """Customers place orders for products."""
    return Schema(
        dialect,
        (
            Table(
                "customers",
                (Column("id", INTEGER), Column("name", TEXT), Column("country", TEXT), Column("Credit Limit", DECIMAL)),
                primary_key=("id",),
            ),
            Table("products", (Column("id", INTEGER), Column("name", TEXT), Column("price", DECIMAL)),
            primary_key=("id",)),
            Table(
                "orders",
                (
                    Column("id", INTEGER), Column("customer_id", INTEGER), Column("product_id", INTEGER),
                    Column("quantity", INTEGER),
                    Column("ordered_on", DATE), Column("shipped_on", DATE),
                ),
                primary_key=("id",),
                foreign_keys=(ForeignKey(("customer_id",), "customers", ("id",)), ForeignKey(("product_id",),
                "products", ("id",))),
            ),
        ),
    )  # fmt: skip


def ask(question: str, *, dialect: str = "sqlite", history: tuple[Turn, ...] = ()) -> list[Reading]:
    """The readings of a question about the shop."""
    return propose_readings(Context(question, shop(dialect), VALUES, TODAY, history))


def sql(question: str, *, dialect: str = "sqlite") -> str:
    """The best reading as SQL."""
    return ask(question, dialect=dialect)[0].tree.sql(dialect)
