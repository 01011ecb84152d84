"""Questions whose language allows several meanings: each proposed as a reading, so that the person can be asked."""

from .proposing import with_meanings

__all__ = ["with_meanings"]
