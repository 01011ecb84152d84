"""Makes readings of the meanings that a question may have, so that they part at one point of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from apps.clarification.readings import Choice, ChoiceField, Reading, Reason

CERTAINTY = 0.9  # that one of the meanings is meant, where every word is accounted for
LESS_LIKELY = 0.92  # what each further meaning weighs against the one before it


@dataclass(frozen=True)
class Meaning:
    """One way to understand a phrase: its name for people, what it means in the data, and its SQL.

    `weight` says how likely it is beside the first meaning, which weighs 1.
    """

    label: str
    explanation: str
    tree: exp.Query
    weight: float = LESS_LIKELY


def readings_of(
    field: ChoiceField, phrase: str, meanings: Sequence[Meaning], certainty: float = CERTAINTY
) -> list[Reading]:
    """A reading a meaning, the certainty shared out among them; a single meaning leaves nothing to choose."""
    weights = [one.weight if place else 1.0 for place, one in enumerate(meanings)]
    total = sum(weights)
    return [
        Reading(
            tree=one.tree,
            score=certainty * weight / total,
            choices=(Choice(field, phrase, one.label, one.explanation),) if len(meanings) > 1 else (),
            reasons=(Reason(f"{field}: {one.label}", 1.0),),
            explanation=one.explanation,
            is_shared=len(meanings) > 1,
        )
        for one, weight in zip(meanings, weights, strict=True)
    ]
