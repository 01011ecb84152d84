"""Tarnholm Trading, an invented wholesaler for house and garden: its whole books, from a size."""

import datetime as dt
from dataclasses import dataclass

from apps.datasources.sample.billing import invoice_rows, lifetime_values, make_invoices, payment_rows
from apps.datasources.sample.catalogue import (
    category_rows,
    demand_by_month,
    make_products,
    product_rows,
    supplier_rows,
    supply_rows,
)
from apps.datasources.sample.customers import customer_rows, last_nightly_run, make_customers
from apps.datasources.sample.exchange import CURRENCIES, currency_rows, make_rates, rate_rows
from apps.datasources.sample.orders import STATUS_ROWS, Market, item_rows, make_orders, order_rows
from apps.datasources.sample.places import COUNTRIES, Country
from apps.datasources.sample.returns import make_returns, return_rows
from apps.datasources.sample.rows import Row, Tables
from apps.datasources.sample.seasons import FIRST_DAY, LAST_DAY, days_between
from apps.datasources.sample.staff import employee_rows, make_staff


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a company: from which day, in which currencies, with how many of everything."""

    first_day: dt.date
    currencies: tuple[str, ...]
    customers: int
    orders: int
    suppliers: int
    reps_per_region: int
    products_per_mille: int


FULL = Size(FIRST_DAY, tuple(one.code for one in CURRENCIES), 3_000, 44_000, 90, 6, 1000)
SMALL = Size(dt.date(2025, 1, 1), ("EUR", "GBP", "SEK"), 60, 640, 12, 1, 160)


def make_company(size: Size) -> Tables:
    """Rows of all tables by table name, in an order in which they can be loaded under foreign keys."""
    currencies = [one for one in CURRENCIES if one.code in size.currencies]
    countries = [one for one in COUNTRIES if one.currency in size.currencies]
    rates = make_rates(currencies, size.first_day, LAST_DAY)
    staff = make_staff([one for one in countries if one.weight], size.first_day, LAST_DAY, size.reps_per_region)
    products = make_products(size.first_day, LAST_DAY, size.products_per_mille)
    customers = make_customers(countries, staff, size.first_day, LAST_DAY, size.customers)
    market = Market(countries, staff, customers, products, demand_by_month(products), rates)
    orders = make_orders(market, list(days_between(size.first_day, LAST_DAY)), size.orders)
    returns = make_returns(orders, LAST_DAY)
    invoices = make_invoices(orders, returns, LAST_DAY)
    lifetime = lifetime_values(invoices, rates, last_nightly_run(LAST_DAY))
    return {
        "currencies": currency_rows(currencies),
        "exchange_rates": rate_rows(rates),
        "countries": _country_rows(countries),
        "employees": employee_rows(staff),
        "suppliers": supplier_rows([one for one in countries if one.weight], size.suppliers),
        "categories": category_rows(),
        "products": product_rows(products),
        "product_suppliers": supply_rows(products, size.suppliers),
        "customers": customer_rows(customers, lifetime),
        "order_statuses": STATUS_ROWS,
        "orders": order_rows(orders, rates),
        "order_items": item_rows(orders),
        "invoices": invoice_rows(invoices, rates),
        "payments": payment_rows(invoices, rates),
        "returns": return_rows(returns, rates),
    }


def _country_rows(countries: list[Country]) -> list[Row]:
    return [(one.code, one.name, one.region, one.currency) for one in countries]
