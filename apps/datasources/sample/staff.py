"""Employees: who manages whom, and who looks after which sales region."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.sample.dice import Dice
from apps.datasources.sample.money import decimal_of
from apps.datasources.sample.names import person_name
from apps.datasources.sample.places import Country
from apps.datasources.sample.rows import Row


@dataclass(frozen=True, slots=True)
class Employee:
    """`region` is the sales region that somebody in sales looks after, None for everybody else."""

    id: int
    name: str
    title: str
    home: Country
    region: str | None
    manager_id: int | None
    hired_on: dt.date
    left_on: dt.date | None
    salary: int

    def works_on(self, day: dt.date) -> bool:
        """Was the person employed on that day?"""
        return self.hired_on <= day and (self.left_on is None or day < self.left_on)


_OFFICE = (
    ("Head of Finance", 98_000),
    ("Head of Logistics", 94_000),
    ("Head of Purchasing", 93_000),
    ("Accountant", 56_000),
    ("Warehouse Lead", 52_000),
    ("Buyer", 58_000),
    ("Customer Care Agent", 43_000),
    ("Data Analyst", 64_000),
)


def make_staff(countries: Sequence[Country], first: dt.date, last: dt.date, reps_per_region: int) -> list[Employee]:
    """A managing director, a head of sales with a lead and representatives for each region, and the office."""
    dice, staff, taken = Dice("staff"), list[Employee](), set[str]()

    def hire(title: str, salary: int, manager: int | None, region: str | None = None, may_leave: bool = False) -> int:
        home = dice.pick([one for one in countries if region in (None, one.region)])
        name = person_name(dice, home.language)
        while name in taken:
            name = person_name(dice, home.language)
        taken.add(name)
        hired = first - dt.timedelta(days=dice.between(60, 3000))
        left = first + dt.timedelta(days=dice.below((last - first).days)) if may_leave and dice.chance(250) else None
        pay = salary * dice.bell(880, 1150) // 100_000 * 100
        staff.append(Employee(len(staff) + 1, name, title, home, region, manager, hired, left, pay * 100))
        return len(staff)

    director = hire("Managing Director", 165_000, None)
    sales = hire("Head of Sales", 120_000, director)
    for region in dict.fromkeys(country.region for country in countries):
        lead = hire("Regional Sales Lead", 82_000, sales, region)
        for _ in range(reps_per_region):
            hire("Sales Representative", 57_000, lead, region, may_leave=True)
    for title, salary in _OFFICE:
        hire(title, salary, director if title.startswith("Head") else sales, may_leave=not title.startswith("Head"))
    return staff


def employee_rows(staff: Sequence[Employee]) -> list[Row]:
    """Rows of employees; each works from some city of the home country."""
    dice = Dice("staff/rows")
    return [
        (
            one.id,
            one.name,
            one.title,
            dice.pick(one.home.cities)[0],
            one.home.name,
            one.region,
            one.manager_id,
            one.hired_on,
            one.left_on,
            decimal_of(one.salary),
        )
        for one in staff
    ]
