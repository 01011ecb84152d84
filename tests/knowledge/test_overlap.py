"""Values that confirm inferred joins or speak against them: how far they overlap, and what that does to the joins."""

import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from apps.common.errors import AppError
from apps.datasources.schema import Column, ColumnType, Overlap, Schema, Table
from apps.knowledge import overlap
from apps.knowledge.joins import JoinGraph
from apps.knowledge.overlap import measured

CHILD = ("orders", "customer_id", "customers", "id")


def table(name: str, *columns: str, key: str = "") -> Table:
    return Table(name, tuple(Column(one, ColumnType.INTEGER) for one in columns), primary_key=(key,) if key else ())


SHOP = Schema("sqlite", (table("orders", "id", "customer_id", key="id"), table("customers", "id", key="id")))
DETAILS = Schema(
    "sqlite", (table("customers", "customer_id", key="customer_id"), table("details", "customer_id", key="customer_id"))
)


class Rows:
    """A database of these tables, each with rows of its last column; counts what is asked of it."""

    def __init__(self, schema: Schema, **values: list[int | None]) -> None:
        self.asked = 0
        self.connection = sqlite3.connect(":memory:")
        for one in schema:
            self.connection.execute(f"CREATE TABLE {one.name} ({', '.join(each.name for each in one.columns)})")
            marks = ", ".join("?" for _ in one.columns)
            rows = [[value] * len(one.columns) for value in values.get(one.name, [])]
            self.connection.executemany(f"INSERT INTO {one.name} VALUES ({marks})", rows)

    def __call__(self, sql: str) -> list[Any]:
        self.asked += 1
        return self.connection.execute(sql).fetchall()


def shares(schema: Schema, **values: list[int | None]) -> list[tuple[float, int]]:
    return [(one.share, one.sampled) for one in measured(schema, Rows(schema, **values))]


def test_a_share_counts_different_values_and_no_nulls() -> None:
    found = measured(SHOP, Rows(SHOP, orders=[1, 1, 1, 2, 3, 9, None], customers=[1, 2, 3]))
    assert found == (Overlap(*CHILD, share=0.75, sampled=4),)


def test_only_so_many_values_are_tried() -> None:
    assert shares(SHOP, orders=[*range(1000)], customers=[*range(2000)]) == [(1.0, overlap.MOST_VALUES)]


@pytest.mark.parametrize(
    ("orders", "customers"), [([], [1, 2, 3]), ([None, None, None], [1]), ([7, 8], [1, 2, 3]), ([1, 2, 3], [])]
)
def test_few_values_and_an_empty_table_say_nothing(orders: list[int | None], customers: list[int | None]) -> None:
    assert shares(SHOP, orders=orders, customers=customers) == []


def test_of_two_keys_either_may_be_the_one_referred_to() -> None:
    assert shares(DETAILS, customers=[*range(20)], details=[1, 2, 3]) == [(1.0, 3)]


def test_a_direction_that_says_nothing_refutes_nothing() -> None:
    assert shares(DETAILS, customers=[*range(20)], details=[1, 2]) == []
    assert shares(DETAILS, customers=[*range(20)], details=[*range(30, 50)]) == [(0.0, 20)]


def test_a_probe_that_fails_leaves_its_pair_unmeasured_and_no_other() -> None:
    schema = replace(SHOP, tables=(*SHOP.tables, table("bills", "id", "customer_id", key="id")))
    rows = Rows(schema, orders=[1, 2, 3], bills=[1, 2, 3], customers=[1, 2, 3])

    def run(sql: str) -> list[Any]:
        if "bills" in sql:
            raise AppError("Too slow.")
        return rows(sql)

    assert [one.table for one in measured(schema, run)] == ["orders"]


def test_probing_ends_with_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(SHOP, orders=[1, 2, 3], customers=[1, 2, 3])
    monkeypatch.setattr(overlap, "BUDGET_SECONDS", -1.0)
    assert measured(SHOP, rows) == ()
    monkeypatch.setattr(overlap, "BUDGET_SECONDS", 20.0)
    monkeypatch.setattr(overlap, "MOST_JOINS", 0)
    assert measured(SHOP, rows) == ()
    assert rows.asked == 0


def test_hostile_names_are_only_names() -> None:
    evil = 'customers" UNION SELECT 1, 1, 1 --'
    schema = Schema("sqlite", (SHOP.tables[0], table(evil, "customer_id", key="customer_id")))
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE orders (id, customer_id)")
        connection.execute('CREATE TABLE "customers"" UNION SELECT 1, 1, 1 --" (customer_id)')
        connection.executemany("INSERT INTO orders VALUES (?, ?)", [(1, 1), (2, 2), (3, 3)])
        connection.execute('INSERT INTO "customers"" UNION SELECT 1, 1, 1 --" VALUES (1)')
        [found] = measured(schema, lambda sql: connection.execute(sql).fetchall())
    assert (found.target, round(found.share, 2)) == (evil, 0.33)


@pytest.mark.parametrize(("share", "is_joined"), [(0.49, False), (0.5, True), (0.89, True), (1.0, True)])
def test_a_join_that_values_refute_is_dropped(share: float, is_joined: bool) -> None:
    graph = JoinGraph(replace(SHOP, overlaps=(Overlap(*CHILD, share, 200),)))
    assert bool(graph.joins_between("orders", "customers")) is is_joined


def test_a_confirmed_join_is_surer_than_any_that_was_not_measured() -> None:
    two = table("orders", "id", "customer_id", "billing_customer_id", key="id")
    schema = Schema("sqlite", (two, table("customers", "customer_id", key="customer_id")))
    named, confirmed = JoinGraph(schema).joins_between("orders", "customers")
    assert (named.columns, confirmed.columns) == (("customer_id",), ("billing_customer_id",))
    seen = replace(schema, overlaps=(Overlap("orders", "billing_customer_id", "customers", "customer_id", 0.95, 200),))
    first, second = JoinGraph(seen).joins_between("orders", "customers")
    assert (first.columns, second) == (confirmed.columns, named)
    assert named.score < first.score < 1
    [back, _] = JoinGraph(seen).joins_between("customers", "orders")
    assert back == first.reversed()
    assert back.share == 0.95
