"""Which queue a query's message goes to: questions to a model wait, the built-in engine computes.

What waits is served by one process of many threads, what computes by a few processes that can be ended when they take
too long (docs/decisions/0245).
"""

from apps.queries.models import Query
from apps.queries.outcomes import CannotAnswer
from apps.queries.steps.planning import MODEL, chosen_engine

QUESTIONS, MODEL_QUESTIONS = "questions", "model_questions"


def queue_of(query: Query) -> str:
    """The queue whose worker the query needs."""
    options = query.options
    names_a_model = bool(options.get("reasoning_model") or options.get("implementation_model"))
    try:
        engine = chosen_engine(options.get("engine") or (MODEL if names_a_model else None))
    except CannotAnswer:  # no model is configured: whoever takes it will say so
        return QUESTIONS
    return MODEL_QUESTIONS if engine == MODEL else QUESTIONS
