"""Answers that join where no key says so say it, with the share of values that matches where it was measured."""

import datetime as dt
from dataclasses import replace

import pytest

from apps.datasources.schema import Column, ColumnType, ForeignKey, Overlap, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.spoken import spoken_readings

NUMBER, TEXT = ColumnType.INTEGER, ColumnType.TEXT
ORDERS = Table("orders", (Column("id", NUMBER), Column("customer_id", NUMBER)), primary_key=("id",))
CUSTOMERS = Table("customers", (Column("id", NUMBER), Column("name", TEXT)), primary_key=("id",))
SHOP = Schema("sqlite", (ORDERS, CUSTOMERS))
MEASURED = replace(SHOP, overlaps=(Overlap("orders", "customer_id", "customers", "id", 0.987, 200),))
KEY = ForeignKey(("customer_id",), "customers", ("id",))
DECLARED = replace(SHOP, tables=(replace(ORDERS, foreign_keys=(KEY,)), CUSTOMERS))


@pytest.mark.parametrize(
    "question", ["How many orders does each customer have?", "Show the names of customers with orders"]
)
@pytest.mark.parametrize(
    ("schema", "said"),
    [(SHOP, "no key declares this."), (MEASURED, "98 % of the values tried match."), (DECLARED, "")],
    ids=["unmeasured", "measured", "declared"],
)
def test_an_inferred_join_is_told(question: str, schema: Schema, said: str) -> None:
    context = Context(question, schema, MemoryValueIndex(()), dt.date(2026, 1, 1))
    reading = spoken_readings(analyze(context))[0]
    told = [one for one in reading.assumptions if "belong together" in one]
    assert [one.endswith(said) for one in told] == ([True] if said else [])
