"""What is kept of a result comes back as it was, to the type of each value."""

import json
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.datasources.kept_results import NotKeepable, from_kept, to_kept
from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType

VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.decimals(allow_nan=False)
    | st.dates() | st.datetimes() | st.datetimes(timezones=st.just(UTC)) | st.times() | st.timedeltas()
    | st.uuids() | st.binary()
)  # fmt: skip


def result(rows: list[tuple[Any, ...]], *, truncated: bool = False) -> ResultSet:
    columns = tuple(ResultColumn(f"c{at}", ColumnType.OTHER) for at in range(len(rows[0]) if rows else 0))
    return ResultSet(columns, tuple(rows), truncated, duration_ms=0)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=5), st.booleans())
def test_every_value_comes_back_with_its_type(rows: list[tuple[Any, ...]], truncated: bool) -> None:
    kept = from_kept(json.loads(json.dumps(to_kept(result(rows, truncated=truncated)))))
    assert kept == result(rows, truncated=truncated)
    assert [[type(value) for value in row] for row in kept.rows] == [[type(value) for value in row] for row in rows]


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, {"decimal": "1"}, object(), (1,)])
def test_what_would_not_come_back_is_not_kept(value: Any) -> None:
    with pytest.raises(NotKeepable):
        to_kept(result([(value,)]))


def test_exact_numbers_stay_exact() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    values = (Decimal("1.10"), 2**70, moment, moment.date(), time(1, 2), timedelta(days=-1), UUID(int=5), b"\x00\xff")
    (row,) = from_kept(to_kept(result([values]))).rows
    assert repr(row) == repr(values)
