"""The model engine: a language model reads the question; what it writes is judged like anybody's SQL."""

from dataclasses import replace

from django.conf import settings

from apps.clarification.readings import Reading
from apps.datasources.access import Access
from apps.llm.client import ModelClient
from apps.llm.errors import ModelRefused
from apps.llm.registry import models_for
from apps.llm.spec import ModelsByRole
from apps.queries.context import Context
from apps.queries.engines.model.confidence import THRESHOLD
from apps.queries.engines.model.proposing import CORRECTIONS, MOST_CORRECTIONS, propose

__all__ = ["CORRECTIONS", "MOST_CORRECTIONS", "THRESHOLD", "propose_readings"]


def propose_readings(
    context: Context,
    *,
    client: ModelClient,
    access: Access | None = None,
    models: ModelsByRole | None = None,
) -> list[Reading]:
    """Readings of the question by the models given, or by the installation's, with the client's calls.

    Without `access`, all of the context's schema may be read.

    Raises: ModelError where no model can be used; UnsafeSql where the model insists on SQL that is refused.
    """
    chosen = models or models_for()
    if chosen is None:
        raise ModelRefused("No model is configured.")
    if not settings.PARLEY.model_sees_samples:
        plain = tuple(one for one in context.examples if not one.names_values)
        context = replace(context, schema=context.schema.without_samples(), examples=plain)
    readings = propose(context, access or Access(context.schema), client, chosen)
    client.keep_answers()
    return readings
