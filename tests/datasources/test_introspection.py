"""What is read of a source's structure, from real engines."""

import pytest

from apps.datasources.address import SourceAddress
from apps.datasources.introspection import read_schema, read_values
from apps.datasources.schema import ColumnType, ForeignKey


@pytest.fixture(params=["postgres", "mysql", "sqlite", "duckdb"])
def source(request: pytest.FixtureRequest) -> SourceAddress:
    return request.getfixturevalue(f"{request.param}_source")


def test_tables_columns_and_keys_are_read(source: SourceAddress) -> None:
    schema = read_schema(source)
    orders = schema.table("orders")
    assert orders
    assert [column.name for column in orders.columns] == ["id", "customer_id", "amount", "created_at"]
    assert [column.type for column in orders.columns] == [
        ColumnType.INTEGER, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.TIMESTAMP,
    ]  # fmt: skip
    assert orders.primary_key == ("id",)
    assert orders.unique_keys == (("customer_id", "created_at"),)
    assert orders.foreign_keys == (ForeignKey(("customer_id",), "customers", ("id",), orders.namespace),)
    assert orders.row_count == 3


def test_samples_and_nullability_are_read(source: SourceAddress) -> None:
    customers = read_schema(source).table("customers")
    assert customers
    name, country = customers.columns[1:]
    assert (name.samples, name.nullable) == (("Ada", "Bo", "Cy"), False)
    assert (country.samples, country.nullable) == (("DE", "FR"), True)


def test_comments_are_read(postgres_source: SourceAddress) -> None:
    orders = read_schema(postgres_source).table("orders")
    assert orders
    assert orders.comment == "What was sold"


def test_values_for_an_index_are_distinct_text_without_null(source: SourceAddress) -> None:
    customers = read_schema(source).table("customers")
    assert customers
    assert sorted(read_values(source, customers, customers.columns[2], limit=10)) == ["DE", "FR"]
    assert len(read_values(source, customers, customers.columns[2], limit=1)) == 1
