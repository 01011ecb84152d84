"""Products on sale, who supplies them, and how likely each is to be ordered in a month."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.sample.assortment import ASSORTMENT, Category
from apps.datasources.sample.dice import Dice, Wheel
from apps.datasources.sample.money import decimal_of, divide
from apps.datasources.sample.names import firm_name, person_name
from apps.datasources.sample.places import Country
from apps.datasources.sample.rows import Row

ON_SALE, RUNNING_OUT, DISCONTINUED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Product:
    """`list_price` and `unit_cost` in euro cents; on sale from `launched_on` until before `discontinued_on`."""

    id: int
    name: str
    category: Category
    list_price: int
    unit_cost: int
    grams: int
    launched_on: dt.date
    discontinued_on: dt.date | None
    popularity: int

    def on_sale(self, day: dt.date) -> bool:
        """Could it be ordered on that day?"""
        return self.launched_on <= day and (self.discontinued_on is None or day < self.discontinued_on)


def make_products(first: dt.date, last: dt.date, share_per_mille: int) -> list[Product]:
    """Every item in every style it comes in, or a share of these; some are launched or given up on the way."""
    dice, products = Dice("products"), list[Product]()
    for category in ASSORTMENT:
        for item in category.items:
            for step, style in enumerate(category.styles):
                if not dice.chance(share_per_mille):
                    continue
                price = divide(item.price * (100 + 28 * step), 1000) * 10 - 10 + dice.pick((0, 5, 9))
                launched, discontinued = _life(dice, first, last)
                products.append(
                    Product(
                        id=len(products) + 1,
                        name=f"{item.name}, {style}",
                        category=category,
                        list_price=price,
                        unit_cost=divide(price * dice.bell(380, 720), 1000),
                        grams=item.grams * (100 + 22 * step) // 100,
                        launched_on=launched,
                        discontinued_on=discontinued,
                        popularity=0 if dice.chance(12) else 100_000 // dice.between(20, 1000),
                    )
                )
    return products


def _life(dice: Dice, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date | None]:
    """When a product came and, for about one in ten, when it went."""
    whole = (last - first).days
    launched = first - dt.timedelta(days=dice.between(30, 1500))
    if dice.chance(250):
        launched = first + dt.timedelta(days=dice.below(whole - 60))
    gone = launched + dt.timedelta(days=dice.between(400, 2600))
    return launched, gone if dice.chance(180) and first < gone < last else None


def demand_by_month(products: Sequence[Product]) -> tuple[Wheel, ...]:
    """Twelve wheels over the products, January first: in its peak months a product sells three times as often."""
    return tuple(
        Wheel([product.popularity * (3 if month in product.category.peak else 1) for product in products])
        for month in range(1, 13)
    )


def category_rows() -> list[Row]:
    """Rows of categories, numbered from 1 as in the assortment."""
    return [(number, category.name, category.description) for number, category in enumerate(ASSORTMENT, start=1)]


def product_rows(products: Sequence[Product]) -> list[Row]:
    """Weights are missing for some, and so are stock levels of what is no longer sold."""
    dice, rows = Dice("products/rows"), list[Row]()
    for product in products:
        status = DISCONTINUED if product.discontinued_on else RUNNING_OUT if dice.chance(60) else ON_SALE
        number = ASSORTMENT.index(product.category) + 1
        rows.append(
            (
                product.id,
                f"{product.category.name[:2].upper()}-{number:02d}{product.id:04d}",
                product.name,
                number,
                status,
                decimal_of(product.list_price),
                decimal_of(product.unit_cost),
                None if dice.chance(70) else decimal_of(product.grams, 3),
                product.launched_on,
                product.discontinued_on,
                None if status == DISCONTINUED else 0 if dice.chance(30) else dice.bell(5, 900),
                dice.pick((20, 50, 100)),
            )
        )
    return rows


def supplier_rows(countries: Sequence[Country], count: int) -> list[Row]:
    """Suppliers in any of the countries that we have customers in; ratings are missing for new ones."""
    dice, rows, seen = Dice("suppliers"), list[Row](), set[str]()
    while len(rows) < count:
        country = dice.pick(countries)
        name = firm_name(dice, country.language)
        if name in seen:
            continue
        seen.add(name)
        rows.append(
            (
                len(rows) + 1,
                name,
                person_name(dice, country.language),
                dice.pick(country.cities)[0],
                country.name,
                "B" if dice.chance(60) else "N" if dice.chance(120) else "A",
                None if dice.chance(150) else decimal_of(dice.bell(18, 50), 1),
            )
        )
    return rows


def supply_rows(products: Sequence[Product], suppliers: int) -> list[Row]:
    """One to three suppliers a product, the first of them preferred; the last supplier has nothing to supply yet."""
    dice, rows = Dice("supply"), list[Row]()
    for product in products:
        chosen: list[int] = []
        for _ in range(dice.pick((1, 1, 2, 2, 3))):
            supplier = dice.between(1, suppliers - 1)
            if supplier not in chosen:
                chosen.append(supplier)
        for place, supplier in enumerate(chosen):
            price = divide(product.unit_cost * (1000 + 45 * place + dice.below(30)), 1000)
            days = None if dice.chance(80) else dice.bell(3, 60)
            rows.append((product.id, supplier, place == 0, decimal_of(price), days))
    return rows
