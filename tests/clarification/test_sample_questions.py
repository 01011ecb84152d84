"""Forty questions of every kind on the sample: what is asked back, and whether each choice brings what it promised."""

from collections import Counter
from collections.abc import Iterator

import pytest

from apps.clarification.choosing import Ask
from apps.clarification.readings import ChoiceField
from apps.datasources.sample import LoadedSample
from apps.queries.evaluation.postgres_source import PostgresSource
from bench.asking.answers import Answers, ask
from bench.asking.questions import read_questions
from bench.asking.report import figures, table
from tests.datasources.sample.conftest import DATABASE, admin_url, loaded

__all__ = ["admin_url", "loaded"]  # the fixtures of the sample's own tests

KINDS = set(ChoiceField) - {ChoiceField.OTHER}


@pytest.fixture(scope="module")
def outcomes(admin_url: str, loaded: LoadedSample) -> Iterator[list[Answers]]:
    """Every question put once, and every choice taken."""
    assert loaded.row_count
    source = PostgresSource(admin_url, DATABASE)
    questions, today = read_questions()
    yield [ask(question, source, today) for question in questions]
    source.close()


def test_the_questions_are_of_every_kind() -> None:
    questions, _ = read_questions()
    kinds = Counter(one.field for one in questions)
    assert (len(questions), kinds[""]) == (40, 20)
    assert set(kinds) - {""} == set(map(str, KINDS))
    assert all(len(one.readings) > 1 for one in questions if one.is_ambiguous)


def test_ambiguous_questions_are_asked_about(outcomes: list[Answers]) -> None:
    silent = [one.question.text for one in outcomes if one.question.is_ambiguous and not one.is_asked]
    assert len(silent) <= 2, silent


def test_clear_questions_are_not_asked_about(outcomes: list[Answers]) -> None:
    asked = [one.question.text for one in outcomes if not one.question.is_ambiguous and one.is_asked]
    assert len(asked) <= 1, asked


def test_clear_questions_are_answered_right(outcomes: list[Answers]) -> None:
    wrong = [one.question.text for one in outcomes if not one.question.is_ambiguous and not all(one.found)]
    assert len(wrong) <= 1, wrong


def test_each_choice_brings_the_rows_that_its_preview_promised(outcomes: list[Answers]) -> None:
    asked = [one for one in outcomes if isinstance(one.choice, Ask)]
    assert {one.question.text: one.broken for one in asked if one.broken} == {}
    for one in asked:
        assert isinstance(one.choice, Ask)
        previews = [option.preview for option in one.choice.options]
        assert None not in previews
        assert len(set(previews)) > 1, one.question.text  # a choice that changes nothing is none


def test_what_a_question_may_mean_is_among_its_choices(outcomes: list[Answers]) -> None:
    missed = [one.question.text for one in outcomes if one.question.is_ambiguous and not all(one.found)]
    assert len(missed) <= 2, missed


def test_the_kind_asked_about_is_the_one_that_is_open(outcomes: list[Answers]) -> None:
    asked = [(one.question.field, str(one.choice.field)) for one in outcomes if isinstance(one.choice, Ask)]
    assert sum(meant == said for meant, said in asked) >= 18, asked


def test_the_report_tells_each_question_and_the_figures(outcomes: list[Answers]) -> None:
    lines = list(table(outcomes))
    assert len(lines) == len(outcomes) + 2
    assert "**Invoiced** (sum of invoices.amount): 2025-01-01 · 1,850,738.79 …" in lines[2]
    assert next(figures(outcomes)).startswith("- asked: ")
