"""The sample is only worth asking about as long as its traps are real; docs/sample.md lists them."""

import psycopg
import pytest

from apps.datasources.sample.layout import LAYOUT


def rows_of(reader: psycopg.Connection, sql: str) -> list[tuple[object, ...]]:
    return reader.execute(sql).fetchall()


def test_invoiced_and_received_revenue_differ_in_every_year(reader: psycopg.Connection) -> None:
    invoiced = rows_of(reader, "SELECT extract(year FROM issued_on), sum(amount) FROM invoices GROUP BY 1 ORDER BY 1")
    received = rows_of(reader, "SELECT extract(year FROM paid_on), sum(amount) FROM payments GROUP BY 1 ORDER BY 1")
    assert len(invoiced) == len(received) == 5
    assert all(one[0] == other[0] and one[1] != other[1] for one, other in zip(invoiced, received, strict=True))


def test_the_three_dates_of_an_order_give_three_counts_for_a_month(reader: psycopg.Connection) -> None:
    inside = "count(*) FILTER (WHERE {} >= '2026-03-01' AND {} < '2026-04-01')"
    dates = ("ordered_at", "shipped_at", "delivered_at")
    counts = rows_of(reader, f"SELECT {', '.join(inside.format(one, one) for one in dates)} FROM orders")
    assert len(set(counts[0])) == 3


@pytest.mark.parametrize(("column", "times"), [("name", 8), ("status", 6), ("region", 3), ("city", 3), ("country", 3)])
def test_the_same_column_name_stands_in_several_tables(column: str, times: int) -> None:
    assert sum(table.column(column) is not None for table in LAYOUT) >= times


def test_the_lifetime_value_is_often_another_than_the_sum_of_invoices(reader: psycopg.Connection) -> None:
    sql = """
        SELECT count(*), count(*) FILTER (WHERE lifetime_value IS DISTINCT FROM total) FROM customers JOIN (
            SELECT customer_id, sum(amount) AS total FROM invoices JOIN orders ON orders.id = order_id GROUP BY 1
        ) AS billed ON customer_id = customers.id
    """
    ((all_of_them, different),) = rows_of(reader, sql)
    assert isinstance(all_of_them, int)
    assert isinstance(different, int)
    assert all_of_them * 0.1 < different < all_of_them * 0.9


def test_cities_are_spelled_in_several_ways(reader: psycopg.Connection) -> None:
    found = {city for (city,) in rows_of(reader, "SELECT DISTINCT city FROM customers WHERE country = 'Germany'")}
    assert {"München", "Munich", "Muenchen", "Köln", "Koeln", "Cologne"} <= found


def test_some_firms_were_entered_twice(reader: psycopg.Connection) -> None:
    twins = rows_of(reader, "SELECT name FROM customers WHERE name ~ '^Br(ü|ue)ckner Handelshaus' ORDER BY name")
    assert len(twins) > 1
    assert len(rows_of(reader, "SELECT FROM customers WHERE name LIKE '%, %'")) > 10


def test_two_cities_share_a_name_and_one_shares_its_countrys(reader: psycopg.Connection) -> None:
    assert len(rows_of(reader, "SELECT DISTINCT country FROM customers WHERE city = 'Berlin'")) == 2
    assert rows_of(reader, "SELECT DISTINCT country FROM customers WHERE city = 'Luxembourg'") == [("Luxembourg",)]


def test_the_ship_country_is_not_always_the_customers(reader: psycopg.Connection) -> None:
    sql = "SELECT avg((ship_country <> country)::int) FROM orders JOIN customers ON customers.id = customer_id"
    ((share,),) = rows_of(reader, sql)
    assert 0.05 < float(str(share)) < 0.2
