"""Questions whose language allows several meanings: each proposed as a reading, so that the person can be asked."""

from .proposing import readings_of_meanings, with_other_columns

__all__ = ["readings_of_meanings", "with_other_columns"]
