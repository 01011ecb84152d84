"""What an engine made of a question, kept for a while for the same question: models are slow and cost money.

Kept are readings, which are judged and compared anew each time. The key is all that an engine is told: the question and
what came before it, what this person may see, the source's last sync, glossary, examples, rules and day, the models.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings

from apps.clarification.readings import Reading
from apps.clarification.stored import from_json, to_json
from apps.llm.spec import ModelSpec
from apps.monitoring.caches import SealedCache
from apps.queries.steps.planning import Plan
from apps.queries.steps.understanding import Understanding

CACHE = SealedCache("analyses")


def kept_readings(understanding: Understanding, plan: Plan) -> tuple[Reading, ...] | None:
    """The readings of the same question, if they are kept and whoever asks does not want everything new."""
    wants_new = understanding.freshness.wants_new or understanding.reading_context.failed
    if wants_new or not settings.PARLEY.analysis_cache_seconds:
        return None
    found = CACHE.get(understanding.freshness.organization, _key(understanding, plan))
    return None if found is None else tuple(from_json(found, understanding.access.schema.dialect))


def keep_readings(readings: Sequence[Reading], understanding: Understanding, plan: Plan) -> None:
    """Keep them for the next who asks the same."""
    value = to_json(readings, understanding.access.schema.dialect)
    seconds = settings.PARLEY.analysis_cache_seconds
    CACHE.put(understanding.freshness.organization, _key(understanding, plan), value, seconds=seconds)


def _key(understanding: Understanding, plan: Plan) -> list[Any]:
    context = understanding.reading_context
    models = [_told(model) for model in (plan.models.reasoning, plan.models.implementation)] if plan.models else []
    return [
        plan.engine, models, context.privacy, context.question,
        [asdict(turn) for turn in context.history],
        [asdict(term) for term in context.glossary], [asdict(example) for example in context.examples],
        [[rule.field, rule.phrase, rule.label] for rule in context.rules],
        context.today.isoformat(), context.fiscal_year_start_month,
        understanding.freshness.source, context.schema.version, understanding.access.policy,
    ]  # fmt: skip


def _told(model: ModelSpec) -> list[Any]:
    return [model.key, model.base_url, model.endpoint_name, model.window_tokens]
