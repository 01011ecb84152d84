"""Customers: firms of very different size, some closed again, some entered twice under another spelling."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from apps.datasources.sample.dice import Dice, Wheel
from apps.datasources.sample.money import decimal_of
from apps.datasources.sample.names import firm_name, person_name, plain_spelling, split_firm_name
from apps.datasources.sample.places import OTHER_SPELLINGS, Country
from apps.datasources.sample.rows import Row
from apps.datasources.sample.staff import Employee

RETAIL, WHOLESALE, PUBLIC = "R", "W", "P"
_LAST_NIGHTLY_RUN_DAYS_BEFORE_END = 31


@dataclass(frozen=True, slots=True)
class Customer:
    """`pull` is how much of the demand it attracts, 0 for those who never order. `city` as somebody typed it."""

    id: int
    name: str
    segment: str
    country: Country
    city: str
    state: str | None
    currency: str
    terms_days: int
    manager_id: int | None
    signed_up_on: dt.date
    closed_on: dt.date | None
    pull: int

    def active_on(self, day: dt.date) -> bool:
        """Was the account open on that day?"""
        return self.closed_on is None or day < self.closed_on


def make_customers(
    countries: Sequence[Country], staff: Sequence[Employee], first: dt.date, last: dt.date, count: int
) -> list[Customer]:
    """Customers in the order in which they signed up; a third of them before the first day."""
    dice, wheel = Dice("customers"), Wheel([country.weight for country in countries])
    customers, seen = list[Customer](), set[str]()
    while len(customers) < count:
        signed_up = _sign_up_day(first, last, len(customers), count)
        if customers and dice.chance(15):
            customer = _entered_again(dice, dice.pick(customers), signed_up)
        else:
            customer = _new_customer(dice, countries[wheel.spin(dice)], staff, signed_up, last)
        if customer.name in seen:
            continue
        seen.add(customer.name)
        customers.append(replace(customer, id=len(customers) + 1))
    return customers


def _sign_up_day(first: dt.date, last: dt.date, position: int, count: int) -> dt.date:
    """Evenly over time, beginning half as long before the first day as the books cover."""
    whole = (last - first).days
    return first + dt.timedelta(days=whole * 3 * position // (2 * count) - whole // 2)


def _new_customer(dice: Dice, country: Country, staff: Sequence[Employee], day: dt.date, last: dt.date) -> Customer:
    city, state = dice.pick(country.cities)
    if city in OTHER_SPELLINGS and dice.chance(120):
        city = dice.pick(OTHER_SPELLINGS[city])
    reps = [one.id for one in staff if one.region == country.region]
    closed = day + dt.timedelta(days=dice.between(200, 1800))
    return Customer(
        id=0,
        name=firm_name(dice, country.language),
        segment=dice.pick((RETAIL,) * 6 + (WHOLESALE,) * 3 + (PUBLIC,)),
        country=country,
        city=city,
        state=None if dice.chance(180) else state,
        currency=country.currency if dice.chance(930) else "EUR",
        terms_days=dice.pick((14, 30, 30, 30, 45, 60)),
        manager_id=None if dice.chance(60) else dice.pick(reps),
        signed_up_on=day,
        closed_on=closed if dice.chance(110) and closed < last else None,
        pull=0 if dice.chance(45) else 1 + 10_000 // dice.between(10, 900),
    )


def _entered_again(dice: Dice, original: Customer, day: dt.date) -> Customer:
    """The same firm a second time, as somebody else would type it."""
    body, form = split_firm_name(original.name, original.country.language)
    name = dice.pick((plain_spelling(original.name), body, f"{plain_spelling(body)}, {form}" if form else body))
    return replace(original, name=name, signed_up_on=day, closed_on=None, pull=1 + original.pull // 4)


def customer_rows(customers: Sequence[Customer], lifetime: Mapping[int, int]) -> list[Row]:
    """`lifetime` is each customer's invoiced euro cents as last precomputed; none where there is no invoice."""
    dice, rows = Dice("customers/rows"), list[Row]()
    for one in customers:
        status = "C" if one.closed_on else "H" if dice.chance(25) else "A"
        value = lifetime.get(one.id)
        rows.append(
            (
                one.id,
                one.name,
                None if dice.chance(90) else person_name(dice, one.country.language),
                None if dice.chance(140) else f"orders@customer{one.id:05d}.example",
                one.segment,
                status,
                one.city,
                one.state,
                one.country.name,
                one.currency,
                None if one.segment == PUBLIC or dice.chance(100) else decimal_of(dice.between(2, 80) * 100_000),
                one.terms_days,
                one.manager_id,
                one.signed_up_on,
                one.closed_on,
                None if value is None else decimal_of(value),
            )
        )
    return rows


def last_nightly_run(last: dt.date) -> dt.date:
    """The day up to which lifetime values were computed: a month before the books close."""
    return last - dt.timedelta(days=_LAST_NIGHTLY_RUN_DAYS_BEFORE_END)
