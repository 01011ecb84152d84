"""What is suggested: variations of an answer, better words, first questions; each read surely before it is shown."""

import datetime as dt
import time
from pathlib import Path

import pytest
from sqlglot import exp

from apps.datasources.access import Access
from apps.datasources.schema import Schema
from apps.knowledge.catalog import catalog_of
from apps.knowledge.values import MemoryValueIndex
from apps.queries.context import Context, Turn
from apps.queries.engines.builtin import propose_readings
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.suggestions import checking
from apps.queries.suggestions.candidates import Rows, first_questions, next_questions, wordings
from apps.queries.suggestions.checking import Check, kept, sure_reading
from tests.queries.engines.spoken.office import Company

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company("sample", tmp_path_factory.mktemp("suggestions"))


def asked(sample: Company, question: str) -> Context:
    return Context(question, sample.schema, sample.values, TODAY)


def check(schema: Schema, seconds: float = 20) -> Check:
    return Check(Access(schema), None, time.monotonic() + seconds)


def after(sample: Company, question: str, rows: Rows) -> tuple[list[str], Context]:
    """The suggestions after an answer, and the context in which they hold."""
    context = asked(sample, question)
    tree = propose_readings(context)[0].tree
    assert isinstance(tree, exp.Select)
    later = Context(question, context.schema, context.values, TODAY, (Turn(question, tree.sql("sqlite")),))
    return kept(next_questions(tree, rows, catalog_of(context.schema)), later, check(context.schema)), later


AFTER = {
    "How many orders were placed in 2025?": (Rows(1), {"Compared with the year before",
                                                       "How many orders were placed in 2025 by month?"}),
    "How many customers are there in each country?": (Rows(13, "Germany"), {"Only Germany", "Top 5 only"}),
    "Which customers are from Italy?": (Rows(8, "x"), {"How many is that?", "Sort them by credit limit"}),
    "Who is the employee with the highest salary?": (Rows(1, "x"), {"The other way round"}),
}  # fmt: skip


@pytest.mark.parametrize("question", AFTER)
def test_an_answer_is_varied_in_several_ways_and_each_is_read_surely(sample: Company, question: str) -> None:
    rows, some = AFTER[question]
    found, later = after(sample, question, rows)
    assert some <= set(found)
    assert len(found) <= checking.MOST
    for suggestion in found:
        context = Context(suggestion, later.schema, later.values, TODAY, later.history)
        assert sure_reading(context, check(later.schema)) is not None


def test_first_questions_are_about_different_things(sample: Company) -> None:
    found = kept(first_questions(catalog_of(sample.schema)), asked(sample, ""), check(sample.schema))
    assert len(found) == checking.MOST
    assert len({question.split()[-1] for question in found}) > 1


@pytest.mark.parametrize(
    ("vague", "better"),
    [
        ("customers germany stuff", "How many customers are from Germany?"),
        ("tell me something about salary", "What is the average salary of employees?"),
    ],
)
def test_what_was_recognised_makes_better_wordings(sample: Company, vague: str, better: str) -> None:
    context = asked(sample, vague)
    assert better in kept(wordings(analyze(context)), context, check(sample.schema))


def test_nothing_recognised_makes_none(sample: Company) -> None:
    assert list(wordings(analyze(asked(sample, "blah blub")))) == []


def test_what_would_be_asked_about_or_is_unsure_is_not_suggested(sample: Company) -> None:
    unsure = ["What was our revenue in 2025?", "How many orders were there in 2025?", "What is the weather?", "Thanks!",
              "Delete all orders", ""]  # fmt: skip
    assert kept(unsure, asked(sample, "x"), check(sample.schema)) == []


def test_what_the_guard_refuses_is_not_suggested(sample: Company) -> None:
    hidden = Schema("sqlite", tuple(one for one in sample.schema if one.name != "customers"))
    question = "How many customers are there?"
    assert kept([question], asked(sample, "x"), check(sample.schema)) == [question]
    assert kept([question], asked(sample, "x"), check(hidden)) == []


def test_what_was_asked_already_is_not_suggested_again(sample: Company) -> None:
    question = "How many customers are there?"
    assert kept([question, question], asked(sample, "how many customers are there"), check(sample.schema)) == []


def test_no_time_suggests_nothing(sample: Company) -> None:
    assert kept(["How many customers are there?"], asked(sample, "x"), check(sample.schema, seconds=0)) == []


def test_a_schema_without_tables_has_no_questions(tmp_path: Path) -> None:
    empty = Schema("sqlite", ())
    assert list(first_questions(catalog_of(empty))) == []
    assert list(wordings(analyze(Context("orders", empty, MemoryValueIndex(()), TODAY)))) == []
