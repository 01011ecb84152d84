"""The one question that splits readings best, with what each answer to it would bring. No Django here."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

from apps.clarification.previews import Preview, preview_of
from apps.clarification.probed import Probed
from apps.clarification.readings import Choice, ChoiceField, Point, Reading

MOST_OPTIONS = 5
GOOD_READING = 0.35  # the least score at which a whole reading is offered as an option
Habits = Mapping[Point, Mapping[str, float]]  # how often each label was chosen at a point before, in answers
Split = Mapping[Choice, Sequence[Probed]]


@dataclass(frozen=True)
class Option:
    """One possible answer to a question, with what it would bring."""

    label: str
    meaning: str
    preview: Preview | None


@dataclass(frozen=True)
class Ask:
    """Ask this before answering. The first option is the default: what the best reading takes."""

    field: ChoiceField
    phrase: str
    question: str
    why: str
    options: tuple[Option, ...]
    readings: tuple[Reading, ...] = dataclasses.field(repr=False, default=())


def best_question(rivals: Sequence[Probed], settled: Mapping[Point, str], habits: Habits) -> Ask | None:
    """The point at which asking tells most: where the expected information of the answer is greatest.

    The chance of an answer is the score of the readings that take it, and how often it was chosen there before.
    """
    points = {choice.point for rival in rivals for choice in rival.reading.choices} - set(settled)
    splits = {point: split for point in sorted(points) if len(split := split_at(rivals, point)) > 1}
    if not splits:
        return None
    best = max(splits, key=lambda point: _expected_bits(splits[point], habits.get(point, {})))
    return _ask(*best, _by_chance(splits[best], habits.get(best, {})), rivals)


def question_of_whole_readings(rivals: Sequence[Probed]) -> Ask | None:
    """Where no single point tells the readings apart, offer the readings themselves, but only few good ones: a list of
    guesses would hide that the question was not understood.
    """
    good = [rival for rival in rivals if rival.reading.score >= GOOD_READING and rival.reading.explanation]
    split = {Choice(ChoiceField.OTHER, "", one.reading.explanation, one.reading.explanation): [one] for one in good}
    return _ask(ChoiceField.OTHER, "", split, [one for (one,) in split.values()]) if len(split) > 1 else None


def split_at(rivals: Sequence[Probed], point: Point) -> dict[Choice, list[Probed]]:
    """The readings by what they take at one point; those that know no such point are in none."""
    groups: dict[str, tuple[Choice, list[Probed]]] = {}
    for rival in rivals:
        for choice in rival.reading.choices:
            if choice.point == point:
                groups.setdefault(choice.label, (choice, []))[1].append(rival)
    return dict(groups.values())


def _chance(choice: Choice, group: Sequence[Probed], chosen: Mapping[str, float]) -> float:
    return sum(one.reading.score for one in group) * (1 + chosen.get(choice.label, 0.0))


def _expected_bits(split: Split, chosen: Mapping[str, float]) -> float:
    """Entropy of the answer."""
    chances = [_chance(choice, group, chosen) for choice, group in split.items()]
    total = sum(chances) or 1.0
    return -sum(chance / total * log2(chance / total) for chance in chances if chance)


def _by_chance(split: Split, chosen: Mapping[str, float]) -> Split:
    """The default first, as the readings rank it; then what is likelier to be chosen."""
    first, *others = split.items()
    return dict([first, *sorted(others, key=lambda one: -_chance(one[0], one[1], chosen))])


def _ask(field: ChoiceField, phrase: str, split: Split, rivals: Sequence[Probed]) -> Ask:
    options = tuple(
        Option(choice.label, choice.meaning, preview_of(group[0].result) if group[0].result else None)
        for choice, group in list(split.items())[:MOST_OPTIONS]
    )
    asks = next((choice.asks for choice in split if choice.asks), QUESTIONS[field])
    question, why = asks.format(phrase=phrase), f"{NUMBERS[len(options)]} readings fit and give different results."
    return Ask(field, phrase, question, why, options, tuple(rival.reading for rival in rivals))


NUMBERS = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}
QUESTIONS = {
    ChoiceField.METRIC: "Which {phrase} do you mean?",
    ChoiceField.ENTITY: "What does “{phrase}” refer to?",
    ChoiceField.DIMENSION: "By which {phrase}?",
    ChoiceField.FILTER: "How should “{phrase}” narrow the data?",
    ChoiceField.VALUE: "Which “{phrase}” do you mean?",
    ChoiceField.TIME_RANGE: "Which date should “{phrase}” go by?",
    ChoiceField.SCOPE: "Does “{phrase}” mean each one or all together?",
    ChoiceField.ATTACHMENT: "What does “{phrase}” belong to?",
    ChoiceField.CALCULATION: "How should “{phrase}” be calculated?",
    ChoiceField.OTHER: "Which of these do you mean?",
}
