"""What the first rows of a result come to, column by column: exact, for the record of a step. No Django here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.datasources.results import ResultColumn, ResultSet

MOST_ROWS = 1_000


def statistics_of(result: ResultSet) -> dict[str, Any]:
    """Over at most the first 1,000 rows: how many, and for each column its empty and different values and its range.

    Numbers keep their value as text; a mean is the exact sum over the count, to 12 digits.
    """
    rows = result.rows[:MOST_ROWS]
    columns = [_column(column, [row[at] for row in rows]) for at, column in enumerate(result.columns)]
    return {"rows": len(rows), "columns": columns}


def _column(column: ResultColumn, values: Sequence[Any]) -> dict[str, Any]:
    present = [value for value in values if value is not None]
    told: dict[str, Any] = {
        "name": column.name,
        "empty": len(values) - len(present),
        "different": len({repr(value) for value in present}),
    }
    if present and column.type.is_number and all(_is_exact(value) for value in present):
        numbers = [Decimal(str(value)) for value in present]
        mean = sum(numbers) / len(numbers)
        told |= {"least": f"{min(numbers):f}", "most": f"{max(numbers):f}", "mean": f"{mean:.12g}"}
    elif present and column.type.is_temporal and len({type(value) for value in present}) == 1:
        told |= {"least": str(min(present)), "most": str(max(present))}
    return told


def _is_exact(value: Any) -> bool:
    """A finite number: what a driver gives for a column of numbers may still be text, true or infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return Decimal(str(value)).is_finite()
