"""Whether two results hold the same answer, compared by value, and if not, in what they differ."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from typing import Any

Row = tuple[Any, ...]
SIGNIFICANT_DIGITS = 9
MAX_ORDERS_TRIED = 5_040


@dataclass(frozen=True, slots=True)
class Comparison:
    """`reason` is empty where the results agree, else: empty, columns missing, columns extra, rows missing, rows
    extra, values, order."""

    same: bool
    reason: str = ""


def compare(predicted: Sequence[Row], gold: Sequence[Row], *, ordered: bool) -> Comparison:
    """Compare as execution accuracy does: rows as a multiset, columns in any order, row order only where `ordered`.

    1, 1.0 and Decimal("1") are equal, floats to nine digits, text only to the same text, NULL to NULL.
    """
    if not predicted and not gold:
        return Comparison(True)
    if not predicted or not gold:
        return Comparison(False, "empty" if not predicted else "rows extra")
    width, gold_width = len(predicted[0]), len(gold[0])
    if width != gold_width:
        return Comparison(False, "columns missing" if width < gold_width else "columns extra")
    if len(predicted) != len(gold):
        return Comparison(False, "rows missing" if len(predicted) < len(gold) else "rows extra")
    left, right = [_normalized(row) for row in predicted], [_normalized(row) for row in gold]
    order = _matching_column_order(left, right)
    if order is None:
        return Comparison(False, "values")
    if ordered and not _same_sequence(left, right):
        return Comparison(False, "order")
    return Comparison(True)


def _matching_column_order(left: list[Row], right: list[Row]) -> tuple[int, ...] | None:
    """An order of `left`'s columns that makes the two multisets of rows equal, or None."""
    wanted = Counter(right)
    return next((order for order in _orders(left, right) if Counter(_reordered(left, order)) == wanted), None)


def _same_sequence(left: list[Row], right: list[Row]) -> bool:
    return any(_reordered(left, order) == right for order in _orders(left, right))


def _orders(left: list[Row], right: list[Row]) -> list[tuple[int, ...]]:
    """Column orders worth trying: each column only where the other side has the same values in some order."""
    width = len(left[0])
    columns_left = [Counter(row[index] for row in left) for index in range(width)]
    columns_right = [Counter(row[index] for row in right) for index in range(width)]
    fits = [{i for i in range(width) if columns_left[i] == columns_right[j]} for j in range(width)]
    if all(index in fits[index] for index in range(width)) and all(len(fit) == 1 for fit in fits):
        return [tuple(range(width))]
    if not all(fits) or width > 7:
        identity = tuple(range(width))
        return [identity] if all(index in fits[index] for index in identity) else []
    return [
        order for order in permutations(range(width)) if all(order[index] in fits[index] for index in range(width))
    ][:MAX_ORDERS_TRIED]


def _reordered(rows: list[Row], order: tuple[int, ...]) -> list[Row]:
    return [tuple(row[index] for index in order) for row in rows]


def _normalized(row: Row) -> Row:
    return tuple(_normalized_value(value) for value in row)


def _normalized_value(value: Any) -> Any:
    """One form for every way to hold the same value, hashable."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        if math.isfinite(number) and number == int(number) and abs(number) < 2**53:
            return int(number)
        return float(f"{number:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return value if value is None else str(value)
