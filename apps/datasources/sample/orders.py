"""Orders and their lines: who orders what when, where it goes, when it leaves and when it arrives."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.sample.catalogue import Product
from apps.datasources.sample.customers import RETAIL, WHOLESALE, Customer
from apps.datasources.sample.dice import Dice, Wheel
from apps.datasources.sample.exchange import Rates
from apps.datasources.sample.money import decimal_of, divide, from_euros, to_euros
from apps.datasources.sample.places import Country
from apps.datasources.sample.rows import Row
from apps.datasources.sample.seasons import orders_per_day, working_time
from apps.datasources.sample.staff import Employee

FIRST_ORDER_ID = 10_001
PENDING, SHIPPED, DELIVERED, CANCELLED, RETURNED = "P", "S", "D", "X", "R"
STATUS_ROWS: list[Row] = [
    (PENDING, "Pending", "Accepted, not shipped yet"),
    (SHIPPED, "Shipped", "On its way, no delivery reported"),
    (DELIVERED, "Delivered", "Arrived at the customer"),
    (CANCELLED, "Cancelled", "Called off before it was shipped"),
    (RETURNED, "Returned", "Delivered, then sent back and refunded in full"),
]
WEB, SALES = "W", "S"
_CHANNELS = (WEB, WEB, WEB, WEB, SALES, SALES, SALES, "P", "P", "E")
_DISCOUNTS = (0, 0, 0, 0, 0, 0, 5, 5, 10, 15)
_CHEAP, _DEAR = 1_200, 9_000
_PRICE_RISE_PER_MILLE_A_YEAR = 32


@dataclass(frozen=True, slots=True)
class Line:
    """`unit_price` in cents of the order's currency, before the discount."""

    product: Product
    quantity: int
    unit_price: int
    discount_percent: int

    @property
    def net(self) -> int:
        """What the line costs after the discount, in the same cents."""
        return divide(self.quantity * self.unit_price * (100 - self.discount_percent), 100)


@dataclass(slots=True)
class Order:
    """`freight` in cents of the customer's currency. What had not happened when the books closed is None."""

    id: int
    customer: Customer
    employee_id: int | None
    channel: str
    status: str
    ordered_at: dt.datetime
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    ship_city: str
    ship_country: Country
    freight: int
    lines: tuple[Line, ...]

    @property
    def net(self) -> int:
        """What its lines cost together, in cents of the customer's currency."""
        return sum([line.net for line in self.lines])


@dataclass(frozen=True)
class Market:
    """Everything an order chooses from. Customers stand in the order in which they signed up."""

    countries: Sequence[Country]
    staff: Sequence[Employee]
    customers: Sequence[Customer]
    products: Sequence[Product]
    demand: Sequence[Wheel]
    rates: Rates


def make_orders(market: Market, days: Sequence[dt.date], total: int) -> list[Order]:
    """`total` orders over `days`, numbered in the order in which they came in."""
    dice, wheel = Dice("orders"), Wheel([customer.pull for customer in market.customers])
    reps = {
        region: [one for one in market.staff if one.region == region]
        for region in dict.fromkeys(one.region for one in market.countries)
    }
    orders, known = list[Order](), 0
    for day, count in zip(days, orders_per_day(dice, days, total), strict=True):
        while known < len(market.customers) and market.customers[known].signed_up_on <= day:
            known += 1
        for moment in sorted(working_time(dice, day) for _ in range(count)):
            customer = _active_customer(dice, wheel, market, known, day)
            sellers = [one.id for one in reps[customer.country.region] if one.works_on(day)]
            order = _make_order(dice, market, customer, sellers, moment)
            order.id = FIRST_ORDER_ID + len(orders)
            _send(dice, order, days[-1])
            orders.append(order)
    return orders


def _active_customer(dice: Dice, wheel: Wheel, market: Market, known: int, day: dt.date) -> Customer:
    while True:
        customer = market.customers[wheel.spin(dice, first=known)]
        if customer.active_on(day):
            return customer


def _make_order(dice: Dice, market: Market, customer: Customer, sellers: Sequence[int], at: dt.datetime) -> Order:
    """An order of that moment, not sent yet; about one in nine goes to another place than the customer's own."""
    country, city = customer.country, customer.city
    if dice.chance(110):
        country = dice.pick([one for one in market.countries if one.weight])
        city = dice.pick(country.cities)[0]
    channel = dice.pick(_CHANNELS)
    lines = _make_lines(dice, market, customer, at.date())
    grams = sum(line.product.grams * line.quantity for line in lines)
    freight = 0 if dice.chance(150) else 490 + grams * (9 if country.region == "North America" else 3) // 100
    return Order(
        id=0,
        customer=customer,
        employee_id=None if channel == WEB or not sellers else dice.pick(sellers),
        channel=channel,
        status=PENDING,
        ordered_at=at,
        shipped_at=None,
        delivered_at=None,
        ship_city=city,
        ship_country=country,
        lines=lines,
        freight=from_euros(freight, market.rates[customer.currency, at.date()]),
    )


def _make_lines(dice: Dice, market: Market, customer: Customer, day: dt.date) -> tuple[Line, ...]:
    """One to six different products, at that year's price in the customer's currency."""
    wheel, rate = market.demand[day.month - 1], market.rates[customer.currency, day]
    level = 1000 - _PRICE_RISE_PER_MILLE_A_YEAR * (2026 - day.year)
    chosen: dict[int, Line] = {}
    for _ in range(dice.pick((1, 1, 2, 2, 2, 3, 3, 4, 5, 6))):
        product = market.products[wheel.spin(dice)]
        if product.id in chosen or (chosen and not product.on_sale(day)):
            continue
        while not product.on_sale(day):
            product = market.products[wheel.spin(dice)]
        quantity = _quantity(dice, customer, product)
        discount = 0 if customer.segment == RETAIL and dice.chance(500) else dice.pick(_DISCOUNTS)
        price = from_euros(divide(product.list_price * level, 1000), rate)
        chosen[product.id] = Line(product, quantity, price, discount)
    return tuple(chosen.values())


def _quantity(dice: Dice, customer: Customer, product: Product) -> int:
    """Wholesalers take more than shops, and everybody takes more of what is cheap."""
    pieces = dice.bell(6, 40) if customer.segment == WHOLESALE else dice.bell(1, 12)
    if product.list_price < _CHEAP:
        return pieces * 4
    return pieces if product.list_price < _DEAR else 1 + pieces // 4


def _send(dice: Dice, order: Order, last: dt.date) -> None:
    """Move an order on as far as it came before the books closed."""
    cancelled, lost, unreported = dice.chance(42), dice.chance(6), dice.chance(15)
    wait = dice.bell(8, 30) if dice.chance(35) else dice.bell(1, 6)
    slow = {"DACH": 1, "North America": 9}.get(order.ship_country.region, 3)
    shipped = working_time(dice, order.ordered_at.date() + dt.timedelta(days=wait))
    delivered = working_time(dice, shipped.date() + dt.timedelta(days=slow + dice.bell(0, 6)))
    if cancelled:
        order.status = CANCELLED
        return
    if shipped.date() > last:
        return
    order.status, order.shipped_at = SHIPPED, shipped
    if delivered.date() > last or lost:
        return
    order.status, order.delivered_at = DELIVERED, None if unreported else delivered


def order_rows(orders: Sequence[Order], rates: Rates) -> list[Row]:
    """The order's value in euros is taken at the rate of the day it came in."""
    return [
        (
            one.id,
            one.customer.id,
            one.employee_id,
            one.channel,
            one.status,
            one.ordered_at,
            one.shipped_at,
            one.delivered_at,
            one.ship_city,
            one.ship_country.name,
            one.customer.currency,
            decimal_of(one.freight),
            decimal_of(to_euros(one.net, rates[one.customer.currency, one.ordered_at.date()])),
        )
        for one in orders
    ]


def item_rows(orders: Sequence[Order]) -> list[Row]:
    """Rows of order_items, order by order."""
    return [
        (order.id, number, line.product.id, line.quantity, decimal_of(line.unit_price), line.discount_percent)
        for order in orders
        for number, line in enumerate(order.lines, start=1)
    ]
