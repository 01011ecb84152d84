"""The probe for overlapping values, through the guard, on every engine that runs here."""

from dataclasses import replace

import pytest

from apps.datasources.access import Access
from apps.datasources.address import SourceAddress
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import check_sql
from apps.datasources.introspection import read_schema
from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.joins import inferred_joins
from apps.knowledge.overlap import probe


@pytest.mark.parametrize("engine", ["postgres", "mysql", "sqlite", "duckdb"])
def test_a_probe_runs_on_this_engine(engine: str, request: pytest.FixtureRequest) -> None:
    address: SourceAddress = request.getfixturevalue(f"{engine}_source")
    read = read_schema(address)
    schema = replace(read, tables=tuple(replace(table, foreign_keys=()) for table in read))
    [join] = inferred_joins(schema)
    assert row_of(probe(join, by_name(schema), schema.dialect), schema, address) == (2, 2, 1)
    back = probe(join.reversed(), by_name(schema), schema.dialect)
    assert row_of(back, schema, address) == (3, 2, 1)


@pytest.mark.parametrize("dialect", ["tsql", "snowflake", "bigquery", "trino"])
def test_the_guard_lets_a_probe_through(dialect: str) -> None:
    columns = tuple(Column(name, ColumnType.INTEGER) for name in ("id", "customer_id"))
    tables = tuple(Table(name, columns, "shop", primary_key=("id",)) for name in ("orders", "customers"))
    schema = Schema(dialect, tables, "shop")
    [join] = (one for one in inferred_joins(schema) if one.table == "shop.orders")
    check_sql(probe(join, by_name(schema), dialect), dialect=dialect, access=Access(schema), row_limit=1)


def by_name(schema: Schema) -> dict[str, Table]:
    return {table.full_name: table for table in schema}


def row_of(sql: str, schema: Schema, address: SourceAddress) -> tuple[object, ...]:
    safe = check_sql(sql, dialect=schema.dialect, access=Access(schema), row_limit=1)
    [row] = execute(safe, address, limits=Limits(rows=1, timeout_seconds=5)).rows
    return tuple(row)
