"""Results of many shapes, as people's questions bring them; each is drawn, and was looked at."""

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.datasources.results import ResultColumn, ResultSet, types_of
from apps.datasources.schema import ColumnType

COUNTRIES = (
    "Germany France Spain Italy Poland Austria Belgium Denmark Sweden Norway Finland Portugal Greece Ireland Hungary "
    "Romania Bulgaria Croatia Slovenia Slovakia Czechia Estonia Latvia Lithuania Luxembourg Malta Cyprus Iceland "
    "Switzerland Netherlands Ukraine Serbia Albania Montenegro Kosovo Moldova Andorra Monaco Georgia Armenia"
).split()


@dataclass(frozen=True)
class Shape:
    question: str
    result: ResultSet
    kind: str


def result_of(
    names: str | list[str],
    rows: Iterable[tuple[Any, ...]],
    types: list[ColumnType] | None = None,
    truncated: bool = False,
) -> ResultSet:
    """A result with these columns; their types are told from the rows, as the executor does for SQLite."""
    rows = tuple(rows)
    columns = names.split() if isinstance(names, str) else names
    found = types or types_of(rows, len(columns))
    return ResultSet(tuple(map(ResultColumn, columns, found)), rows, truncated, duration_ms=1)


def _months(count: int, year: int = 2023) -> list[dt.date]:
    return [dt.date(year + at // 12, at % 12 + 1, 1) for at in range(count)]


def _money(dice: random.Random, most: int = 90_000) -> Decimal:
    return Decimal(dice.randrange(100_000, most * 100)) / 100


def shapes() -> dict[str, Shape]:
    """All shapes by name, with the kind of chart that each gets."""
    dice = random.Random(7)
    return {**_plain(dice), **_split(dice), **_times(dice), **_numbers(dice), **_odd(dice)}


def _plain(dice: random.Random) -> dict[str, Shape]:
    five = list(zip(COUNTRIES, (41, 32, 28, 12, 9), strict=False))
    thirty = [(name, dice.randrange(50, 5_000)) for name in COUNTRIES[:30]]
    forty = [(name, dice.randrange(50, 5_000)) for name in COUNTRIES]
    return {
        "bar": Shape("How many customers are there by country?", result_of("country customers", five), "bar"),
        "bar_thirty": Shape("orders by country", result_of("country orders", thirty), "bar"),
        "bar_others": Shape("orders by country", result_of("country orders", forty), "bar"),
        "bar_average": Shape(
            "average price by country",
            result_of("country avg_price_eur", ((n, Decimal(v) / 7) for n, v in forty)),
            "bar",
        ),
        "bar_negative": Shape(
            "profit by region",
            result_of(
                "region profit_usd",
                zip(COUNTRIES, map(Decimal, ("1250.5", "-830.25", "410", "-95.75", "0")), strict=False),
            ),
            "bar",
        ),
        "bar_long_names": Shape(
            "Which products bring the most revenue?",
            result_of(
                "product revenue",
                [(f"Ergonomic office chair with adjustable armrests, model {at} " * 2, 900 - at) for at in range(8)],
            ),
            "bar",
        ),
        "bar_own_order": Shape(
            "orders by size, smallest first",
            result_of("size orders", [("S", 4), ("M", 9), ("L", 12), ("XL", 31)]),
            "bar",
        ),
        "bar_scale": Shape(
            "How many films have each rating?",
            result_of("stars films", zip(range(1, 11), (3, 5, 9, 20, 44, 80, 61, 30, 12, 2), strict=True)),
            "bar",
        ),
        "pie": Shape(
            "What share of orders has each status?",
            result_of("status orders", [("delivered", 610), ("open", 220), ("cancelled", 95), ("returned", 41)]),
            "pie",
        ),
        "pie_forty": Shape("Show orders by country as a pie chart", result_of("country orders", forty), "bar"),
        "pie_percent": Shape(
            "percentage of sales by channel",
            result_of(
                "channel sales_percent",
                [("web", Decimal("62.5")), ("shop", Decimal("27.5")), ("phone", Decimal("10.0"))],
            ),
            "pie",
        ),
    }


def _split(dice: random.Random) -> dict[str, Shape]:
    regions, products = COUNTRIES[:5], ("Chairs", "Tables", "Lamps", "Shelves")
    grid = [(region, product, dice.randrange(20, 400)) for region in regions for product in products]
    many = [(region, f"Product {at}", dice.randrange(1, 100)) for region in regions for at in range(12)]
    ages = [
        (name, at, age)
        for name in COUNTRIES[:4]
        for at, age in ((2023, dice.randrange(30, 40)), (2024, dice.randrange(30, 45)))
    ]
    return {
        "grouped": Shape(
            "Compare orders by region and product", result_of("region product orders", grid), "grouped_bar"
        ),
        "grouped_measures": Shape(
            "sales of each region in 2023 and 2024",
            result_of("region sales_2023 sales_2024", [(name, _money(dice), _money(dice)) for name in regions]),
            "grouped_bar",
        ),
        "grouped_years": Shape(
            "average age by country in 2023 compared with 2024", result_of("country year avg_age", ages), "grouped_bar"
        ),
        "stacked": Shape(
            "share of orders by region and product", result_of("region product orders", grid), "stacked_bar"
        ),
        "stacked_many": Shape("orders by region and product", result_of("region product orders", many), "stacked_bar"),
    }


def _times(dice: random.Random) -> dict[str, Shape]:
    months = _months(12, 2024)
    lines = [(month, name, dice.randrange(100, 900)) for month in months for name in ("web", "shop", "phone")]
    quarters = [(f"{year}-Q{at}", dice.randrange(1_000, 4_000)) for year in (2022, 2023, 2024) for at in range(1, 5)]
    days = [(dt.date(2024, 1, 1) + dt.timedelta(days=at), 200 + at + dice.randrange(60)) for at in range(200)]
    return {
        "line": Shape(
            "revenue per month", result_of("month revenue_eur", [(month, _money(dice)) for month in months]), "line"
        ),
        "line_years": Shape(
            "orders per year",
            result_of("year orders", [(year, dice.randrange(100, 999)) for year in range(2010, 2025)]),
            "line",
        ),
        "line_year_and_month": Shape(
            "trend of orders",
            result_of("year month orders", [(m.year, m.month, dice.randrange(50, 90)) for m in _months(30)]),
            "line",
        ),
        "line_series": Shape("trend of visits by channel", result_of("month channel visits", lines), "line"),
        "line_days": Shape("visits per day", result_of("day visits", days), "line"),
        "line_weekdays": Shape(
            "orders on each weekday",
            result_of(
                "weekday orders",
                zip(
                    "Friday Monday Saturday Sunday Thursday Tuesday Wednesday".split(),
                    (40, 22, 51, 18, 30, 25, 27),
                    strict=True,
                ),
            ),
            "line",
        ),
        "line_with_gaps": Shape(
            "revenue over time",
            result_of(
                "quarter revenue",
                [(name, None if at in (3, 4) else value) for at, (name, value) in enumerate(quarters)],
            ),
            "line",
        ),
        "area": Shape("visits by channel over time as an area chart", result_of("month channel visits", lines), "area"),
        "bar_two_years": Shape(
            "revenue in 2023 and 2024", result_of("year revenue", [(2023, _money(dice)), (2024, _money(dice))]), "bar"
        ),
    }


def _numbers(dice: random.Random) -> dict[str, Shape]:
    points = [(dice.uniform(20, 90), 0.0) for _ in range(120)]
    pairs = [(round(x, 1), round(x * 3.1 + dice.gauss(0, 20), 1)) for x, _ in points]
    groups = [(dice.choice(["oak", "pine", "beech"]), *pair) for pair in pairs]
    return {
        "number": Shape("What is the revenue?", result_of("revenue", [(Decimal("8784581.93"),)]), "number"),
        "number_named": Shape(
            "Which country has the most customers?", result_of("country customers", [("Germany", 41)]), "number"
        ),
        "scatter": Shape("height against diameter", result_of("diameter_cm height_cm", pairs), "scatter"),
        "scatter_groups": Shape(
            "relation of height and diameter by wood", result_of("wood diameter_cm height_cm", groups), "scatter"
        ),
        "histogram": Shape(
            "distribution of prices",
            result_of("name price", [(f"n{at}", round(dice.lognormvariate(3, 0.6), 2)) for at in range(300)]),
            "histogram",
        ),
    }


def _odd(dice: random.Random) -> dict[str, Shape]:
    return {
        "missing": Shape(
            "orders by city", result_of("city orders", [("Bonn", 5), (None, 9), ("", 2), ("Ulm", None)]), "bar"
        ),
        "huge": Shape(
            "bytes by host",
            result_of("host traffic_bytes", [("a", 10**18), ("b", 3 * 10**17), ("c", Decimal("1e15"))]),
            "bar",
        ),
        "tiny": Shape(
            "rate by host", result_of("host error_rate", [("a", 0.00012), ("b", 0.00034), ("c", 0.0)]), "bar"
        ),
        "hostile": Shape(
            "orders by <script>alert(1)</script>",
            result_of(
                ["a.b[0]<img src=x>", "x'y\"</svg>"],
                [("<script>alert(1)</script>", 3), ("</svg><a href=x>", 2), ("\u202eevil\x00\n", 1)],
            ),
            "bar",
        ),
    }
