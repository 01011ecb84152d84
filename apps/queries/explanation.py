"""Last step: the answer in a sentence. Every number in it is taken from the rows by code."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.clarification.previews import shown
from apps.datasources.results import ResultSet
from apps.queries.finding import Found
from apps.queries.models import Stage
from apps.queries.recording import StepNote, journey_step
from apps.queries.researching import Research

NAMED_ROWS = 3


@dataclass(frozen=True)
class Answer:
    """The sentence, and what is recorded with the run."""

    text: str
    recorded: dict[str, Any]


def _note(answer: Answer) -> StepNote:
    return StepNote("Put the answer into words.", {"answer": answer.text})


@journey_step(Stage.EXPLAINING, agent="synthesizer", kind="synthesis", note=_note)
def explain(found: Found, research: Research | None) -> Answer:
    """What the rows say, with the reading's own description of what was computed."""
    choice, reuse = found.choice, found.context.remembered.reuse
    recorded: dict[str, Any] = {
        "sql": choice.probed.safe_sql.plain,
        "engine": choice.probed.reading.engine,
        "assumptions": list(choice.assumptions),
        "confidence": round(choice.confidence, 4),
        "rules_applied": [{"id": rule.id, "words": rule.words} for rule in choice.probed.reading.rules],
    }
    if reuse is not None:
        recorded |= {
            "verified_query_id": reuse.verified_id, "verified_by": reuse.verified_by, "verified_at": reuse.verified_at,
        }  # fmt: skip
    return Answer(sentence(choice.probed.reading.explanation, found.result), recorded)


def sentence(subject: str, result: ResultSet) -> str:
    """One or two sentences: the single value, the only row, or how many rows and the first of them."""
    subject = (subject[:1].upper() + subject[1:]).rstrip(".") or "Result"
    if not result.rows:
        return f"{subject}: no rows fit."
    if result.row_count == 1 and len(result.columns) == 1:
        value = result.rows[0][0]
        return f"{subject}: {shown(value)}." if value is not None else f"{subject}: there is no value."
    if result.row_count == 1:
        return f"{subject}: {_named(result, result.rows[0])}."
    count = (
        f"more than {result.row_count:,} rows, of which these are shown"
        if result.truncated
        else f"{result.row_count:,} rows"
    )
    first = "; ".join(_brief(row) for row in result.rows[:NAMED_ROWS])
    end = " …" if result.row_count > NAMED_ROWS else "."
    return f"{subject}: {count}. First: {first}{end}"


def _named(result: ResultSet, row: Sequence[Any]) -> str:
    pairs = zip(result.columns, row, strict=True)
    return ", ".join(f"{column.name.replace('_', ' ')} {shown(value) or '(none)'}" for column, value in pairs)


def _brief(row: Sequence[Any]) -> str:
    first, *others = (shown(value) or "none" for value in row[:4])
    return f"{first} ({', '.join(others)})" if others else first
