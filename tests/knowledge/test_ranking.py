"""Which tables a question needs, among many."""

import random

import pytest

from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import Catalog, catalog_of
from apps.knowledge.ranking import focused, tables_for
from apps.knowledge.tokens import tokenize
from apps.knowledge.values import MemoryValueIndex
from bench.linking.schemas import KINDS, make_world


def table(name: str, *columns: str, comment: str = "", keys: tuple[ForeignKey, ...] = ()) -> Table:
    made = (Column("id", ColumnType.INTEGER), *(Column(one, ColumnType.TEXT) for one in columns))
    return Table(name, made, primary_key=("id",), foreign_keys=keys, comment=comment)


def best(question: str, *tables: Table, values: MemoryValueIndex | None = None) -> list[str]:
    return tables_for(tokenize(question), Catalog(Schema("postgres", tables)), 10, values)


FILLERS = [table(f"archive_{number}", "label", "remark") for number in range(60)]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How many customer orders are there?", "tbl_customer_order"),
        ("How many customer orders are there?", "CustomerOrders"),
        ("How many customer orders are there?", "customerorders"),
        ("How many customer orders are there?", "cust_ord"),
        ("How many cusotmer ordres are there?", "customer_order"),
        ("Which bookings were cancelled?", "bkng"),
        ("Show the note book entries", "notebook"),
        ("What did clients buy?", "customer"),
    ],
)
def test_a_table_is_found_however_its_name_is_written(question: str, name: str) -> None:
    assert best(question, *FILLERS, table(name, "label"))[0] == name


def test_a_name_said_whole_ranks_before_names_that_share_its_words() -> None:
    tables = [table("order_line"), table("order_line_archive"), table("order"), table("line_of_business")]
    assert best("How many order lines are there?", *FILLERS, *tables)[0] == "order_line"


def test_a_table_that_only_joins_two_named_ones_is_found() -> None:
    keys = tuple(ForeignKey((f"{one}_id",), one, ("id",)) for one in ("student", "course"))
    joining = Table(
        "x_17", tuple(Column(f"{one}_id", ColumnType.INTEGER) for one in ("student", "course")), foreign_keys=keys
    )
    found = best("Which students take which courses?", *FILLERS, table("student"), table("course"), joining)
    assert set(found[:3]) == {"student", "course", "x_17"}


def test_a_stored_value_alone_finds_its_table() -> None:
    values = MemoryValueIndex([("archive_7", "label", "Nautilus")])
    assert best("What about Nautilus?", *FILLERS, values=values)[0] == "archive_7"


def test_a_comment_finds_a_table_after_its_name_does() -> None:
    tables = (table("t_99", comment="Every shipment that left the harbour"), table("shipment"))
    assert best("How many shipments?", *FILLERS, *tables)[:2] == ["shipment", "t_99"]


def test_a_prefix_that_all_tables_share_says_nothing() -> None:
    tables = [table(f"acme_part_{number}") for number in range(30)]
    assert best("acme customers", *tables, table("acme_customers"))[0] == "acme_customers"
    assert Catalog(Schema("postgres", (*tables, table("acme_x")))).table_words("acme_x") == ("x",)


def test_only_the_part_of_a_large_schema_that_matters_is_looked_at() -> None:
    schema = Schema("postgres", (*FILLERS, table("customer", "city")))
    part = focused(tokenize("Which customers live in Bern?"), catalog_of(schema))
    assert "customer" in part.tables
    assert len(part.tables) <= 24
    small = Schema("postgres", (table("customer", "city"),))
    assert focused(tokenize("Which customers?"), catalog_of(small)) is catalog_of(small)


@pytest.mark.parametrize("style", ["snake", "glued", "short"])
def test_needed_tables_are_among_the_ten_best_of_a_thousand(style: str) -> None:
    world = make_world(1_000, style, random.Random(7))
    catalog, values, dice = Catalog(world.schema), world.value_index(), random.Random(8)
    cases = [make(world, dice) for make in KINDS.values() for _ in range(8)]
    found = sum(len(case.needed & set(tables_for(tokenize(case.question), catalog, 10, values))) for case in cases)
    assert found / sum(len(case.needed) for case in cases) >= 0.95
