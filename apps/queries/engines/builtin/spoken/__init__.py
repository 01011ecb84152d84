"""A grammar of spoken business questions: what needs no training, because language and comments say it outright."""

from .propose import spoken_readings

__all__ = ["spoken_readings"]
