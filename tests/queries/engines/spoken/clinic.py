"""A small clinic, quite unlike the sample: its tables, comments and rows, to ask the grammar about."""

import datetime as dt
import sqlite3
from collections.abc import Sequence
from typing import Any

from apps.clarification.readings import Reading
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.spoken import spoken_readings

TODAY = dt.date(2026, 11, 21)
TEXT, INTEGER, DECIMAL, DATE = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE


def _column(name: str, kind: ColumnType, comment: str = "", *, nullable: bool = False) -> Column:
    return Column(name, kind, str(kind), nullable=nullable, comment=comment)


WARDS = Table(
    "wards",
    (_column("id", INTEGER), _column("name", TEXT), _column("beds", INTEGER)),
    primary_key=("id",),
)
DOCTORS = Table(
    "doctors",
    (
        _column("id", INTEGER),
        _column("name", TEXT),
        _column("specialty", TEXT),
        _column("grade", TEXT, "J = junior, C = consultant"),
        _column("salary", DECIMAL, "Gross salary a year in euros"),
        _column("retired_on", DATE, "NULL while the doctor still works here", nullable=True),
        _column("supervisor_id", INTEGER, nullable=True),
    ),
    primary_key=("id",),
    foreign_keys=(ForeignKey(("supervisor_id",), "doctors", ("id",)),),
)
PATIENTS = Table(
    "patients",
    (
        _column("id", INTEGER),
        _column("name", TEXT),
        _column("city", TEXT),
        _column("phone", TEXT, nullable=True),
        _column("born_on", DATE),
    ),
    primary_key=("id",),
)
VISITS = Table(
    "visits",
    (
        _column("id", INTEGER),
        _column("patient_id", INTEGER),
        _column("doctor_id", INTEGER),
        _column("ward_id", INTEGER),
        _column("state", INTEGER, "1 = scheduled, 2 = under way, 3 = called off"),
        _column("admitted_on", DATE, "First day in the ward"),
        _column("discharged_on", DATE, "NULL while the patient is still in the ward", nullable=True),
        _column("charge", DECIMAL, "Billed turnover: what the visit costs, in euros"),
    ),
    primary_key=("id",),
    foreign_keys=(
        ForeignKey(("patient_id",), "patients", ("id",)),
        ForeignKey(("doctor_id",), "doctors", ("id",)),
        ForeignKey(("ward_id",), "wards", ("id",)),
    ),
)
RECEIPTS = Table(
    "receipts",
    (
        _column("id", INTEGER),
        _column("visit_id", INTEGER),
        _column("settled_on", DATE),
        _column("total", DECIMAL, "Settled turnover: what insurers really gave, in euros"),
    ),
    primary_key=("id",),
    foreign_keys=(ForeignKey(("visit_id",), "visits", ("id",)),),
)
CLINIC = Schema("sqlite", (WARDS, DOCTORS, PATIENTS, VISITS, RECEIPTS))
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "wards": [(1, "Surgery", 20), (2, "Maternity", 8), (3, "Eye Clinic", 4)],
    "doctors": [
        (1, "Ada Quill", "surgeon", "C", 120000, None, None),
        (2, "Ben Okoro", "surgeon", "J", 60000, None, 1),
        (3, "Cleo Marsh", "midwife", "C", 80000, "2024-05-31", 1),
    ],
    "patients": [
        (1, "Dana Frost", "Leicester", "555", "1980-02-01"),
        (2, "Eli Novak", "York", None, "1990-07-09"),
        (3, "Finn Abara", "Leicester", None, "2001-12-24"),
        (4, "Gus Hale", "Hull", "777", "1975-03-03"),
    ],
    "visits": [
        (1, 1, 1, 1, 2, "2025-01-10", "2025-01-15", 900),
        (2, 1, 2, 1, 2, "2025-03-02", "2025-04-20", 1500),
        (3, 2, 3, 2, 3, "2024-03-05", "2024-03-09", 400),
        (4, 3, 1, 1, 2, "2026-10-30", None, 2500),
        (5, 3, 2, 2, 1, "2026-11-02", None, 300),
    ],
    "receipts": [(1, 1, "2025-02-01", 850), (2, 2, "2025-05-01", 1400), (3, 3, "2025-01-20", 400)],
}


def ask(question: str) -> list[Reading]:
    """What the grammar alone makes of a question to the clinic."""
    return spoken_readings(analyze(Context(question, CLINIC, values_of_the_clinic(), TODAY)))


def rows_of(reading: Reading) -> list[tuple[Any, ...]]:
    """What a reading brings back from the clinic's rows."""
    with sqlite3.connect(":memory:") as connection:
        for table in CLINIC:
            connection.execute(f"CREATE TABLE {table.name} ({', '.join(column.name for column in table.columns)})")
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", ROWS[table.name])
        return connection.execute(reading.tree.sql(dialect="sqlite")).fetchall()


def values_of_the_clinic() -> MemoryValueIndex:
    """Every text that stands in the rows."""
    return MemoryValueIndex(
        (table.name, column.name, str(row[place]))
        for table in CLINIC
        for place, column in enumerate(table.columns)
        if column.type is TEXT
        for row in ROWS[table.name]
        if row[place]
    )


def labels(readings: Sequence[Reading]) -> list[str]:
    """What the readings' choices are called."""
    return [choice.label for reading in readings for choice in reading.choices]
