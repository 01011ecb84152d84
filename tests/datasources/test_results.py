"""Values keep what they mean on their way into JSON."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from apps.datasources.results import to_json_value, types_of
from apps.datasources.schema import ColumnType


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**53) - 1, "-9007199254740993"),
        (0.1, 0.1),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("1.10"), "1.10"),
        (date(2025, 1, 2), "2025-01-02"),
        (datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05+00:00"),
        (time(3, 4), "03:04:00"),
        (timedelta(days=1, seconds=2, microseconds=500_000), "P1DT2.5S"),
        (-timedelta(seconds=90), "-P0DT90S"),
        (b"\x00\xff", "AP8="),
        ([Decimal("1.0"), None], ["1.0", None]),
        ({"a": 2**60}, {"a": "1152921504606846976"}),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_each_value_has_one_form(value: Any, expected: Any) -> None:
    assert to_json_value(value) == expected
    json.dumps(to_json_value(value), allow_nan=False)


def test_types_are_found_in_values() -> None:
    rows = [(1, 1, None, "a", b"x"), (2, 0.5, None, 1, b"y")]
    assert types_of(rows, 5) == (
        ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.TEXT, ColumnType.OTHER, ColumnType.BINARY,
    )  # fmt: skip
