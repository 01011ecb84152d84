"""Turns what MySQL's or DuckDB's catalogue says, or SQLAlchemy's inspector, into a schema."""

from collections.abc import Mapping
from typing import Any

from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.introspection_rows import Rows, by_table, grouped
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.datasources.sessions import duckdb_types, mysql_types

# SQLAlchemy's generic types.
_GENERIC_TYPES = {
    **dict.fromkeys(("String", "Text", "Unicode", "UnicodeText", "Enum"), ColumnType.TEXT),
    **dict.fromkeys(("Integer", "BigInteger", "SmallInteger"), ColumnType.INTEGER),
    **dict.fromkeys(("Float", "Double"), ColumnType.FLOAT),
    "Numeric": ColumnType.DECIMAL,
    "Boolean": ColumnType.BOOLEAN,
    "Date": ColumnType.DATE,
    "DateTime": ColumnType.TIMESTAMP,
    "Time": ColumnType.TIME,
    "Interval": ColumnType.INTERVAL,
    "LargeBinary": ColumnType.BINARY,
    "JSON": ColumnType.JSON,
    "Uuid": ColumnType.UUID,
    "ARRAY": ColumnType.ARRAY,
}


def described_schema(catalogue: Mapping[str, Rows], address: SourceAddress) -> Schema:
    """The schema in the rows of MySQL's catalogue, DuckDB's, or SQLAlchemy's inspector.

    Keys come a column a row (`id` groups them, `name` and `target` are columns) or whole (`columns`, `target_columns`).
    """
    columns = by_table(catalogue["columns"])
    keys = by_table([_whole(group) for group in grouped(catalogue["keys"])])
    tables = []
    for row in catalogue["tables"]:
        place = (row["namespace"], row["name"])
        by_kind = {kind: [key for key in keys[place] if key["kind"] == kind] for kind in ("PRIMARY KEY", "UNIQUE")}
        tables.append(
            Table(
                row["name"],
                tuple(_described_column(column, address.kind) for column in columns[place]),
                namespace=row["namespace"],
                primary_key=next((tuple(key["columns"]) for key in by_kind["PRIMARY KEY"]), ()),
                unique_keys=tuple(tuple(key["columns"]) for key in by_kind["UNIQUE"]),
                foreign_keys=tuple(
                    ForeignKey(
                        tuple(key["columns"]),
                        key["target_table"],
                        tuple(key["target_columns"]),
                        key.get("target_namespace") or row["namespace"],
                    )
                    for key in keys[place]
                    if key["kind"] == "FOREIGN KEY"
                ),
                comment=row["comment"] or "",
                row_count=None if row["is_view"] else row["row_count"],
                is_view=bool(row["is_view"]),
            )
        )
    return Schema(address.dialect, tuple(tables), address.default_namespace)


def _whole(group: Rows) -> dict[str, Any]:
    """One key out of the rows of its columns."""
    first = group[0]
    if "columns" in first:
        return first
    return {
        **first,
        "columns": [row["name"] for row in group],
        "target_columns": [row["target"] for row in group if row["target"] is not None],
    }


def _described_column(row: dict[str, Any], kind: SourceKind) -> Column:
    native = str(row["native_type"])
    if kind is SourceKind.MYSQL:
        found = mysql_types.column_type(row["type_name"], native)
    elif kind is SourceKind.DUCKDB:
        found = duckdb_types.column_type(native)
    else:
        found = _GENERIC_TYPES.get(row["type_name"], ColumnType.OTHER)
    return Column(
        row["name"], found, native_type=native[:150], nullable=bool(row["nullable"]), comment=row["comment"] or ""
    )
