"""Office questions with words left out, doubled, moved and mixed: read without an error, and what is read runs."""

import random
import time
from pathlib import Path

import pytest

from apps.queries.context import Context, Turn
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.declining import declined
from apps.queries.engines.builtin.engine import leaning_readings
from apps.queries.engines.builtin.spoken import spoken_readings

from .office import Company, cases
from .trades import TODAY, TRADES

COUNT = 120
LONGEST_SECONDS = 2.0


def garbled(words: list[str], others: list[str], dice: random.Random) -> str:
    """A question after a few accidents."""
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(words) + 1)
        accident = dice.randrange(3)
        if accident == 0:
            words = words[:place] + words[place + 1 :]
        elif accident == 1:
            words = [*words[:place], dice.choice(others), *words[place:]]
        else:
            words = words[place:] + words[:place]
    return " ".join(words)


@pytest.mark.parametrize("trade", TRADES)
def test_garbled_questions_are_read_without_an_error_and_soon(trade: str, tmp_path: Path) -> None:
    dice, company = random.Random(trade), Company(trade, tmp_path)
    asked = [case.question for case in cases() if case.trade == trade]
    others = [word for case in cases() for word in case.question.replace("?", " ?").split()]
    earlier = None
    for _ in range(COUNT):
        question = garbled(dice.choice(asked).split(), others, dice)
        history = (Turn(dice.choice(asked), earlier.sql("sqlite")),) if dice.random() < 0.3 and earlier else ()
        started = time.thread_time()
        analysis = analyze(Context(question, company.schema, company.values, TODAY, history))
        readings = leaning_readings(analysis.context) or spoken_readings(analysis)
        earlier = readings[0].tree if readings else earlier
        assert declined(analysis.context, why="it is not sure.")
        assert time.thread_time() - started < LONGEST_SECONDS, question
        for reading in readings:
            company.connection.execute(reading.tree.sql("sqlite")).fetchmany(5)


def test_a_count_of_different_rows_is_compared_in_two_periods(tmp_path: Path) -> None:
    company = Company("saas", tmp_path)
    question = "How many accounts were created in 2025 compared with 2024 by channel?"
    (reading,) = spoken_readings(analyze(Context(question, company.schema, company.values, TODAY)))
    assert "COUNT(DISTINCT CASE WHEN" in reading.tree.sql("sqlite")
    assert company.connection.execute(reading.tree.sql("sqlite")).fetchall()
