"""Whether to answer, ask or decline, on readings made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import parse_one

from apps.clarification.choosing import Ask, Chosen, Decline, Policy, Probed, Problem, choose_reading, narrow
from apps.clarification.readings import Choice, ChoiceField, Reading
from apps.datasources.guard import check_sql
from apps.datasources.results import ResultColumn, ResultSet
from apps.datasources.schema import ColumnType

POLICY = Policy(threshold=0.6)


def probed(
    score: float,
    rows: Sequence[tuple[Any, ...]] | None,
    label: str = "",
    explanation: str = "",
    problem: Problem = Problem.BROKEN,
    **fields: Any,
) -> Probed:
    choices = (Choice(ChoiceField.METRIC, "revenue", label, f"sum of {label}"),) if label else ()
    reading = Reading(parse_one("SELECT 1"), score, choices=choices, explanation=explanation, **fields)
    safe_sql = check_sql("SELECT 1", dialect="sqlite")
    return Probed(reading, safe_sql, problem=problem) if rows is None else Probed(reading, safe_sql, result(rows))


def result(rows: Sequence[tuple[Any, ...]]) -> ResultSet:
    columns = tuple(ResultColumn(f"c{at}", ColumnType.INTEGER) for at in range(len(rows[0]) if rows else 1))
    return ResultSet(columns, tuple(rows), truncated=False, duration_ms=1)


def test_one_sure_reading_is_answered() -> None:
    choice = choose_reading([probed(0.9, [(1,)])], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == 0.9


def test_readings_with_the_same_rows_are_one_answer() -> None:
    choice = choose_reading([probed(0.65, [(1,), (2,)], "A"), probed(0.6, [(2,), (1,)], "B")], POLICY)
    assert isinstance(choice, Chosen)


def test_a_reading_with_more_columns_of_the_same_rows_is_no_rival() -> None:
    choice = choose_reading([probed(0.65, [(1,), (2,)], "A"), probed(0.6, [(1, 7), (2, 8)], "B")], POLICY)
    assert isinstance(choice, Chosen)


def test_readings_with_other_rows_are_asked_about_with_previews() -> None:
    ask = choose_reading([probed(0.45, [(1204,)], "Invoiced"), probed(0.4, [(999,)], "Received")], POLICY)
    assert isinstance(ask, Ask)
    assert ask.question == "Which revenue do you mean?"
    assert [option.label for option in ask.options] == ["Invoiced", "Received"]
    assert ask.options[0].preview is not None
    assert ask.options[0].preview.rows == (("1,204",),)


def test_meanings_of_the_same_words_with_the_same_rows_add_up() -> None:
    meanings = [probed(score, [(7,)], label, is_shared=True) for score, label in ((0.31, "A"), (0.3, "B"), (0.29, "C"))]
    choice = choose_reading(meanings, POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == pytest.approx(0.9)


def test_of_three_meanings_two_alike_one_question_is_left() -> None:
    rows = {"A": 7, "B": 8, "C": 7}
    meanings = [probed(0.31 - place / 100, [(rows[label],)], label, is_shared=True) for place, label in enumerate(rows)]
    ask = choose_reading(meanings, POLICY)
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["A", "B"]


def test_equal_rows_make_no_guess_surer() -> None:
    guesses = [probed(0.4, [], "A"), probed(0.4, [], "B")]
    assert isinstance(choose_reading(guesses, POLICY), Decline)


def test_a_far_less_plausible_reading_is_not_asked_about() -> None:
    choice = choose_reading([probed(0.8, [(1,)], "A"), probed(0.1, [(2,)], "B")], POLICY)
    assert isinstance(choice, Chosen)


def test_where_asking_is_off_the_default_is_taken_and_stated() -> None:
    rivals = [probed(0.45, [(1,)], "Invoiced"), probed(0.4, [(2,)], "Received")]
    choice = choose_reading(rivals, Policy(threshold=0.6, may_ask=False))
    assert isinstance(choice, Chosen)
    assert choice.assumptions == ("“revenue” is taken as “Invoiced”: sum of Invoiced.",)


def test_what_was_answered_is_not_asked_again_and_is_stated() -> None:
    point = (ChoiceField.METRIC, "revenue")
    rivals = [probed(0.45, [(1,)], "Invoiced"), probed(0.4, [(2,)], "Received")]
    [kept] = narrow([one.reading for one in rivals], {point: "Received"})
    chosen = Probed(kept, rivals[1].safe_sql, rivals[1].result)
    choice = choose_reading([chosen], Policy(threshold=0.9, settled={point: "Received"}))
    assert isinstance(choice, Chosen)
    assert choice.assumptions == ("You chose “Received” for “revenue”: sum of Received.",)


def test_guesses_are_not_offered_as_options() -> None:
    guesses = [probed(0.16, [(n,)], explanation=f"guess {n}") for n in range(5)]
    assert isinstance(choose_reading(guesses, POLICY), Decline)


def test_two_good_whole_readings_are_offered_where_no_point_tells_them_apart() -> None:
    ask = choose_reading([probed(0.45, [(1,)], explanation="this"), probed(0.4, [(2,)], explanation="that")], POLICY)
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["this", "that"]


def test_a_decline_names_the_words_that_were_not_understood() -> None:
    decline = choose_reading([probed(0.2, [(1,)], unexplained=("anthem",))], POLICY)
    assert isinstance(decline, Decline)
    assert "anthem" in decline.reason


def test_a_reading_that_cannot_run_is_no_rival() -> None:
    choice = choose_reading([probed(0.7, [(1,)], "A"), probed(0.7, None, "B")], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.assumptions == ()


@pytest.mark.parametrize("places", [(0, 1), (1, 0)], ids=["the best is unseen", "a rival is unseen"])
def test_where_a_look_took_too_long_nobody_is_asked_and_the_answer_says_so(places: tuple[int, int]) -> None:
    pair = [(None, "A"), ([(1,)], "B")]
    readings = [
        probed(score, pair[place][0], pair[place][1], problem=Problem.UNSEEN)
        for score, place in zip((0.45, 0.4), places, strict=True)
    ]
    choice = choose_reading(readings, POLICY)
    assert isinstance(choice, Chosen)
    assert choice.probed is readings[0]
    assert any("could be compared in time" in one for one in choice.assumptions)


def test_those_that_could_be_seen_are_asked_about_without_the_unseen() -> None:
    seen = [probed(0.3, [(1,)], "A"), probed(0.28, [(2,)], "B")]
    ask = choose_reading([*seen, probed(0.25, None, "C", problem=Problem.UNSEEN)], POLICY)
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["A", "B"]


def test_whole_readings_taken_without_asking_are_stated() -> None:
    rivals = [probed(0.45, [(1,)], explanation="this"), probed(0.4, [(2,)], explanation="that")]
    choice = choose_reading(rivals, Policy(threshold=0.6, may_ask=False))
    assert isinstance(choice, Chosen)
    assert choice.assumptions == ("The question can be read in 2 ways; the likeliest is taken: this.",)


def test_what_was_chosen_before_decides_which_of_two_questions_tells_more() -> None:
    """Both points split the readings evenly; where one answer is all but certain, asking tells nothing."""
    first, second = (ChoiceField.METRIC, "revenue"), (ChoiceField.DIMENSION, "region")
    readings = [
        replace(
            probed(0.25, [(place,)]),
            reading=Reading(
                parse_one("SELECT 1"), 0.25,
                choices=(Choice(*first, one, one), Choice(*second, other, other)),
            ),
        )
        for place, (one, other) in enumerate([("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y")])
    ]  # fmt: skip
    for often, asked in ((first, second), (second, first)):
        habits = {often: {"A": 9.0, "X": 9.0}}
        ask = choose_reading(readings, Policy(threshold=0.6, habits=habits))
        assert isinstance(ask, Ask)
        assert (ask.field, ask.phrase) == asked


def test_habits_order_options_but_never_change_the_default() -> None:
    readings = [probed(0.3 - place / 100, [(place,)], label) for place, label in enumerate("ABC")]
    point = (ChoiceField.METRIC, "revenue")
    ask = choose_reading(readings, Policy(threshold=0.6, habits={point: {"C": 5.0}}))
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["A", "C", "B"]


@pytest.mark.parametrize("rows", [[(1.0,)], [(1,)], [(True,)]])
def test_no_readings_and_single_readings_do_not_fail(rows: list[tuple[Any, ...]]) -> None:
    assert isinstance(choose_reading([], POLICY), Decline)
    assert isinstance(choose_reading([probed(1.0, rows)], POLICY), Chosen)


def test_a_second_opinion_with_the_same_rows_changes_nothing() -> None:
    choice = choose_reading([probed(0.9, [(1,)]), probed(0.8, [(1,)], second_opinion=True)], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == 0.9


def test_a_sure_second_opinion_with_other_rows_is_asked_about() -> None:
    first = probed(0.9, [(1,)], explanation="number of orders")
    ask = choose_reading([first, probed(0.8, [(2,)], explanation="number of customers", second_opinion=True)], POLICY)
    assert isinstance(ask, Ask)
    assert [option.label for option in ask.options] == ["number of orders", "number of customers"]


def test_against_a_second_opinion_that_is_no_good_option_nothing_is_sure_enough() -> None:
    first = probed(0.9, [(1,)], explanation="number of orders")
    against = probed(0.65, [(2,)], explanation="number of customers", second_opinion=True)
    assert isinstance(choose_reading([first, against], POLICY), Decline)


def test_a_second_opinion_that_failed_to_run_says_nothing() -> None:
    choice = choose_reading([probed(0.9, [(1,)]), probed(0.8, None, second_opinion=True)], POLICY)
    assert isinstance(choice, Chosen)
    assert choice.confidence == 0.9
