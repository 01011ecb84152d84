"""A reading: one way to understand a question. Engines propose them, the clarification chooses among them.

No Django here.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp


class ChoiceField(StrEnum):
    """What kind of thing two readings may differ in; the `field` of a clarification question."""

    METRIC = "metric"
    ENTITY = "entity"
    DIMENSION = "dimension"
    FILTER = "filter"
    VALUE = "value"
    TIME_RANGE = "time_range"
    SCOPE = "scope"
    ATTACHMENT = "attachment"
    CALCULATION = "calculation"
    OTHER = "other"


Point = tuple[ChoiceField, str]  # where in a question: the kind of choice, and the words that leave it open


@dataclass(frozen=True, slots=True)
class Choice:
    """One point at which a reading took one meaning where the words allow more than one.

    `phrase` is what the person wrote ("revenue"), `label` the short name of the meaning taken
    ("Invoiced"), `meaning` the same in terms of the data ("sum of invoices.amount"). Readings of
    one question that differ at a point have the same `field` and `phrase` there, and different labels. `asks` words the
    question about it where the usual one of the field does not fit; it may name {phrase}.
    """

    field: ChoiceField
    phrase: str
    label: str
    meaning: str
    asks: str = ""

    @property
    def point(self) -> Point:
        """Where it was taken."""
        return (self.field, self.phrase)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a score is what it is: a named feature and what it added (may be negative)."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class KnownRule:
    """What was chosen once for a point and holds from then on: `phrase` (normalised) means what `label` names.

    `words` name the rule in the answers that it shapes. `meaning` is the chosen one's, in terms of the data: the same
    label at the same words may mean other columns elsewhere. A rule that a person wrote has none and goes by its label.
    """

    id: str
    field: ChoiceField
    phrase: str
    label: str
    words: str
    meaning: str = ""


@dataclass(frozen=True)
class Reading:
    """SQL as a syntax tree with the assumptions that it rests on, and how much speaks for it.

    `score` lies between 0 and 1 and estimates the chance that this is what the person meant.
    `unexplained` are words of the question that the SQL does not account for. `explanation` says in
    plain words what the SQL computes ("number of orders, by country"). A `second_opinion` was reached in another way:
    it counts only where its rows differ from those of the best reading. `is_shared`: the score is this meaning's share
    of an understanding that is sure but for its choices, so that meanings with the same rows are as sure together.
    `rules` settled points of it.
    """

    tree: exp.Expr
    score: float
    assumptions: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    reasons: tuple[Reason, ...] = ()
    unexplained: tuple[str, ...] = ()
    explanation: str = ""
    engine: str = "builtin"
    second_opinion: bool = False
    is_shared: bool = False
    rules: tuple[KnownRule, ...] = ()
