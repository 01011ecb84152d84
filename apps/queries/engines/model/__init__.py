"""The model engine: a language model reads the question; what it writes is judged like anybody's SQL."""

from collections.abc import Callable

from apps.clarification.readings import Reading
from apps.datasources.access import Access
from apps.llm.client import ModelClient
from apps.llm.errors import ModelRefused
from apps.llm.pseudonyms import Pseudonyms
from apps.llm.spec import ModelsByRole
from apps.queries.context import Context
from apps.queries.engines.model.budget import Budget, counter, smallest_window
from apps.queries.engines.model.confidence import THRESHOLD
from apps.queries.engines.model.messages import opening_messages
from apps.queries.engines.model.proposing import CORRECTIONS, MOST_CORRECTIONS, propose

__all__ = ["CORRECTIONS", "MOST_CORRECTIONS", "THRESHOLD", "propose_readings"]


def propose_readings(
    context: Context,
    *,
    client: ModelClient,
    access: Access | None = None,
    models: ModelsByRole | None = None,
    names: Pseudonyms | None = None,
    note_budget: Callable[[Budget], None] | None = None,
) -> list[Reading]:
    """Readings of the question by the models given, or by the installation's, with the client's calls.

    Without `access`, all of the context's schema may be read. `names` are the query's, where other agents ask models
    for it too. `note_budget` hears what the prompt came to.

    Raises: ModelError where no model can be used; UnsafeSql where the model insists on SQL that is refused.
    """
    from apps.llm.registry import models_for  # reads rows: prompts can be built without Django

    chosen = models or models_for()
    if chosen is None:
        raise ModelRefused("No model is configured.")
    window = min(smallest_window(chosen), client.most_tokens)
    opening = opening_messages(context, window_tokens=window, names=names, count=counter(chosen))
    if note_budget is not None:
        note_budget(opening.budget)
    readings = propose(opening, access or Access(context.schema), client, chosen)
    client.keep_answers()
    return readings
