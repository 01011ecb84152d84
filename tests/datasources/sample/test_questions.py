import psycopg
import pytest

from apps.clarification.readings import ChoiceField
from tests.datasources.sample.questions import (
    Question,
    ambiguous_questions,
    clear_questions,
    comparable,
    read_questions,
    readings_sql,
)


def by_id(question: Question) -> str:
    return str(question["id"])


def test_there_are_enough_questions_and_each_has_its_own_id() -> None:
    assert len(clear_questions()) >= 30
    assert len(ambiguous_questions()) >= 20
    assert len({question["id"] for question in read_questions()}) == len(read_questions())


@pytest.mark.parametrize("question", clear_questions(), ids=by_id)
def test_a_clear_question_has_the_answer_that_two_ways_of_asking_give(
    question: Question, reader: psycopg.Connection
) -> None:
    ordered = question.get("ordered", False)
    expected = comparable(question["expected"], ordered=ordered)
    assert expected
    for sql in (question["gold_sql"], question["check_sql"]):
        assert comparable(reader.execute(sql).fetchall(), ordered=ordered) == expected, sql


@pytest.mark.parametrize("question", ambiguous_questions(), ids=by_id)
def test_the_readings_of_an_ambiguous_question_give_different_answers(
    question: Question, reader: psycopg.Connection
) -> None:
    results = [comparable(reader.execute(sql).fetchall(), ordered=False) for sql in readings_sql(question)]
    assert results == [comparable(rows, ordered=False) for rows in question["expected"]]
    assert len({tuple(rows) for rows in results}) == len(results) == len(question["labels"]) > 1


@pytest.mark.parametrize("question", ambiguous_questions(), ids=by_id)
def test_an_ambiguous_question_names_the_words_that_are_open(question: Question) -> None:
    assert question["phrase"] in question["question"]
    assert question["field"] in [field.value for field in ChoiceField]
