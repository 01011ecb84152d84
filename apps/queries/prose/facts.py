"""What a text may speak of besides cells: the question's and the SQL's constants, and when the data were read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from apps.queries.prose.numbers import Written, numbers_in


@dataclass(frozen=True)
class Facts:
    """`texts` are the question, assumptions and what else a person or code said; `sql` the statement that ran."""

    texts: Sequence[str] = field(default=())
    sql: str = ""

    @cached_property
    def said(self) -> tuple[Written, ...]:
        """The numbers of all these texts."""
        return tuple(one for text in (*self.texts, self.sql) for one in numbers_in(text))

    @cached_property
    def dates(self) -> frozenset[str]:
        """Dates and times of day as they were said."""
        return frozenset(one.text.casefold() for one in self.said if one.role == "date")
