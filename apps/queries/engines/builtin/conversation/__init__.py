"""Follow-ups: what is said is understood from the question before it and the SQL that answered it."""

from .leaning import Reader, leaning

__all__ = ["Reader", "leaning"]
