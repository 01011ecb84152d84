"""Goods that customers send back, and what they are given for them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.sample.dice import Dice
from apps.datasources.sample.exchange import Rates
from apps.datasources.sample.money import decimal_of, divide, to_euros
from apps.datasources.sample.orders import RETURNED, Line, Order
from apps.datasources.sample.rows import Row

REQUESTED, RECEIVED, REFUNDED, REJECTED = 1, 2, 3, 4
_REASONS = ("DMG", "DMG", "WRG", "LAT", "CHG", "CHG", None)
_LIKELY = {"Lighting": 62, "Textiles": 55, "Camping": 50}
_USUAL = 30


@dataclass(slots=True)
class Return:
    """Part of one order line sent back. `refund` in cents of the order's currency, None unless refunded."""

    order: Order
    line_no: int
    line: Line
    quantity: int
    reason: str | None
    requested_on: dt.date
    received_on: dt.date | None = None
    status: int = REQUESTED
    refund: int | None = None
    refunded_on: dt.date | None = None


def make_returns(orders: Sequence[Order], last: dt.date) -> list[Return]:
    """Returns in the order of their requests; an order that comes back whole changes its status."""
    dice, returns = Dice("returns"), list[Return]()
    for order in orders:
        if order.delivered_at is None:
            continue
        whole = dice.chance(9)
        mine = []
        for number, line in enumerate(order.lines, start=1):
            if whole or dice.chance(_LIKELY.get(line.product.category.name, _USUAL)):
                day = order.delivered_at.date() + dt.timedelta(days=dice.between(1, 30))
                quantity = line.quantity if whole else dice.between(1, line.quantity)
                mine.append(Return(order, number, line, quantity, dice.pick(_REASONS), day))
        mine = [one for one in mine if one.requested_on <= last]
        for one in mine:
            _settle(dice, one, last)
        if whole and len(mine) == len(order.lines) and all(one.status == REFUNDED for one in mine):
            order.status = RETURNED
        returns.extend(mine)
    return sorted(returns, key=lambda one: (one.requested_on, one.order.id, one.line_no))


def _settle(dice: Dice, one: Return, last: dt.date) -> None:
    """Take a return as far as it came before the books closed."""
    rejected, kept = dice.chance(70), dice.chance(40)
    received = one.requested_on + dt.timedelta(days=dice.bell(2, 20))
    decided = received + dt.timedelta(days=dice.bell(1, 12))
    if received > last or kept:
        return
    one.received_on, one.status = received, RECEIVED
    if decided > last:
        return
    if rejected:
        one.status = REJECTED
        return
    one.status, one.refunded_on = REFUNDED, decided
    one.refund = divide(one.line.net * one.quantity, one.line.quantity)


def return_rows(returns: Sequence[Return], rates: Rates) -> list[Row]:
    """Refunds in euros at the rate of the day they were paid."""
    rows = list[Row]()
    for number, one in enumerate(returns, start=1):
        refund = None
        if one.refund is not None and one.refunded_on is not None:
            refund = decimal_of(to_euros(one.refund, rates[one.order.customer.currency, one.refunded_on]))
        rows.append(
            (
                number,
                one.order.id,
                one.line_no,
                one.quantity,
                one.reason,
                one.status,
                one.requested_on,
                one.received_on,
                refund,
            )
        )
    return rows
