"""Invoices and payments: the same business seen when it is billed and when the money moves. The two never agree."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.datasources.sample.dice import Dice
from apps.datasources.sample.exchange import Rates
from apps.datasources.sample.money import decimal_of, divide, to_euros
from apps.datasources.sample.orders import WEB, Order
from apps.datasources.sample.returns import Return
from apps.datasources.sample.rows import Row

OPEN, PARTLY_PAID, PAID, WRITTEN_OFF = 1, 2, 3, 4
TRANSFER, CARD, DIRECT_DEBIT = "BT", "CC", "DD"
_WRITTEN_OFF_AFTER_DAYS = 300


@dataclass(slots=True)
class Payment:
    """`amount` in cents of the invoice's currency, below zero where we pay back."""

    paid_on: dt.date
    amount: int
    method: str


@dataclass(slots=True)
class Invoice:
    """`amount` in cents of the customer's currency; `payments` are those made before the books closed."""

    id: int
    order: Order
    issued_on: dt.date
    due_on: dt.date
    amount: int
    status: int = OPEN
    payments: list[Payment] = field(default_factory=list)


def make_invoices(orders: Sequence[Order], returns: Sequence[Return], last: dt.date) -> list[Invoice]:
    """An invoice for nearly each order that was shipped, in the order of issue, with what was paid on it."""
    dice, invoices = Dice("billing"), list[Invoice]()
    for order in orders:
        if order.shipped_at is None or dice.chance(5):
            continue
        issued = order.shipped_at.date() + dt.timedelta(days=dice.pick((0, 0, 0, 1, 3)))
        if issued <= last:
            due = issued + dt.timedelta(days=order.customer.terms_days)
            invoices.append(Invoice(0, order, issued, due, order.net + order.freight))
    invoices.sort(key=lambda one: (one.issued_on, one.order.id))
    for number, invoice in enumerate(invoices, start=1):
        invoice.id = number
        _collect(dice, invoice, last)
    _pay_back(invoices, returns)
    return invoices


def _collect(dice: Dice, invoice: Invoice, last: dt.date) -> None:
    """What the customer pays: mostly all of it around the due day, sometimes in two parts, too little, or never."""
    never, parts, short = dice.chance(18), dice.chance(80), dice.chance(50)
    by_card = invoice.order.channel == WEB and dice.chance(420)
    method = CARD if by_card else dice.pick((TRANSFER, TRANSFER, TRANSFER, DIRECT_DEBIT))
    day = invoice.issued_on if by_card else invoice.due_on + dt.timedelta(days=dice.bell(-25, 30))
    day = max(day, invoice.issued_on)
    first = divide(invoice.amount * dice.between(30, 70), 100) if parts else invoice.amount
    later = day + dt.timedelta(days=dice.bell(10, 90))
    if never:
        overdue = last - invoice.due_on
        invoice.status = WRITTEN_OFF if overdue.days > _WRITTEN_OFF_AFTER_DAYS else OPEN
        return
    if short and not parts:
        first = divide(invoice.amount * 98, 100)
    if day <= last:
        invoice.payments.append(Payment(day, first, method))
        invoice.status = PARTLY_PAID if parts else PAID
    if parts and later <= last:
        invoice.payments.append(Payment(later, invoice.amount - first, method))
        invoice.status = PAID


def _pay_back(invoices: Sequence[Invoice], returns: Sequence[Return]) -> None:
    """Refunds go out as payments below zero on the invoice of the order they belong to."""
    by_order = {invoice.order.id: invoice for invoice in invoices}
    for one in returns:
        invoice = by_order.get(one.order.id)
        if invoice and one.refund is not None and one.refunded_on is not None:
            invoice.payments.append(Payment(one.refunded_on, -one.refund, TRANSFER))


def invoice_rows(invoices: Sequence[Invoice], rates: Rates) -> list[Row]:
    """Euros at the rate of the day of issue."""
    rows = list[Row]()
    for one in invoices:
        currency = one.order.customer.currency
        euros = to_euros(one.amount, rates[currency, one.issued_on])
        rows.append(
            (
                one.id,
                f"INV-{one.issued_on.year}-{one.id:06d}",
                one.order.id,
                one.issued_on,
                one.due_on,
                one.status,
                currency,
                decimal_of(one.amount),
                decimal_of(euros),
            )
        )
    return rows


def payment_rows(invoices: Sequence[Invoice], rates: Rates) -> list[Row]:
    """Payments by day; euros at that day's rate. Card payments cost a fee, the others none."""
    paid = [
        (one.paid_on, invoice.id, place, invoice, one)
        for invoice in invoices
        for place, one in enumerate(invoice.payments)
    ]
    paid.sort(key=lambda entry: entry[:3])
    rows = list[Row]()
    for number, (day, invoice_id, _, invoice, one) in enumerate(paid, start=1):
        currency = invoice.order.customer.currency
        euros = to_euros(one.amount, rates[currency, day])
        fee = decimal_of(divide(euros * 14, 1000)) if one.method == CARD else None
        rows.append(
            (
                number,
                invoice_id,
                day,
                one.method,
                one.amount < 0,
                currency,
                decimal_of(one.amount),
                decimal_of(euros),
                fee,
            )
        )
    return rows


def lifetime_values(invoices: Sequence[Invoice], rates: Rates, up_to: dt.date) -> dict[int, int]:
    """Euro cents invoiced to each customer up to that day, as a nightly run that sometimes fails left them."""
    dice, values = Dice("billing/lifetime"), defaultdict[int, int](int)
    for invoice in invoices:
        if invoice.issued_on <= up_to and not dice.chance(12):
            customer = invoice.order.customer
            values[customer.id] += to_euros(invoice.amount, rates[customer.currency, invoice.issued_on])
    return dict(values)
