from collections.abc import Callable

from apps.clarification.readings import Reading
from apps.common.errors import Unavailable
from apps.llm.calls import CallRecord
from apps.queries.context import Context

THRESHOLD = 0.5


def propose_readings(
    context: Context, *, record_call: Callable[[CallRecord], None], deadline: float, correlation_id: str
) -> list[Reading]:
    raise Unavailable("No model is configured.")
