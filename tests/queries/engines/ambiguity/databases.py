"""A small database of the tests, asked in memory."""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache

from apps.clarification.readings import Reading
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin.ambiguity import readings_of_meanings
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.evaluation.headers import TODAY
from apps.queries.evaluation.sqlite_file import read_schema, read_values

GYMS = """
CREATE TABLE gym (id INTEGER PRIMARY KEY, name TEXT, city TEXT, street TEXT);
CREATE TABLE activity (id INTEGER PRIMARY KEY, title TEXT, level TEXT);
CREATE TABLE gym_activity (gym_id INTEGER REFERENCES gym(id), activity_id INTEGER REFERENCES activity(id));
CREATE TABLE coach (id INTEGER PRIMARY KEY, name TEXT, job TEXT, contract TEXT, certified TEXT, day_fee REAL,
                    hour_fee REAL, gym_id INTEGER REFERENCES gym(id));
INSERT INTO gym VALUES (1, 'North', 'Bonn', 'Elm Row'), (2, 'South', 'Trier', 'Oak Row');
INSERT INTO activity VALUES (1, 'Yoga', 'easy'), (2, 'Boxing', 'hard'), (3, 'Rowing', 'easy');
INSERT INTO gym_activity VALUES (1, 1), (1, 2), (2, 1), (2, 3);
INSERT INTO coach VALUES (1, 'Ada', 'trainer', 'yearly', 'yes', 300, 40, 1), (2, 'Ben', 'masseur', 'yearly', 'no', 250,
    35, 1), (3, 'Cleo', 'trainer', 'daily', 'no', 280, 38, 2), (4, 'Dan', 'masseur', 'daily', 'yes', 200, 30, 2);
"""


@lru_cache(maxsize=1)
def gyms() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(GYMS)
    return connection


def meanings(question: str) -> Sequence[Reading]:
    """The readings of what is ambiguous in a question about gyms, or of what it states outright."""
    schema = read_schema(gyms())
    values = MemoryValueIndex(read_values(gyms(), schema))
    return readings_of_meanings(analyze(Context(question, schema, values, TODAY)))


def rows(reading: Reading) -> list[tuple[object, ...]]:
    """What a reading brings, in the order of the rows' text."""
    return sorted(gyms().execute(reading.tree.sql(dialect="sqlite")).fetchall(), key=repr)


def labels(question: str) -> list[str]:
    """The options that the question leaves open."""
    return [choice.label for reading in meanings(question) for choice in reading.choices]
