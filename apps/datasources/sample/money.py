"""Amounts as whole cents while we compute, as exact decimals in the rows: no float ever holds money."""

from decimal import Decimal

RATE_UNIT = 1_000_000
"""Exchange rates are whole millionths of a euro for one unit of the currency."""


def divide(amount: int, by: int) -> int:
    """`amount / by` rounded to the nearest whole number, halves up; `by` is positive."""
    return (2 * amount + by) // (2 * by)


def to_euros(cents: int, rate: int) -> int:
    """Cents of another currency as euro cents; `rate` in millionths."""
    return divide(cents * rate, RATE_UNIT)


def from_euros(cents: int, rate: int) -> int:
    """Euro cents as cents of another currency; `rate` in millionths."""
    return divide(cents * RATE_UNIT, rate)


def decimal_of(cents: int, places: int = 2) -> Decimal:
    """1234 as 12.34."""
    return Decimal(cents).scaleb(-places)
