"""Last step: the answer in words. A model may word it; every number is taken from the rows or found there by code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.conf import settings

from apps.clarification.previews import shown
from apps.datasources.results import ResultSet
from apps.llm.errors import ModelError
from apps.queries.agents.planner import Agent
from apps.queries.agents.synthesizer import Told, ask_synthesizer
from apps.queries.finding import Found
from apps.queries.models import Stage
from apps.queries.prose import HonestText
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.researching import Research

NAMED_ROWS = 3


@dataclass(frozen=True)
class Answer:
    """The words, and what is recorded with the run. `wording` is a model's, `notes` why not all is its."""

    text: str
    recorded: dict[str, Any]
    wording: HonestText | None = None
    notes: tuple[str, ...] = ()


def _note(answer: Answer) -> StepNote:
    detail: dict[str, Any] = {"answer": answer.text, "notes": list(answer.notes)}
    if answer.wording is not None:
        detail["dropped"] = list(answer.wording.dropped)
        detail["numbers"] = [
            {"text": one.text, "support": one.support.value, "how": one.how} for one in answer.wording.findings.numbers
        ]
    return StepNote("Put the answer into words.", detail)


@journey_step(Stage.EXPLAINING, agent="synthesizer", kind="synthesis", note=_note)
def explain(found: Found, research: Research | None) -> Answer:
    """What the rows say, whether they are all, when they were read, and apart from it what the web says."""
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
    wording, notes = _worded(found)
    said = wording.text if wording and wording.text else sentence(choice.probed.reading.explanation, found.result)
    parts = [said, _cut_off(found.result, said), _as_of(found), research.sentences() if research else ""]
    return Answer(" ".join(filter(None, parts)), recorded, wording, notes)


def _worded(found: Found) -> tuple[HonestText | None, tuple[str, ...]]:
    """The model's words that can be stood for, where a model is there for it and there are rows to speak of."""
    desk, reading, context = found.plan.desk, found.choice.probed.reading, found.context.reading_context
    if desk is None or not desk.asks("synthesizer") or not found.result.rows:
        return None, ()
    told = Told(
        question=context.question,
        description=reading.explanation,
        assumptions=found.choice.assumptions,
        task=found.plan.task_of(Agent.SYNTHESIS),
        tree=reading.tree,
        dialect=context.schema.dialect,
        privacy=context.privacy,
    )
    try:
        wording = ask_synthesizer(desk, told, found.result, seconds=settings.PARLEY.model_agent_seconds)
    except ModelError as error:
        return None, (f"Worded by rule: {error.message}",)
    if not wording.text:
        return wording, ("Worded by rule: no sentence of the model's could be held against the rows.",)
    dropped = f"Left out {len(wording.dropped)} sentence(s) that the rows do not bear." if wording.dropped else ""
    return wording, tuple(filter(None, (dropped,)))


def _cut_off(result: ResultSet, said: str) -> str:
    """That these are not all rows, where the sentence does not say so itself."""
    if not result.truncated or "more than" in said:
        return ""
    return f"These are the first {result.row_count:,} rows; there are more."


def _as_of(found: Found) -> str:
    return f"Data as of {found.rows.read_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."


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
