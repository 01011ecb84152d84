from decimal import Decimal

import pytest

from apps.queries.evaluation.compare import Row, compare

A, B = (1, "x"), (2, "y")


@pytest.mark.parametrize(
    ("title", "predicted", "gold", "ordered", "reason"),
    [
        ("both empty", [], [], False, ""),
        ("nothing came", [], [A], False, "empty"),
        ("something came where nothing should", [A], [], False, "rows extra"),
        ("row order does not matter", [B, A], [A, B], False, ""),
        ("row order matters where gold orders", [B, A], [A, B], True, "order"),
        ("column order does not matter", [("x", 1), ("y", 2)], [A, B], False, ""),
        ("column order with row order", [("x", 1), ("y", 2)], [A, B], True, ""),
        ("columns must move together", [(1, 2), (2, 1)], [(1, 1), (2, 2)], False, "values"),
        ("duplicates count", [A, A, B], [A, B, B], False, "values"),
        ("a duplicate too many", [A, A], [A], False, "rows extra"),
        ("a row too few", [A], [A, B], False, "rows missing"),
        ("a column too few", [(1,)], [A], False, "columns missing"),
        ("a column too many", [(1, "x", 3)], [A], False, "columns extra"),
        ("integers equal floats", [(1.0,)], [(1,)], False, ""),
        ("decimals equal integers", [(Decimal("2.0"),)], [(2,)], False, ""),
        ("floats to nine digits", [(0.1 + 0.2,)], [(0.3,)], False, ""),
        ("floats that differ", [(0.31,)], [(0.3,)], False, "values"),
        ("null is null", [(None, 1)], [(None, 1)], False, ""),
        ("null is not zero", [(None,)], [(0,)], False, "values"),
        ("text is not a number", [("1",)], [(1,)], False, "values"),
        ("two equal columns", [(1, 1), (2, 2)], [(1, 1), (2, 2)], True, ""),
    ],
)
def test_results_compare_by_value(
    title: str, predicted: list[Row], gold: list[Row], ordered: bool, reason: str
) -> None:
    comparison = compare(predicted, gold, ordered=ordered)
    assert (comparison.same, comparison.reason) == (reason == "", reason), title
