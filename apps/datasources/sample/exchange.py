"""Currencies and what one unit of each was worth in euros on every day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.sample.dice import Dice
from apps.datasources.sample.money import RATE_UNIT, decimal_of
from apps.datasources.sample.rows import Row
from apps.datasources.sample.seasons import days_between

_STEP_PER_100_000 = 450
_PULL_DAYS = 180
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Currency:
    """`anchor` is the rate in millionths of a euro that the daily rate wanders around."""

    code: str
    name: str
    symbol: str
    anchor: int


CURRENCIES = (
    Currency("EUR", "Euro", "€", RATE_UNIT),
    Currency("CHF", "Swiss franc", "CHF", 1_030_000),
    Currency("GBP", "Pound sterling", "£", 1_160_000),
    Currency("SEK", "Swedish krona", "kr", 89_000),
    Currency("NOK", "Norwegian krone", "kr", 88_000),
    Currency("DKK", "Danish krone", "kr.", 134_200),
    Currency("PLN", "Polish złoty", "zł", 226_000),
    Currency("CZK", "Czech koruna", "Kč", 40_500),
    Currency("USD", "United States dollar", "$", 925_000),
    Currency("CAD", "Canadian dollar", "CA$", 680_000),
)

Rates = dict[tuple[str, dt.date], int]


def make_rates(currencies: Sequence[Currency], first: dt.date, last: dt.date) -> Rates:
    """A rate for each currency and day, in millionths; weekends keep Friday's."""
    rates: Rates = {}
    for currency in currencies:
        dice, rate = Dice(f"rates/{currency.code}"), currency.anchor
        for day in days_between(first, last):
            if currency.code != "EUR" and day.weekday() < _SATURDAY:
                step = rate * dice.bell(-_STEP_PER_100_000, _STEP_PER_100_000) // 100_000
                rate += step + (currency.anchor - rate) // _PULL_DAYS
            rates[currency.code, day] = rate
    return rates


def currency_rows(currencies: Sequence[Currency]) -> list[Row]:
    """Rows of currencies."""
    return [(currency.code, currency.name, currency.symbol) for currency in currencies]


def rate_rows(rates: Rates) -> list[Row]:
    """Rows of exchange_rates, currency by currency."""
    return [(code, day, decimal_of(rate, 6)) for (code, day), rate in rates.items()]
