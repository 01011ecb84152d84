"""Calendar units of a date column, in each dialect's own words."""

import sqlglot
from sqlglot import exp

_SQLITE = {
    "year": "CAST(STRFTIME('%Y', moment) AS INTEGER)",
    "quarter": "STRFTIME('%Y', moment) || '-Q' || ((CAST(STRFTIME('%m', moment) AS INTEGER) + 2) / 3)",
    "month": "STRFTIME('%Y-%m', moment)",
    "week": "DATE(moment, '-6 days', 'weekday 1')",
    "day": "DATE(moment)",
}
_SQLITE_NUMBERS = {
    "month": "CAST(STRFTIME('%m', moment) AS INTEGER)",
    "quarter": "(CAST(STRFTIME('%m', moment) AS INTEGER) + 2) / 3",
    "day": "CAST(STRFTIME('%d', moment) AS INTEGER)",
}


def unit_of(column: exp.Column, unit: str, dialect: str, *, as_number: bool = False) -> exp.Expr:
    """The year as a number; of smaller units the first day, or with `as_number` the number within the year."""
    if dialect == "sqlite":
        template = _SQLITE_NUMBERS.get(unit, _SQLITE[unit]) if as_number else _SQLITE[unit]
        tree = sqlglot.parse_one(template, read="sqlite")
    elif unit == "year" or as_number:
        tree = sqlglot.parse_one(f"CAST(EXTRACT({unit.upper()} FROM moment) AS INT)", read="postgres")
    else:
        tree = sqlglot.parse_one(f"CAST(DATE_TRUNC('{unit}', moment) AS DATE)", read="postgres")
    return tree.transform(
        lambda node: column.copy() if isinstance(node, exp.Column) and node.name == "moment" else node
    )
