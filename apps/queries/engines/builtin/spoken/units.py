"""Calendar units of a date column, and days between two, in each dialect's own words."""

import sqlglot
from sqlglot import exp

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
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
    "weekday": "(CAST(STRFTIME('%w', moment) AS INTEGER) + 6) % 7 + 1",
    "hour": "CAST(STRFTIME('%H', moment) AS INTEGER)",
}
_WEEKDAY_NUMBERS = {
    "mysql": "WEEKDAY(moment) + 1",
    "tsql": "DATEDIFF(DAY, '19000101', moment) % 7 + 1",  # that day was a Monday; DATEPART depends on a setting
    "bigquery": "MOD(EXTRACT(DAYOFWEEK FROM moment) + 5, 7) + 1",
}


def unit_of(column: exp.Expr, unit: str, dialect: str, *, as_number: bool = False) -> exp.Expr:
    """The year as a number; of smaller units the first day, or with `as_number` the number within the year.

    Weekdays are their English names, or 1 for Monday to 7 for Sunday; hours are numbers.
    """
    if unit == "weekday" and not as_number:
        return _weekday_name(unit_of(column, unit, dialect, as_number=True))
    as_number = as_number or unit == "hour"
    if dialect == "sqlite":
        template = _SQLITE_NUMBERS.get(unit) if as_number else _SQLITE[unit]
        tree = sqlglot.parse_one(template or _SQLITE[unit], read="sqlite")
    elif unit == "weekday":
        known = dialect if dialect in _WEEKDAY_NUMBERS else "postgres"
        text = _WEEKDAY_NUMBERS.get(dialect, "CAST(EXTRACT(ISODOW FROM moment) AS INT)")
        tree = sqlglot.parse_one(text, read=known)
    elif unit == "year" or as_number:
        tree = sqlglot.parse_one(f"CAST(EXTRACT({unit.upper()} FROM moment) AS INT)", read="postgres")
    else:
        tree = sqlglot.parse_one(f"CAST(DATE_TRUNC('{unit}', moment) AS DATE)", read="postgres")
    return _filled(tree, {"moment": column})


def _weekday_name(number: exp.Expr) -> exp.Case:
    """A CASE over the number, which every dialect has, where names of days depend on a server's language."""
    case = exp.Case()
    for place, name in enumerate(WEEKDAYS, 1):
        case = case.when(exp.EQ(this=number.copy(), expression=exp.Literal.number(place)), exp.Literal.string(name))
    return case


def days_between(later: exp.Expr, earlier: exp.Expr, dialect: str) -> exp.Expr:
    """How many days, with their fractions where both know the hour."""
    if dialect == "sqlite":
        text = "JULIANDAY(later) - JULIANDAY(earlier)"
    elif dialect in ("postgres", "duckdb"):
        text = "EXTRACT(EPOCH FROM CAST(later AS TIMESTAMP) - CAST(earlier AS TIMESTAMP)) / 86400.0"
    else:
        return exp.DateDiff(this=later, expression=earlier, unit=exp.Var(this="DAY"))
    return _filled(sqlglot.parse_one(text, read=dialect), {"later": later, "earlier": earlier})


def _filled(tree: exp.Expr, columns: dict[str, exp.Expr]) -> exp.Expr:
    """The template with columns in place of its names."""
    return tree.transform(
        lambda node: columns[node.name].copy() if isinstance(node, exp.Column) and node.name in columns else node
    )
