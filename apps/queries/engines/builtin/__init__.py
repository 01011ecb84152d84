"""The built-in engine: reads a question without any model, in milliseconds, always the same way."""

from apps.clarification.readings import Reading
from apps.queries.context import Context

from .analysis import analyze
from .continuing import whole_question
from .engine import propose_readings
from .followup import is_elliptic
from .model import THRESHOLD
from .triage import Triage, TriageKind, triage

__all__ = ["THRESHOLD", "Context", "Reading", "Triage", "TriageKind", "leans_on_history", "propose_readings", "triage"]


def leans_on_history(context: Context) -> bool:
    """Whether the question says only what is other than in the one before it."""
    analysis = analyze(context)
    return is_elliptic(analysis) or whole_question(analysis) is not None
