from decimal import Decimal

import pytest

from apps.datasources.sample.money import decimal_of, divide, from_euros, to_euros


@pytest.mark.parametrize(
    ("amount", "by", "rounded"), [(10, 4, 3), (9, 4, 2), (11, 4, 3), (0, 7, 0), (-10, 4, -2), (-11, 4, -3)]
)
def test_dividing_rounds_to_the_nearest_and_halves_up(amount: int, by: int, rounded: int) -> None:
    assert divide(amount, by) == rounded


def test_converting_uses_the_rate_in_millionths_of_a_euro() -> None:
    assert to_euros(10_000, 89_000) == 890
    assert from_euros(890, 89_000) == 10_000


def test_cents_become_exact_decimals() -> None:
    assert decimal_of(1234) == Decimal("12.34")
    assert str(decimal_of(-5)) == "-0.05"
    assert str(decimal_of(89_000, 6)) == "0.089000"
