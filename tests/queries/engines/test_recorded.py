"""What a summary records beside what can be computed: a choice of calculation, and how plans are made comparable."""

import datetime as dt

import pytest

from apps.clarification.readings import ChoiceField, Reading
from apps.datasources.schema import Column, ColumnType, ForeignKey, Schema, Table
from apps.knowledge.catalog import catalog_of
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context
from apps.queries.engines.builtin import propose_readings
from apps.queries.engines.builtin.gold import read_plan
from apps.queries.engines.builtin.membership import without_exists
from apps.queries.engines.builtin.pruning import pruned
from apps.queries.evaluation.edited import says_the_same

TEXT, INTEGER, DECIMAL = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL
REGIONS = Table("region", (Column("region_id", INTEGER), Column("name", TEXT)), primary_key=("region_id",))
SCHOOLS = Table(
    "school",
    (Column("school_id", INTEGER), Column("region_id", INTEGER), Column("county", TEXT), Column("enrollment", INTEGER),
     Column("budget", DECIMAL)),
    primary_key=("school_id",),
    foreign_keys=(ForeignKey(("region_id",), "region", ("region_id",)),),
)  # fmt: skip
SUMMARY = Table(
    "school_enrollment",
    (Column("county", TEXT), Column("total_enrollment", INTEGER), Column("avg_enrollment", DECIMAL),
     Column("max_enrollment", INTEGER), Column("budget", DECIMAL)),
)  # fmt: skip
NO_VALUES = MemoryValueIndex([("school", "county", "Kent")])


def schools(dialect: str = "sqlite", *, summed: bool = True) -> Schema:
    return Schema(dialect, (REGIONS, SCHOOLS, *((SUMMARY,) if summed else ())))


def ask(question: str, schema: Schema) -> list[Reading]:
    return propose_readings(Context(question, schema, NO_VALUES, dt.date(2026, 1, 15)))


def calculations(readings: list[Reading]) -> dict[str, str]:
    """The SQL of each way to calculate."""
    choices = [(choice, one) for one in readings for choice in one.choices]
    return {choice.label: one.tree.sql("sqlite") for choice, one in choices if choice.field is ChoiceField.CALCULATION}


def test_what_is_recorded_is_offered_beside_what_is_computed() -> None:
    readings = ask("What is the average enrollment of schools?", schools())
    found = calculations(readings)
    assert list(found) == ["Computed", "As recorded"]
    assert found["As recorded"] == "SELECT avg_enrollment FROM school_enrollment"
    assert "FROM school" in found["Computed"]
    assert "AVG(enrollment)" in found["Computed"]
    assert readings[0].choices[0].meaning.endswith("from school")


def test_the_words_of_the_person_stand_at_the_point() -> None:
    first, second, *_ = ask("What is the average enrollment of schools?", schools())
    assert first.choices[0].point == second.choices[0].point


def test_without_a_summary_nothing_is_asked() -> None:
    assert calculations(ask("What is the average enrollment of schools?", schools(summed=False))) == {}


def test_what_the_summary_does_not_hold_is_only_computed() -> None:
    assert calculations(ask("What is the average budget of schools?", schools())) == {}


def test_a_summary_takes_no_words_from_what_it_sums_up() -> None:
    with_it = ask("How many schools are there in Kent?", schools())
    without = ask("How many schools are there in Kent?", schools(summed=False))
    assert [one.tree.sql() for one in with_it] == [one.tree.sql() for one in without]


@pytest.mark.parametrize(("dialect", "grouped"), [("sqlite", True), ("postgres", False)])
def test_a_recorded_number_is_grouped_only_where_the_dialect_takes_that(dialect: str, grouped: bool) -> None:
    found = calculations(ask("What is the total enrollment of schools for each county?", schools(dialect)))
    assert ("GROUP BY" in found["As recorded"]) is grouped


def test_a_column_that_confirms_a_reading_makes_it_surer() -> None:
    with_it = ask("What is the average enrollment of schools?", schools())
    without = ask("What is the average enrollment of schools?", schools(summed=False))
    pair = [one for one in with_it if any(choice.field is ChoiceField.CALCULATION for choice in one.choices)]
    assert without[0].score < sum(one.score for one in pair) < 1


JOINED = "SELECT AVG(school.enrollment) FROM school JOIN region ON school.region_id = region.region_id"
NEEDED = [
    f"{JOINED} WHERE region.name = 'North'",
    "SELECT region.name FROM region JOIN school ON school.region_id = region.region_id",
]


def test_a_table_that_is_only_joined_in_is_left_out_of_a_plan() -> None:
    catalog = catalog_of(schools())
    assert pruned(read_plan(JOINED, catalog), catalog).all_tables() == ("school",)


@pytest.mark.parametrize("sql", NEEDED)
def test_a_table_that_something_is_asked_of_stays(sql: str) -> None:
    catalog = catalog_of(schools())
    assert set(pruned(read_plan(sql, catalog), catalog).all_tables()) == {"school", "region"}


def test_rows_of_the_other_side_are_not_left_out() -> None:
    catalog = catalog_of(schools())
    plan = read_plan("SELECT COUNT(*) FROM region JOIN school ON school.region_id = region.region_id", catalog)
    assert "school" in pruned(plan, catalog).all_tables()  # a region comes once for each of its schools


def test_a_correlated_exists_reads_as_a_membership() -> None:
    sql = "SELECT name FROM region WHERE NOT EXISTS(SELECT 1 FROM school WHERE school.region_id = region.region_id)"
    wanted = "SELECT name FROM region WHERE NOT region.region_id IN (SELECT school.region_id FROM school)"
    assert without_exists(sql, "sqlite") == wanted


@pytest.mark.parametrize("sql", ["SELECT 1 WHERE EXISTS(SELECT 1 FROM school)", "SELECT (", "SELECT name FROM region"])
def test_what_is_no_correlated_exists_stays(sql: str) -> None:
    assert without_exists(sql, "sqlite") == sql


EITHER = "SELECT county FROM school WHERE county = 'A' OR county = 'B'"
SAME = [
    ("SELECT county FROM school WHERE county IN ('A', 'B')", EITHER),
    ("SELECT county, COUNT(*) FROM school GROUP BY county ORDER BY COUNT(*) DESC",
     "SELECT COUNT(*), county FROM school GROUP BY county"),
    (JOINED, "SELECT AVG(enrollment) FROM school"),
]  # fmt: skip
OTHER = [
    ("SELECT county FROM school WHERE county = 'A' AND budget = 1", EITHER.replace("county = 'B'", "budget = 1")),
    ("SELECT county FROM school", "SELECT county FROM school ORDER BY county"),
    ("SELECT county FROM school ORDER BY county LIMIT 1", "SELECT county FROM school LIMIT 1"),
    ("SELECT county FROM school WHERE county IN ('A', 'C')", EITHER),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "known"), SAME)
def test_plans_that_ask_the_same_are_the_same(sql: str, known: str) -> None:
    assert says_the_same(sql, known, schools())


@pytest.mark.parametrize(("sql", "known"), OTHER)
def test_plans_that_ask_something_else_are_not(sql: str, known: str) -> None:
    assert not says_the_same(sql, known, schools())
