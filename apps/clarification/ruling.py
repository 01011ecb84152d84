"""Rules at work: readings narrowed by what was chosen before, instead of asking again. No Django here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from apps.clarification.choosing import Point, narrow, plausible
from apps.clarification.probed import Probed, rivals_of, usable
from apps.clarification.readings import ChoiceField, KnownRule, Reading


def normalised(phrase: str) -> str:
    """Equal for phrases that differ only in case and spaces."""
    return " ".join(phrase.casefold().split())


def narrowed_by_rules(readings: Sequence[Reading], rules: Sequence[KnownRule]) -> list[Reading]:
    """The readings that agree with the rules, each naming those that settled a point of it; the first rule for a
    point counts.

    A rule settles a point at which plausible readings differ, where one of them takes its label: what is hardly
    meant does not become the answer by a rule, and a rule for a meaning that is gone does nothing.
    """
    kept = list(readings)
    for rule in rules:
        for point, label in _settled_by(rule, kept):
            if agreeing := narrow(plausible(kept), {point: label}):
                kept = [_naming(one, point, rule) for one in agreeing]
    return kept


def settled_by_rules(probed: Sequence[Probed], threshold: float) -> dict[Point, str]:
    """The points that rules settled, where that left one outcome of readings that were understood well enough to ask
    about them instead: rules make no guess an answer.
    """
    ranked = sorted(usable(probed), key=lambda one: one.reading.score, reverse=True)
    understood = sum(one.reading.score for one in ranked) >= threshold
    if not ranked or not understood or ranked[0].reading.unexplained or len(rivals_of(ranked)) > 1:
        return {}
    return {(rule.field, rule.phrase): rule.label for one in ranked for rule in one.reading.rules}


def _settled_by(rule: KnownRule, readings: Sequence[Reading]) -> Iterator[tuple[Point, str]]:
    """The points that the rule is about, each with the label as the readings write it."""
    if len(readings) < 2:
        return
    labels: dict[Point, set[str]] = {}
    for one in plausible(readings):
        for choice in one.choices:
            labels.setdefault((choice.field, choice.phrase), set()).add(choice.label)
    for (field, phrase), known in labels.items():
        if len(known) > 1 and is_about(rule, field, phrase):
            label = next((one for one in sorted(known) if normalised(one) == normalised(rule.label)), None)
            if label is not None:
                yield (field, phrase), label


def is_about(rule: KnownRule, field: ChoiceField, phrase: str) -> bool:
    """Whether the rule was made for this point."""
    return field is rule.field and normalised(phrase) == rule.phrase


def _naming(reading: Reading, point: Point, rule: KnownRule) -> Reading:
    """The reading with the rule in the place of the choice that it settled."""
    return replace(
        reading,
        choices=tuple(one for one in reading.choices if (one.field, one.phrase) != point),
        assumptions=tuple(dict.fromkeys((*reading.assumptions, rule.words))),
        rules=tuple(dict.fromkeys((*reading.rules, rule))),
    )
