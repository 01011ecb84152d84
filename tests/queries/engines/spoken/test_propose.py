"""The grammar on a clinic: nothing in it may know the sample."""

from typing import Any

import pytest

from tests.queries.engines.spoken.clinic import ask, labels, rows_of

ANSWERED: dict[str, list[tuple[Any, ...]]] = {
    "How many patients are there?": [(4,)],
    "How many patients live in Leicester?": [(2,)],
    "How many patients live in Leicesster?": [(2,)],
    "Which patients have no phone?": [("Eli Novak",), ("Finn Abara",)],
    "What is the phone of Dana Frost?": [("555",)],
    "How many visits are under way?": [(3,)],
    "How many visits except in Surgery?": [(2,)],
    "How many patients are in York or Hull?": [(2,)],
    "How many visits were admitted in 2025?": [(2,)],
    "How many visits were admitted last month?": [(1,)],
    "How many patients were born before 1990?": [(2,)],
    "What is the average salary of the junior doctors?": [(60000.0,)],
    "Which doctors have not retired?": [("Ada Quill",), ("Ben Okoro",)],
    "Who is the supervisor of Ben Okoro?": [("Ada Quill",)],
    "Which doctor has the highest salary?": [("Ada Quill",)],
    "Which doctors have a salary above 70000?": [("Ada Quill",), ("Cleo Marsh",)],
    "Which ward had the most visits in 2025?": [("Surgery",)],
    "Top 2 doctors by number of visits": [("Ada Quill", 2), ("Ben Okoro", 2)],
    "How many visits are there in each ward?": [("Maternity", 2), ("Surgery", 3)],
    "How many visits were admitted in each month of 2025?": [("2025-01", 1), ("2025-03", 1)],
    "What is the total charge by year?": [(2024, 400), (2025, 2400), (2026, 2800)],
    "How many patients had at least two visits?": [(2,)],
    "Which patients had more than one visit, and how many?": [("Dana Frost", 2), ("Finn Abara", 2)],
    "What is the average number of visits per patient?": [(5 / 3,)],
    "Which patients have never had a visit?": [("Gus Hale",)],
    "Which wards have no visits?": [("Eye Clinic",)],
    "How many patients from Leicester had a visit in 2025?": [(1,)],
    "How many visits were discharged more than 10 days after they were admitted?": [(1,)],
    "What is the total charge of visits by Ada Quill last year?": [(900,)],
}

DECLINED = (
    "How many red visits were there?",
    "How many visits were there on Mondays?",
    "How many visits lasted more than a week?",
    "Which patients are from both York and Hull?",
    "Which patients are older than their doctors?",
    "What is the average salary in dollars?",
    "List the names of patients and wards",
    "hello there",
)


@pytest.mark.parametrize(("question", "expected"), ANSWERED.items())
def test_a_question_whose_every_word_is_understood_has_one_reading(question: str, expected: list[Any]) -> None:
    (reading,) = ask(question)
    assert sorted(rows_of(reading)) == expected
    assert reading.score > 0.6
    assert reading.explanation


@pytest.mark.parametrize("question", DECLINED)
def test_a_word_that_is_not_understood_leaves_no_reading(question: str) -> None:
    assert not ask(question)


def test_a_measure_that_two_comments_name_is_an_open_point() -> None:
    readings = ask("What was our turnover in 2025?")
    assert labels(readings) == ["Billed", "Settled"]
    assert [rows_of(one) for one in readings] == [[(2400,)], [(2650,)]]
    assert {(choice.field, choice.phrase) for one in readings for choice in one.choices} == {("metric", "turnover")}
    assert readings[0].choices[0].meaning == "sum of visits.charge"


def test_a_time_without_a_verb_may_go_by_each_date() -> None:
    readings = ask("How many visits were there in March 2025?")
    assert labels(readings) == ["Admitted", "Discharged"]
    assert [rows_of(one) for one in readings] == [[(1,)], [(0,)]]


def test_a_month_without_a_year_is_the_latest_or_every_one() -> None:
    readings = ask("How many visits were admitted in March?")
    assert labels(readings) == ["March 2026", "Every March"]
    assert [rows_of(one) for one in readings] == [[(0,)], [(2,)]]


def test_what_is_taken_for_granted_is_said() -> None:
    (reading,) = ask("How many patients live in Leicesster?")
    assert "“Leicesster” means Leicester." in reading.assumptions


def test_a_bare_count_may_leave_out_those_that_are_gone() -> None:
    assert labels(ask("How many doctors do we have?")) == ["Not retired", "All on record"]
    assert [rows_of(one) for one in ask("How many doctors do we have?")] == [[(2,)], [(3,)]]


def test_equally_near_columns_of_one_name_are_an_open_point() -> None:
    readings = ask("What is the total charge by name?")
    assert labels(readings) == ["Name of the doctor", "Name of the patient", "Name of the ward"]
