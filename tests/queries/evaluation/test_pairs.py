"""The evaluator says of each pair of results what was worked out by hand: pairs.toml."""

import datetime as dt
import sqlite3
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.queries.evaluation.compare import Row, compare, matches_as_published
from apps.queries.evaluation.judging import compare_with_known
from apps.queries.evaluation.ordering import is_ordered
from apps.queries.evaluation.sources import SqliteSource

CASES = tomllib.loads((Path(__file__).parent / "pairs.toml").read_text(encoding="utf-8"))
TYPES: dict[str, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat, "datetime": dt.datetime.fromisoformat, "decimal": Decimal, "float": float,
    "null": lambda text: None,
}  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> SqliteSource:
    file = tmp_path_factory.mktemp("pairs") / "people.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(CASES["setup"])
    connection.close()
    return SqliteSource(file)


def titles(pairs: list[dict[str, Any]]) -> list[str]:
    return [pair["title"] for pair in pairs]


@pytest.mark.parametrize("pair", CASES["sql"], ids=titles(CASES["sql"]))
def test_two_sql_texts_compare_as_by_hand(people: SqliteSource, pair: dict[str, Any]) -> None:
    rows, gold = people.rows(pair["predicted"]), people.rows(pair["gold"])
    found = compare_with_known(rows, gold, pair["gold"], people)
    reason = pair.get("reason", "")
    assert (found.reason, found.same, found.by_ties) == (reason, not reason, pair.get("by_ties", False))
    assert matches_as_published(rows, gold, pair["gold"]) is pair.get("published", not reason)


@pytest.mark.parametrize("pair", CASES["values"], ids=titles(CASES["values"]))
def test_two_results_compare_as_by_hand(pair: dict[str, Any]) -> None:
    rows, gold = typed(pair["predicted"]), typed(pair["gold"])
    found = compare(rows, gold, ordered=False)
    reason = pair.get("reason", "")
    assert (found.reason, found.same) == (reason, not reason)
    assert matches_as_published(rows, gold, "SELECT") is pair.get("published", not reason)


@pytest.mark.parametrize("pair", CASES["sql"], ids=titles(CASES["sql"]))
def test_agreeing_does_not_depend_on_who_is_asked_about_whom(people: SqliteSource, pair: dict[str, Any]) -> None:
    """Without an order to keep, two results agree or do not, whichever of them is the known one."""
    rows, gold = people.rows(pair["predicted"]), people.rows(pair["gold"])
    if not is_ordered(pair["gold"]):
        assert compare(rows, gold, ordered=False).same is compare(gold, rows, ordered=False).same


def test_there_are_many_pairs_and_none_twice() -> None:
    every = titles(CASES["sql"]) + titles(CASES["values"])
    assert len(every) == len(set(every)) >= 60


def typed(rows: list[list[Any]]) -> list[Row]:
    return [tuple(value_of(one) for one in row) for row in rows]


def value_of(given: Any) -> Any:
    if not isinstance(given, str) or given.partition(":")[0] not in TYPES:
        return given
    kind, _, text = given.partition(":")
    return TYPES[kind](text)
