"""Joins where no key is declared: what names and types suggest, and what they must not."""

import pytest

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.joins import JoinGraph


def table(name: str, *columns: str, key: str = "", kinds: dict[str, ColumnType] | None = None) -> Table:
    made = tuple(Column(one, (kinds or {}).get(one, ColumnType.INTEGER)) for one in columns)
    return Table(name, made, primary_key=(key,) if key else ())


def joins(*tables: Table, dialect: str = "postgres") -> set[str]:
    schema = Schema(dialect, tables)
    return {str(join) for one in schema for join in JoinGraph(schema).joins_from(one.full_name)}


@pytest.mark.parametrize(
    ("column", "target"),
    [
        ("customer_id", table("customers", "id", key="id")),
        ("CustomerID", table("customers", "customer_id", key="customer_id")),
        ("billing_customer_id", table("customers", "customer_id", key="customer_id")),
        ("cust_id", table("customers", "id", key="id")),
        ("customer", table("customer", "id", key="id")),
        ("cid", table("customer", "name", "cid")),
    ],
)
def test_a_column_named_for_another_tables_key_joins_it(column: str, target: Table) -> None:
    owner = target.primary_key[0] if target.primary_key else "cid"
    assert f"orders.{column} = {target.name}.{owner}" in joins(table("orders", "order_no", column), target)


@pytest.mark.parametrize("column", ["years_of_service", "num_services", "NumberOfServices", "total_services"])
def test_a_column_that_counts_a_tables_rows_refers_to_none_of_them(column: str) -> None:
    assert joins(table("nurses", "nurse_id", column), table("service", "service_id", key="service_id")) == set()


def test_keys_of_the_same_bare_name_are_not_joined() -> None:
    assert joins(table("a", "id", "name", "code", key="id"), table("b", "id", "name", "code", key="id")) == set()


def test_an_attribute_that_many_tables_have_is_no_key() -> None:
    assert joins(*(table(f"t{number}", "id", "country_code", key="id") for number in range(12))) == set()


def test_columns_that_cannot_be_compared_are_not_joined() -> None:
    texts = {"customer_id": ColumnType.TEXT}
    assert (
        joins(table("orders", "customer_id", kinds=texts), table("customers", "customer_id", key="customer_id"))
        == set()
    )


def test_two_references_to_one_table_are_both_known() -> None:
    found = joins(
        table("flights", "from_airport_id", "to_airport_id"), table("airports", "airport_id", key="airport_id")
    )
    assert {"flights.from_airport_id = airports.airport_id", "flights.to_airport_id = airports.airport_id"} <= found


def test_declared_keys_stand_alone_and_inferred_ones_say_how_sure_they_are() -> None:
    declared = Table(
        "orders",
        (Column("customer_id", ColumnType.INTEGER), Column("payer", ColumnType.INTEGER)),
        foreign_keys=(ForeignKey(("payer",), "customers", ("id",)),),
    )
    graph = JoinGraph(Schema("postgres", (declared, table("customers", "id", key="id"))))
    assert [(str(join), join.score) for join in graph.joins_from("orders")] == [("orders.payer = customers.id", 1.0)]
    guessed = JoinGraph(Schema("postgres", (table("orders", "customer_id"), table("customers", "id", key="id"))))
    [join] = guessed.joins_from("orders")
    assert not join.declared
    assert 0 < join.score < 1
