"""`python -m bench.asking`: forty questions about the sample, what is asked back about each, and what each answer brings.

Prints the table of docs/clarification.md. The sample is loaded into the server that `make run` starts.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.clarification.choosing import Ask, Chosen, Decline, Option, Policy, choose_reading, narrow
from apps.clarification.previews import preview_of
from apps.queries.context import Context
from apps.queries.engines.builtin import THRESHOLD, propose_readings
from apps.queries.evaluation.compare import compare
from apps.queries.evaluation.database import Database
from apps.queries.evaluation.deciding import probed_readings
from apps.queries.evaluation.postgres_source import PostgresSource

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "clarification" / "sample_questions.toml"
MOST_TURNS = 3


@dataclass(frozen=True)
class Question:
    """One of the forty; `readings` are SQL of everything it may mean."""

    text: str
    readings: tuple[str, ...]
    field: str = ""
    phrase: str = ""

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.field)


@dataclass(frozen=True)
class Asked:
    """What came of one question. `broken` names options whose answer did not bring what their preview promised, `found`
    says for each meaning whether some outcome has its rows."""

    question: Question
    choice: Ask | Chosen | Decline
    broken: tuple[str, ...]
    found: tuple[bool, ...]

    @property
    def is_asked(self) -> bool:
        return isinstance(self.choice, Ask)


def read_questions(path: Path = QUESTIONS) -> tuple[list[Question], Any]:
    """The questions of the file, ambiguous ones first, and the day that they are asked on."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    ambiguous = [
        Question(one["question"], tuple(one["readings"]), one["field"], one["phrase"]) for one in content["ambiguous"]
    ]
    return [*ambiguous, *(Question(one["question"], (one["sql"],)) for one in content["clear"])], content["today"]


def ask(question: Question, source: PostgresSource, today: Any) -> Asked:
    """Put one question as the journey does, and give each answer to what is asked back."""
    readings = propose_readings(Context(question.text, source.schema, source.values, today))
    choice = _choice(readings, {}, source)
    if not isinstance(choice, Ask):
        outcomes = [choice] if isinstance(choice, Chosen) else []
        return Asked(question, choice, (), _found(question, outcomes, source))
    answered = [(option, _answered(choice, option, source)) for option in choice.options]
    broken = tuple(option.label for option, chosen in answered if not _keeps_its_promise(option, chosen))
    return Asked(question, choice, broken, _found(question, [chosen for _, chosen in answered if chosen], source))


def _choice(readings: Sequence[Any], settled: dict[Any, str], database: Database) -> Ask | Chosen | Decline:
    return choose_reading(probed_readings(readings, database), Policy(THRESHOLD, settled=settled))


def _answered(ask: Ask, option: Option, database: Database) -> Chosen | None:
    """What is answered once this option is chosen, and the default of what is asked after it."""
    settled = {(ask.field, ask.phrase): option.label}
    readings: Sequence[Any] = ask.readings
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
    return tuple(any(compare(list(one), wanted, ordered=False).same for one in rows) for wanted in known)


def table(outcomes: Sequence[Asked]) -> Iterator[str]:
    """The table of the documents, then the figures."""
    yield "| question | kind | what is asked, with what each choice brings |"
    yield "|---|---|---|"
    for one in outcomes:
        yield f"| {one.question.text} | {one.question.field or '–'} | {_told(one)} |"
    ambiguous = [one for one in outcomes if one.question.is_ambiguous]
    clear = [one for one in outcomes if not one.question.is_ambiguous]
    options = [option for one in ambiguous if isinstance(one.choice, Ask) for option in one.choice.options]
    found = [all(one.found) for one in ambiguous]
    yield ""
    yield f"Asked: {sum(one.is_asked for one in ambiguous)} of {len(ambiguous)} ambiguous questions, "
    yield f"{sum(one.is_asked for one in clear)} of {len(clear)} clear ones. All written meanings are among the answers "
    yield f"for {sum(found)}; {len(options)} options, {sum(len(one.broken) for one in outcomes)} bring something else "
    yield f"than they promised. Of the clear ones {sum(all(one.found) for one in clear)} are answered right."


def _told(one: Asked) -> str:
    if not isinstance(one.choice, Ask):
        return "answered" if isinstance(one.choice, Chosen) else "declined"
    options = "; ".join(f"**{option.label}** ({option.meaning}): {_first_row(option)}" for option in one.choice.options)
    return f"{one.choice.question} {options}".replace("|", "\\|")


def _first_row(option: Option) -> str:
    rows = option.preview.rows if option.preview else ()
    return " · ".join(rows[0]) + (" …" if len(rows) > 1 else "") if rows else "nothing"
