"""Prints how well and how fast the tables of a question are found among 10 to 10,000 tables.

Run as `python -m bench.linking`. Every table has 20 columns; each question needs two tables and names a column of each.
"""

import random
import sys
import time
import tracemalloc
from itertools import product

from apps.datasources.schema import Column, ColumnType, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.knowledge.linking import link, tables_for
from apps.knowledge.tokens import tokenize

SIZES = (10, 100, 1_000, 10_000)
COLUMNS = 20
QUESTIONS = 100
BEST = 10
AREAS = [
    "customer",
    "order",
    "invoice",
    "payment",
    "shipment",
    "product",
    "supplier",
    "warehouse",
    "employee",
    "contract",
    "project",
    "ticket",
    "vehicle",
    "machine",
    "sensor",
    "campaign",
    "account",
    "budget",
    "asset",
    "claim",
    "policy",
    "patient",
    "course",
    "student",
    "flight",
    "hotel",
    "booking",
    "station",
    "recipe",
    "garden",
]
ASPECTS = [
    "header",
    "line",
    "status",
    "history",
    "address",
    "note",
    "document",
    "price",
    "discount",
    "region",
    "season",
    "rating",
    "audit",
    "forecast",
    "target",
    "plan",
    "event",
    "member",
    "group",
    "limit",
    "channel",
    "batch",
    "quota",
    "label",
    "phase",
]
DETAILS = (
    "archive",
    "draft",
    "import",
    "export",
    "summary",
    "detail",
    "review",
    "backup",
    "north",
    "south",
    "east",
    "west",
    "daily",
    "weekly",
)
FIELDS = [
    "amount",
    "quantity",
    "weight",
    "height",
    "width",
    "length",
    "color",
    "owner",
    "manager",
    "start",
    "end",
    "opened",
    "closed",
    "reason",
    "code",
    "name",
    "title",
    "country",
    "city",
    "currency",
    "percent",
    "priority",
    "version",
    "language",
    "phone",
    "email",
    "comment",
    "origin",
    "margin",
    "volume",
]


def make_schema(size: int, dice: random.Random) -> Schema:
    """`size` tables with names of two or three words and twenty columns each."""
    names = ["_".join(parts) for parts in product(AREAS, ASPECTS)]
    names += ["_".join(parts) for parts in product(AREAS, ASPECTS, DETAILS)]
    tables = []
    for name in names[:size]:
        fields = dice.sample(FIELDS, COLUMNS - 1)
        columns = (Column("id", ColumnType.INTEGER), *(Column(field, ColumnType.TEXT) for field in fields))
        tables.append(Table(name, columns, primary_key=("id",)))
    return Schema("postgres", tuple(tables))


def make_question(schema: Schema, dice: random.Random) -> tuple[str, set[str]]:
    """A question with the two tables that it needs."""
    first, second = dice.sample(schema.tables, 2)
    words = [table.name.replace("_", " ") for table in (first, second)]
    fields = [dice.choice(table.columns[1:]).name for table in (first, second)]
    return f"Show the {fields[0]} of each {words[0]} with the {fields[1]} of its {words[1]}", {first.name, second.name}


def main() -> None:
    """Print one line for each size."""
    sys.stdout.write("tables  recall@10  rank ms  link ms  prepare ms  memory MB\n")
    for size in SIZES:
        dice = random.Random(size)
        schema = make_schema(size, dice)
        tracemalloc.start()
        started = time.perf_counter()
        catalog = catalog_of(schema)
        tables_for(tokenize("show the amount"), catalog, BEST)
        prepared = time.perf_counter() - started
        memory = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        found = needed = 0
        ranking = linking = 0.0
        for _ in range(QUESTIONS):
            question, wanted = make_question(schema, dice)
            tokens = tokenize(question)
            started = time.perf_counter()
            best = set(tables_for(tokens, catalog, BEST))
            ranking += time.perf_counter() - started
            started = time.perf_counter()
            link(tokens, catalog)
            linking += time.perf_counter() - started
            found += len(wanted & best)
            needed += len(wanted)
        each = 1000 / QUESTIONS
        sys.stdout.write(
            f"{size:6d}  {found / needed:9.3f}  {ranking * each:7.2f}  {linking * each:7.2f}  "
            f"{prepared * 1000:10.1f}  {memory:9.1f}\n"
        )
