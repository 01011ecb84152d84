"""Placeholders hide values and give them back: the same for the same value, never into the text of SQL."""

import pytest
from sqlglot import parse_one

from apps.llm.personal_data import Found, Hidden
from apps.llm.pseudonyms import Pseudonyms, UnknownPlaceholder


def berlin(text: str) -> list[Found]:
    start = text.find("Berlin")
    return [Found(start, start + 6, Hidden.VALUE, "BERLIN", (("customers", "city"),))] if start >= 0 else []


def restored(names: Pseudonyms, sql: str) -> str:
    return names.restore_sql(parse_one(sql, dialect="sqlite")).sql("sqlite")


def test_the_same_value_has_the_same_placeholder_in_every_text() -> None:
    names = Pseudonyms((berlin,))
    assert names.hide_known("In Berlin, ann@acme.example.") == "In VALUE_1, EMAIL_1."
    assert names.hide_known("ANN@acme.example and ann@acme.example of Berlin") == "EMAIL_2 and EMAIL_1 of VALUE_1"
    assert names.restore("EMAIL_1 lives in VALUE_1") == "ann@acme.example lives in BERLIN"
    assert names.restore("VALUE_1", as_said=True) == "Berlin"


def test_a_value_that_is_hidden_once_is_hidden_wherever_it_stands() -> None:
    names = Pseudonyms()
    names.hide("New York")
    assert names.hide_known("new  york or New Yorkers, new-york!") == "VALUE_1 or New Yorkers, VALUE_1!"


def test_what_looks_like_a_placeholder_is_hidden_itself() -> None:
    names = Pseudonyms((berlin,))
    told = names.hide_known("VALUE_1 and value_12x of Berlin")
    assert told == "VALUE_1 and VALUE_2 of VALUE_3"
    assert names.restore(told) == "VALUE_1 and value_12x of BERLIN"
    assert restored(names, "SELECT 'VALUE_1', 'VALUE_3'") == "SELECT 'VALUE_1', 'BERLIN'"


def test_what_is_restored_is_not_read_again() -> None:
    names = Pseudonyms()
    names.hide("VALUE_2")
    names.hide("secret")
    assert names.restore("VALUE_1") == "VALUE_2"
    assert restored(names, "SELECT 'VALUE_1'") == "SELECT 'VALUE_2'"


def test_names_of_the_schema_are_no_placeholders() -> None:
    names = Pseudonyms(taken=frozenset({"value_1"}))
    assert names.hide("x1") == "VALUE_2"
    assert names.hide_known("sum of VALUE_1") == "sum of VALUE_1"
    assert names.unknown_in("VALUE_1 of VALUE_3") == ["VALUE_3"]
    assert restored(names, "SELECT VALUE_1 FROM t WHERE a = 'VALUE_2'") == "SELECT VALUE_1 FROM t WHERE a = 'x1'"


SQL = {
    "SELECT 1 FROM c WHERE city = 'VALUE_1'": "SELECT 1 FROM c WHERE city = 'O''Neil; --'",
    "SELECT 1 FROM c WHERE city LIKE '%VALUE_1%'": "SELECT 1 FROM c WHERE city LIKE '%O''Neil; --%'",
    "SELECT 1 FROM c WHERE LOWER(city) = 'value_1'": "SELECT 1 FROM c WHERE LOWER(city) = 'o''neil; --'",
    "SELECT 1 FROM c WHERE UPPER(city) IN ('VALUE_1')": "SELECT 1 FROM c WHERE UPPER(city) IN ('O''NEIL; --')",
    "SELECT 1 FROM c WHERE city = VALUE_1": "SELECT 1 FROM c WHERE city = 'O''Neil; --'",
    'SELECT 1 FROM c WHERE city = "VALUE_1"': "SELECT 1 FROM c WHERE city = 'O''Neil; --'",
    "SELECT 1 FROM c WHERE n > 'NUMBER_1'": "SELECT 1 FROM c WHERE n > 4711",
    "SELECT 1 FROM c WHERE n > NUMBER_1": "SELECT 1 FROM c WHERE n > 4711",
    "SELECT 'VALUE_10'": "SELECT 'ten'",
    "SELECT a AS name_1 FROM c ORDER BY name_1": "SELECT a AS name_1 FROM c ORDER BY name_1",
}


@pytest.fixture
def known() -> Pseudonyms:
    names = Pseudonyms()
    for value in ("O'Neil; --", *map(str, range(8)), "ten"):
        names.hide(value)
    assert names.hide("ten") == "VALUE_10"
    names.hide("4711", Hidden.NUMBER)
    return names


@pytest.mark.parametrize(("told", "runs"), SQL.items())
def test_values_come_back_as_literals(told: str, runs: str, known: Pseudonyms) -> None:
    assert restored(known, told) == runs


@pytest.mark.parametrize("sql", ["SELECT 'VALUE_99'", "SELECT '%VALUE_99'", "SELECT 'VALUE_1s'", "SELECT 'EMAIL_1'",
                                 'SELECT 1 AS "VALUE_1"', "SELECT VALUE_1.a FROM c AS VALUE_1"])  # fmt: skip
def test_a_placeholder_that_was_not_given_or_stands_elsewhere_is_never_run(sql: str, known: Pseudonyms) -> None:
    with pytest.raises(UnknownPlaceholder):
        restored(known, sql)


def test_a_sentence_with_a_placeholder_that_was_not_given_is_left_out(known: Pseudonyms) -> None:
    said = "Orders of VALUE_10. Beside VALUE_77 nobody. All years!"
    assert known.restore_sentences(said) == "Orders of ten. All years!"
    assert known.restore_sentences("Only VALUE_77") == ""


@pytest.mark.parametrize(
    ("dialect", "text"),
    [("postgres", "$$VALUE_1$$"), ("postgres", "E'VALUE_1'"), ("bigquery", "r'VALUE_1'"), ("bigquery", "b'VALUE_1'"),
     ("bigquery", "@VALUE_1"), ("postgres", "data -> 'VALUE_1'"), ("snowflake", "data:VALUE_1")],
)  # fmt: skip
def test_a_placeholder_in_other_text_than_plain_strings_never_runs(dialect: str, text: str) -> None:
    names = Pseudonyms()
    names.hide("Berlin")
    with pytest.raises(UnknownPlaceholder):
        names.restore_sql(parse_one(f"SELECT {text} FROM t", dialect=dialect))


def test_a_national_string_gets_its_value_and_stays_national() -> None:
    names = Pseudonyms()
    names.hide("Łódź")
    tree = parse_one("SELECT 1 FROM t WHERE city = N'VALUE_1'", dialect="tsql")
    assert names.restore_sql(tree).sql("tsql") == "SELECT 1 FROM t WHERE city = N'Łódź'"
    with pytest.raises(UnknownPlaceholder):
        names.restore_sql(parse_one("SELECT N'VALUE_9'", dialect="tsql"))
