"""The model engine: a language model reads the question; what it writes is judged like anybody's SQL."""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings

from apps.clarification.readings import Reading
from apps.datasources.access import Access
from apps.llm.calls import CallRecord
from apps.llm.client import KeptAnswers
from apps.llm.errors import ModelRefused
from apps.llm.registry import models_for
from apps.llm.services import client_until
from apps.llm.spec import ModelsByRole
from apps.queries.context import Context
from apps.queries.engines.model.confidence import THRESHOLD
from apps.queries.engines.model.proposing import propose

__all__ = ["THRESHOLD", "propose_readings"]


def propose_readings(
    context: Context,
    *,
    record_call: Callable[[CallRecord], None],
    deadline: float,
    correlation_id: str,
    access: Access | None = None,
    models: ModelsByRole | None = None,
    kept: KeptAnswers | None = None,
) -> list[Reading]:
    """Readings of the question by the models given, or by the installation's; all calls end by `deadline` (monotonic).

    Without `access`, all of the context's schema may be read.

    Raises: ModelError where no model can be used; UnsafeSql where the model insists on SQL that is refused.
    """
    chosen = models or models_for()
    if chosen is None:
        raise ModelRefused("No model is configured.")
    if not settings.PARLEY.model_sees_samples:
        context = replace(context, schema=context.schema.without_samples())
    client = client_until(deadline, record_call=record_call, correlation_id=correlation_id, kept=kept)
    readings = propose(context, access or Access(context.schema), client, chosen)
    client.keep_answers()
    return readings
