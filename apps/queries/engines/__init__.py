"""The two engines behind one contract: a context in, ranked readings out."""

import time
from collections.abc import Callable

from apps.clarification.readings import Reading
from apps.datasources.access import Access
from apps.llm.calls import CallRecord
from apps.llm.client import KeptAnswers, ModelClient
from apps.llm.pseudonyms import Pseudonyms
from apps.llm.spec import ModelsByRole
from apps.queries.context import Context
from apps.queries.engines import builtin, model
from apps.queries.engines.model.budget import Budget


def propose_readings(
    context: Context,
    *,
    engine: str,
    record_call: Callable[[CallRecord], None] = lambda call: None,
    seconds: float = 120,
    correlation_id: str = "",
    access: Access | None = None,
    models: ModelsByRole | None = None,
    kept: KeptAnswers | None = None,
    client: ModelClient | None = None,
    names: Pseudonyms | None = None,
    note_budget: Callable[[Budget], None] | None = None,
) -> list[Reading]:
    """Ranked readings of the question by the named engine (`builtin` or `model`), best first.

    `record_call` hears of every model call, `seconds` is the time that all calls together may take. Without `access`
    all of the context's schema may be read; without `models` the installation's are used. `kept` are answers of models
    that stand in for the same call made anew. With `client`, its calls count among the others that it makes for the
    same question; it has its own time, record and answers. `names` hide the same values as in those other calls;
    `note_budget` hears what the prompt came to.

    Raises: ModelError if the model cannot be used, UnsafeSql if it writes nothing but refused SQL; the built-in engine
    raises nothing.
    """
    if engine == "builtin":
        return builtin.propose_readings(context)
    from apps.llm.services import client_until  # reads the registry's rows: the built-in engine runs without Django

    own = client or client_until(
        time.monotonic() + seconds, record_call=record_call, correlation_id=correlation_id, kept=kept
    )
    return model.propose_readings(
        context, client=own, access=access, models=models, names=names, note_budget=note_budget
    )


def threshold_of(engine: str) -> float:
    """The least score at which this engine's readings are answered with, calibrated per engine."""
    return builtin.THRESHOLD if engine == "builtin" else model.THRESHOLD
