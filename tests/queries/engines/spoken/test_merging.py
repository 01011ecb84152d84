"""Which readings lead where the grammar and the learned engine both have some."""

from dataclasses import replace

import pytest
import sqlglot

from apps.clarification.readings import Reading
from apps.queries.context import Context
from apps.queries.engines.builtin.analysis import Analysis, analyze
from apps.queries.engines.builtin.spoken.merging import merged
from tests.queries.engines.spoken.clinic import CLINIC, TODAY, values_of_the_clinic


def reading(sql: str, score: float) -> Reading:
    return Reading(sqlglot.parse_one(sql), score)


def analysis_of(question: str) -> Analysis:
    return analyze(Context(question, CLINIC, values_of_the_clinic(), TODAY))


def test_the_grammar_leads_and_learned_readings_are_no_rivals() -> None:
    spoken, learned = reading("SELECT 1", 0.46), reading("SELECT 2", 0.9)
    found = merged([spoken], [learned], analysis_of("How many visits?"), 6)
    assert [one.tree.sql() for one in found] == ["SELECT 1", "SELECT 2"]
    assert found[1].score < 0.4 * found[0].score


def test_the_same_sql_comes_once() -> None:
    spoken = reading("SELECT 1", 0.9)
    assert merged([spoken], [replace(spoken, score=0.7)], analysis_of("How many visits?"), 6) == [spoken]


def test_without_the_grammar_learned_readings_stay_as_they_are() -> None:
    learned = [reading("SELECT 2", 0.9)]
    assert merged([], learned, analysis_of("Which doctors earn most?"), 6) == learned


@pytest.mark.parametrize("question", ["How many unsettled receipts are there?", "Who is our best-paid doctor?"])
def test_a_word_that_turns_a_known_one_round_leaves_doubt(question: str) -> None:
    (doubted,) = merged([], [reading("SELECT 2", 0.9)], analysis_of(question), 6)
    assert doubted.score == pytest.approx(0.54)
