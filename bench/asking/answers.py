"""Puts one question as the journey does, and gives each answer to what is asked back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.clarification.choosing import Ask, Chosen, Decline, Option, Point, Policy, choose_reading, narrow
from apps.clarification.previews import preview_of
from apps.clarification.readings import Reading
from apps.queries.context import Context
from apps.queries.engines.builtin import THRESHOLD, propose_readings
from apps.queries.evaluation.compare import compare
from apps.queries.evaluation.database import Database
from apps.queries.evaluation.deciding import probed_readings
from apps.queries.evaluation.postgres_source import PostgresSource

from .questions import Question

MOST_TURNS = 3


@dataclass(frozen=True)
class Answers:
    """What came of one question. `broken` names options whose answer did not bring what their preview promised, `found`
    says for each meaning whether some outcome has its rows."""

    question: Question
    choice: Ask | Chosen | Decline
    broken: tuple[str, ...]
    found: tuple[bool, ...]

    @property
    def is_asked(self) -> bool:
        return isinstance(self.choice, Ask)


def ask(question: Question, source: PostgresSource, today: dt.date) -> Answers:
    """Put the question, and answer what is asked back in each way."""
    readings = propose_readings(Context(question.text, source.schema, source.values, today))
    choice = _choice(readings, {}, source)
    if not isinstance(choice, Ask):
        outcomes = [choice] if isinstance(choice, Chosen) else []
        return Answers(question, choice, (), _found(question, outcomes, source))
    answered = [(option, _answered(choice, option, source)) for option in choice.options]
    broken = tuple(option.label for option, chosen in answered if not _keeps_its_promise(option, chosen))
    return Answers(question, choice, broken, _found(question, [chosen for _, chosen in answered if chosen], source))


def _choice(readings: Sequence[Reading], settled: dict[Point, str], database: Database) -> Ask | Chosen | Decline:
    return choose_reading(probed_readings(readings, database), Policy(THRESHOLD, settled=settled))


def _answered(ask: Ask, option: Option, database: Database) -> Chosen | None:
    """What is answered once this option is chosen, and after it the default of whatever else is asked."""
    settled = {(ask.field, ask.phrase): option.label}
    readings: Sequence[Reading] = ask.readings
    for _ in range(MOST_TURNS):
        readings = narrow(readings, settled)
        choice = _choice(readings, settled, database)
        if not isinstance(choice, Ask):
            return choice if isinstance(choice, Chosen) else None
        settled[(choice.field, choice.phrase)] = choice.options[0].label
    return None


def _keeps_its_promise(option: Option, chosen: Chosen | None) -> bool:
    result = chosen.probed.result if chosen else None
    return result is not None and option.preview == preview_of(result)


def _found(question: Question, outcomes: Sequence[Chosen], database: Database) -> tuple[bool, ...]:
    rows = [one.probed.result.rows for one in outcomes if one.probed.result is not None]
    known = [database.known_rows(sql) for sql in question.readings]
    return tuple(any(compare(list(one), list(wanted), ordered=False).same for one in rows) for wanted in known)
