import datetime as dt
from collections import Counter
from decimal import Decimal

from apps.datasources.sample.company import SMALL, make_company
from apps.datasources.sample.fingerprints import fingerprint, recorded_fingerprints
from apps.datasources.sample.layout import LAYOUT
from apps.datasources.sample.rows import Tables, Value
from apps.datasources.sample.seasons import FIRST_DAY, LAST_DAY
from apps.datasources.schema import ColumnType

PYTHON_TYPES: dict[ColumnType, type] = {
    ColumnType.INTEGER: int,
    ColumnType.TEXT: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.DECIMAL: Decimal,
    ColumnType.DATE: dt.date,
    ColumnType.TIMESTAMP: dt.datetime,
}


def column_values(company: Tables, table: str, column: str) -> list[Value]:
    known = LAYOUT.table(table)
    assert known
    place = [one.name for one in known.columns].index(column)
    return [row[place] for row in company[table]]


def test_the_full_company_is_the_recorded_one(company: Tables) -> None:
    assert {table: fingerprint(rows) for table, rows in company.items()} == recorded_fingerprints("full")


def test_the_small_company_is_the_recorded_one() -> None:
    assert {table: fingerprint(rows) for table, rows in make_company(SMALL).items()} == recorded_fingerprints("small")


def test_the_full_company_is_big_and_the_small_one_is_small() -> None:
    assert sum(one.rows for one in recorded_fingerprints("full").values()) > 200_000
    assert 2_000 < sum(one.rows for one in recorded_fingerprints("small").values()) < 10_000


def test_rows_are_made_for_every_table_in_the_layouts_order(company: Tables) -> None:
    assert list(company) == [table.name for table in LAYOUT]


def test_every_value_has_its_columns_type_and_only_nullable_columns_lack_some(company: Tables) -> None:
    for table in LAYOUT:
        for row in company[table.name]:
            assert len(row) == len(table.columns), table.name
            for column, value in zip(table.columns, row, strict=True):
                fits = column.nullable if value is None else type(value) is PYTHON_TYPES[column.type]
                assert fits, (table.name, column.name, value)


def test_every_nullable_column_lacks_some_values_but_not_all(company: Tables) -> None:
    for table in LAYOUT:
        for column in table.columns:
            if column.nullable:
                values = column_values(company, table.name, column.name)
                assert 0 < values.count(None) < len(values), (table.name, column.name)


def test_every_table_and_column_is_explained() -> None:
    for table in LAYOUT:
        assert table.comment, table.name
        assert all(column.comment for column in table.columns), table.name


def test_nothing_happens_after_the_books_close(company: Tables) -> None:
    for table in LAYOUT:
        for column in table.columns:
            if column.type.is_temporal and column.name != "due_on":
                days = [str(value)[:10] for value in column_values(company, table.name, column.name) if value]
                assert max(days) <= LAST_DAY.isoformat(), (table.name, column.name)


def test_there_is_a_rate_for_each_currency_on_each_day(company: Tables) -> None:
    days = (LAST_DAY - FIRST_DAY).days + 1
    counts = Counter(column_values(company, "exchange_rates", "currency_code"))
    assert counts == dict.fromkeys(column_values(company, "currencies", "code"), days)


def test_business_grows_has_seasons_and_rests_at_weekends(company: Tables) -> None:
    moments = [value for value in column_values(company, "orders", "ordered_at") if isinstance(value, dt.datetime)]
    years, months = Counter(one.year for one in moments), Counter(one.month for one in moments if one.year == 2025)
    weekdays = Counter(one.weekday() for one in moments)
    assert years[2022] < years[2023] < years[2024] < years[2025]
    assert months[11] + months[12] > 1.5 * (months[1] + months[2])
    assert max(weekdays[5], weekdays[6]) < min(weekdays[day] for day in range(5)) / 2


def test_an_order_is_shipped_after_it_is_placed_and_delivered_after_it_is_shipped(company: Tables) -> None:
    dates = [
        column_values(company, "orders", column) for column in ("ordered_at", "shipped_at", "delivered_at", "status")
    ]
    for ordered, shipped, delivered, status in zip(*dates, strict=True):
        known = [one for one in (ordered, shipped, delivered) if isinstance(one, dt.datetime)]
        assert known == sorted(known)
        assert (shipped is None) == (status in ("P", "X"))
        assert delivered is None or status in ("D", "R")
