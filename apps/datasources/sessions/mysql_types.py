"""MySQL's types as ours, and converters that lose nothing where PyMySQL's own would."""

from collections.abc import Mapping
from datetime import time, timedelta
from types import MappingProxyType
from typing import Any

from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, convert_timedelta

from apps.datasources.schema import ColumnType

_BY_CODE: Mapping[int, ColumnType] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
                FIELD_TYPE.YEAR,
            ),
            ColumnType.INTEGER,
        ),
        **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), ColumnType.DECIMAL),
        **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), ColumnType.FLOAT),
        **dict.fromkeys((FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATETIME), ColumnType.TIMESTAMP),
        **dict.fromkeys((FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE), ColumnType.DATE),
        FIELD_TYPE.TIME: ColumnType.TIME,
        FIELD_TYPE.JSON: ColumnType.JSON,
        FIELD_TYPE.BIT: ColumnType.BINARY,
        FIELD_TYPE.GEOMETRY: ColumnType.BINARY,
    }
)  # fmt: skip
_BY_NAME: Mapping[str, ColumnType] = MappingProxyType(
    {
        **dict.fromkeys("tinyint smallint mediumint int bigint year".split(), ColumnType.INTEGER),
        **dict.fromkeys("float double".split(), ColumnType.FLOAT),
        **dict.fromkeys("datetime timestamp".split(), ColumnType.TIMESTAMP),
        **dict.fromkeys("char varchar tinytext text mediumtext longtext enum set inet4 inet6".split(), ColumnType.TEXT),
        **dict.fromkeys(
            "binary varbinary tinyblob blob mediumblob longblob bit geometry point".split(), ColumnType.BINARY
        ),
        "decimal": ColumnType.DECIMAL,
        "date": ColumnType.DATE,
        "time": ColumnType.TIME,
        "json": ColumnType.JSON,
        "uuid": ColumnType.UUID,
    }
)


def type_of(code: int) -> ColumnType:
    """Our type for a type's number in a result; text and bytes share theirs, so the values tell them apart."""
    return _BY_CODE.get(code, ColumnType.OTHER)


def column_type(data_type: str, native_type: str) -> ColumnType:
    """Our type for a column as information_schema names it; tinyint(1) is how MySQL spells a boolean."""
    if native_type.lower() == "tinyint(1)":
        return ColumnType.BOOLEAN
    return _BY_NAME.get(data_type.lower(), ColumnType.OTHER)


def _exact_time(text: Any) -> Any:
    """A time of day; what is longer than a day, or below zero, stays as MySQL writes it."""
    found = convert_timedelta(text)
    if isinstance(found, timedelta) and timedelta(0) <= found < timedelta(days=1):
        seconds, microsecond = found.seconds, found.microseconds
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60, microsecond)
    return text


CONVERTERS: dict[Any, Any] = {**conversions, FIELD_TYPE.TIME: _exact_time}
