"""Keys that lead back to their own table, sound and unsound ones."""

import pytest

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import Catalog
from apps.queries.engines.builtin.spoken.pointers import Pointer, pointers_of


def catalog(column: str, target: str) -> Catalog:
    columns = tuple(Column(name, ColumnType.INTEGER) for name in ("id", "manager_id"))
    key = ForeignKey((column,), "staff", (target,))
    return Catalog(Schema("sqlite", (Table("staff", columns, primary_key=("id",), foreign_keys=(key,)),)))


def test_a_key_back_to_its_table_is_a_role_spelled_as_the_columns_are() -> None:
    assert pointers_of(catalog("MANAGER_ID", "ID")) == (
        Pointer(("manager",), ("staff", "manager_id"), ("staff", "id")),
    )


@pytest.mark.parametrize(("column", "target"), [("boss_id", "id"), ("manager_id", "number")])
def test_a_key_over_columns_that_are_not_there_is_no_role(column: str, target: str) -> None:
    assert pointers_of(catalog(column, target)) == ()
