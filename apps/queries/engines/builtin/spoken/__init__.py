"""A grammar of spoken business questions: what needs no training, because language and comments say it outright."""

from .merging import merged
from .propose import spoken_readings

__all__ = ["merged", "spoken_readings"]
