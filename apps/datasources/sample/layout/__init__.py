"""All tables of the sample, in the order in which they are loaded, and what they are searched by."""

from apps.datasources.sample.layout.reference import REFERENCE_TABLES
from apps.datasources.sample.layout.trade import TRADE_TABLES
from apps.datasources.schema import Schema

LAYOUT = Schema("postgres", REFERENCE_TABLES + TRADE_TABLES)

SEARCHED_BY = (
    ("orders", "ordered_at"),
    ("orders", "shipped_at"),
    ("orders", "delivered_at"),
    ("invoices", "issued_on"),
    ("payments", "paid_on"),
    ("returns", "requested_on"),
    ("customers", "city"),
)
"""Columns with an index of their own, beside all that are keys."""

__all__ = ["LAYOUT", "SEARCHED_BY"]
