"""Which date a time goes by."""

from apps.knowledge.catalog import Catalog, ColumnEntry, Kind

from .words import stem

DATE_WORDS = frozenset(
    ["at", "on", "date", "time", "day", "dt", "ts", "timestamp", "when", "utc", "in", "up", "off", "out"]
)
CREATION_VERBS = frozenset(
    "placed place made make took take taken bought buy created create came come opened entered submitted recorded "
    "booked gave given received".split()
)


def date_columns(catalog: Catalog, table: str) -> list[ColumnEntry]:
    """The table's dates in their order."""
    return [column for column in catalog.tables[table].columns if column.kind is Kind.DATE]


def creation_date(catalog: Catalog, table: str) -> ColumnEntry | None:
    """The date that is named after the table itself (orders, `ordered_at`), else its first date."""
    dates = date_columns(catalog, table)
    own = {stem(word) for word in catalog.tables[table].words}
    named = [date for date in dates if own & {stem(word) for word in date.words if word not in DATE_WORDS}]
    made = [date for date in dates if {"created", "added", "placed"} & set(date.words)]
    return next(iter(named or made or dates), None)


def event_label(entry: ColumnEntry) -> str:
    """What happened on the date, in a word: `shipped_at` gives "Shipped"."""
    words = [word for word in entry.words if word not in DATE_WORDS] or list(entry.words)
    return " ".join(words).capitalize()


def year_column(catalog: Catalog, table: str) -> ColumnEntry | None:
    """The table's only number that is a year, where it has no dates."""
    years = [one for one in catalog.tables[table].columns if one.kind is Kind.NUMBER and "year" in one.words]
    return years[0] if len(years) == 1 and not date_columns(catalog, table) else None
