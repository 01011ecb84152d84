"""DuckDB's types as ours."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from apps.datasources.schema import ColumnType

_BY_NAME: Mapping[str, ColumnType] = MappingProxyType(
    {
        **dict.fromkeys(("VARCHAR", "ENUM", "BIT"), ColumnType.TEXT),
        **dict.fromkeys(
            (
                "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
                "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM",
            ),
            ColumnType.INTEGER,
        ),
        **dict.fromkeys(("FLOAT", "DOUBLE"), ColumnType.FLOAT),
        **dict.fromkeys(
            ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"),
            ColumnType.TIMESTAMP,
        ),
        **dict.fromkeys(("TIME", "TIME_NS", "TIME WITH TIME ZONE"), ColumnType.TIME),
        **dict.fromkeys(("JSON", "STRUCT", "MAP", "UNION"), ColumnType.JSON),
        "DECIMAL": ColumnType.DECIMAL,
        "BOOLEAN": ColumnType.BOOLEAN,
        "DATE": ColumnType.DATE,
        "INTERVAL": ColumnType.INTERVAL,
        "BLOB": ColumnType.BINARY,
        "UUID": ColumnType.UUID,
        '"NULL"': ColumnType.TEXT,
    }
)  # fmt: skip


def column_type(name: str) -> ColumnType:
    """Our type for a type as DuckDB writes it: DECIMAL(12,2), INTEGER[], STRUCT(a INTEGER)."""
    if name.endswith("]"):
        return ColumnType.ARRAY
    return _BY_NAME.get(re.sub(r"\(.*", "", name, flags=re.DOTALL), ColumnType.OTHER)
