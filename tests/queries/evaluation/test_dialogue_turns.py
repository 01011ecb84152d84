"""Turns of dialogues in a benchmark folder: leaning on known SQL, sorted by what is done with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.datasources.sample import write_sqlite
from apps.queries.engines.builtin import THRESHOLD, propose_readings
from apps.queries.evaluation.folder import open_folder
from apps.queries.evaluation.outcome import Outcome, Status
from apps.queries.evaluation.runner import Evaluator
from apps.queries.evaluation.summary import summarize

SPAIN = {
    "question": "How many customers live in Spain?",
    "sql": "SELECT count(*) FROM customers T1 WHERE T1.country = 'Spain'",
}
ROWS: list[dict[str, Any]] = [
    {"question": "and in Italy?", "history": [SPAIN], "question_type": "answerable",
     "gold_sql": "SELECT count(*) FROM customers WHERE country = 'Italy'"},
    {"question": "which ones are they?", "history": [SPAIN, {"question": "Thanks!", "sql": None}, "Hello"],
     "question_type": "answerable", "gold_sql": "SELECT name FROM customers WHERE country = 'Spain'"},
    {"question": "Thank you!", "history": [SPAIN], "question_type": "improper"},
    {"question": "What do the neighbours think about the moon?", "history": [SPAIN], "question_type": "unanswerable"},
    {"question": "What was our revenue in 2025?", "history": [SPAIN], "question_type": "ambiguous"},
    {"question": "why is the sky blue", "tables": {"sky": ["colour"]}, "question_type": "small talk"},
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    folder: Path = tmp_path_factory.mktemp("dialogues")
    place = folder / "databases" / "sample"
    place.mkdir(parents=True)
    write_sqlite(place / "sample.sqlite")
    lines = [json.dumps({"id": number, "db_id": "sample", **row}) for number, row in enumerate(ROWS)]
    (folder / "questions.jsonl").write_text("\n".join(lines))
    opened = open_folder(folder)
    evaluator = Evaluator(opened, lambda context, _: propose_readings(context), THRESHOLD)
    return list(evaluator.outcomes(list(opened.examples())))


def test_turns_lean_on_the_sql_that_is_given(outcomes: list[Outcome]) -> None:
    assert [one.correct for one in outcomes[:2]] == [True, True]
    assert [one.status for one in outcomes[:2]] == [Status.ANSWERED, Status.ANSWERED]


def test_what_is_done_with_a_turn_says_what_it_was_taken_for(outcomes: list[Outcome]) -> None:
    assert [one.kind for one in outcomes[:3]] == ["answerable", "answerable", "small_talk"]
    assert outcomes[4].kind == "ambiguous"
    assert outcomes[4].status is not Status.ANSWERED  # a question of its own has nothing to do with Spain
    assert [one.expected_kind for one in outcomes] == [
        "answerable", "answerable", "small_talk", "not_in_data", "ambiguous", "small_talk",
    ]  # fmt: skip
    assert outcomes[3].status is Status.DECLINED
    assert outcomes[3].kind in ("not_in_data", "small_talk")


def test_answers_are_counted_beside_kinds(outcomes: list[Outcome]) -> None:
    figures = summarize(outcomes)
    assert (figures["ex"], figures["n"]) == (1, len(ROWS))
    assert isinstance(figures["triage_f1"], float)
