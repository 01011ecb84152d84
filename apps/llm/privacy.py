"""How much of a data source a model may be told. No Django here."""

from enum import StrEnum

from apps.llm.personal_data import Hidden


class PrivacyLevel(StrEnum):
    """Each level allows what those before it allow: names and types; sample values; rows of results."""

    SCHEMA = "schema"
    SAMPLES = "samples"
    RESULTS = "results"

    @property
    def shows_values(self) -> bool:
        """May a prompt hold values of columns?"""
        return self is not PrivacyLevel.SCHEMA

    @property
    def shows_rows(self) -> bool:
        """May a prompt hold rows that SQL brought?"""
        return self is PrivacyLevel.RESULTS

    def hides(self, kind: Hidden) -> bool:
        """Is a value of that kind hidden from models? Personal data always is."""
        return kind.is_personal or not self.shows_values
