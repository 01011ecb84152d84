"""The built-in engine: reads a question without any model, in milliseconds, always the same way."""

from apps.clarification.readings import Reading
from apps.queries.context import Context

from .engine import THRESHOLD, propose_readings
from .triage import Triage, TriageKind, triage

__all__ = ["THRESHOLD", "Context", "Reading", "Triage", "TriageKind", "propose_readings", "triage"]
