"""Steps of the journey that suggest what to ask next, or in which words. They cost little and never cost the answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps

import structlog
from django.conf import settings

from apps.clarification.choosing import Chosen
from apps.datasources.results import ResultSet
from apps.knowledge.catalog import catalog_of
from apps.queries.context import Turn
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.conversation.standing import standings
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer
from apps.queries.recording import RunRecorder
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.understanding import Understanding
from apps.queries.suggestions.candidates import Rows, next_questions, wordings
from apps.queries.suggestions.checking import Check, kept

log = structlog.get_logger(__name__)
Suggest = Callable[..., list[str]]


def check_of(understanding: Understanding) -> Check:
    """What suggestions to this person are held against, from now on for a short while."""
    until = time.monotonic() + settings.PARLEY.suggestions_seconds
    return Check(understanding.access, understanding.threshold, until)


def never_failing(suggest: Suggest) -> Suggest:
    """No suggestion is worth an answer: what goes wrong here is logged, and nothing is suggested."""

    @wraps(suggest)
    def safely(*args: object) -> list[str]:
        try:
            return suggest(*args)
        except Exception:
            log.exception("suggestions_failed")
            return []

    return safely


def _note(found: list[str]) -> StepNote:
    return StepNote(f"Found {len(found)} question(s) that could be asked next.", {"suggestions": found})


@journey_step(Stage.EXPLAINING, agent="suggester", kind="suggestions", note=_note)
@never_failing
def suggest_next(understanding: Understanding, choice: Chosen, result: ResultSet) -> list[str]:
    """Questions that go on from an answer, each checked."""
    context = understanding.reading_context
    turn = Turn(context.question, choice.probed.safe_sql.plain, choice.assumptions)
    after = replace(context, history=(*context.history, turn))
    found = standings(after)
    if not found or settings.PARLEY.suggestions_seconds == 0:
        return []
    first = result.rows[0][0] if result.rows and result.rows[0] else None
    rows = Rows(result.row_count, first if isinstance(first, str) else "")
    candidates = next_questions(found[-1].tree, rows, catalog_of(context.schema))
    return kept(candidates, after, check_of(understanding))


@journey_step(Stage.EXPLAINING, agent="suggester", kind="suggestions", note=_note)
@never_failing
def suggest_wordings(understanding: Understanding) -> list[str]:
    """Questions near the one that could not be answered, each checked."""
    if settings.PARLEY.suggestions_seconds == 0:
        return []
    context = understanding.reading_context.with_question(understanding.reading_context.question)
    return kept(wordings(analyze(context)), context, check_of(understanding))


@dataclass
class Offered:
    """What is known of the question so far, for suggestions should it end without an answer."""

    understanding: Understanding | None = None


@contextmanager
def wordings_offered(recorder: RunRecorder) -> Iterator[Offered]:
    """A question that cannot be answered ends with better wordings, where there are any."""
    offered = Offered()
    try:
        yield offered
    except CannotAnswer:
        if offered.understanding is not None:
            recorder.note(suggestions=recorder.step(suggest_wordings, offered.understanding))
        raise
