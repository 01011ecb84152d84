"""Whether to answer, to ask back or to decline: decided by comparing what the readings bring back.

Readings with the same rows are one answer, however they were worded. Only readings that lead to different rows, each
plausible beside the best, are worth a question. No Django here.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2

from apps.clarification.previews import Preview, preview_of, says_the_same
from apps.clarification.readings import Choice, ChoiceField, Reading
from apps.datasources.guard import SafeSql
from apps.datasources.results import ResultSet

RIVAL_SHARE = 0.4  # a rival must be at least this plausible, measured against the best reading
MOST_OPTIONS = 5
GOOD_READING = 0.35  # the least score at which a whole reading is offered as an option
DISPUTED = 0.52  # what is left of each score where a second opinion brings other rows
Point = tuple[ChoiceField, str]


@dataclass(frozen=True)
class Probed:
    """A reading that the guard let through, with a first look at its rows; `result` is None where that look failed."""

    reading: Reading
    safe_sql: SafeSql
    result: ResultSet | None = None


@dataclass(frozen=True)
class Chosen:
    """Answer with this reading. `assumptions` are all that it rests on, in words."""

    probed: Probed
    confidence: float
    assumptions: tuple[str, ...]


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


@dataclass(frozen=True)
class Decline:
    """No reading is good enough; `reason` says so in plain words, `understood` what was recognised."""

    reason: str
    understood: str = ""


@dataclass(frozen=True)
class Policy:
    """How sure is sure enough, whether asking is allowed, and which points are settled already."""

    threshold: float
    may_ask: bool = True
    settled: Mapping[Point, str] = dataclasses.field(default_factory=dict)


def choose_reading(probed: Sequence[Probed], policy: Policy) -> Chosen | Ask | Decline:
    """Pick the reading to answer with, or the one question that splits the plausible ones best."""
    ranked = sorted(_disputed(_usable(probed)), key=lambda one: one.reading.score, reverse=True)
    if not ranked:
        return Decline("I found no way to read this question from the data.")
    rivals = _rivals(ranked)
    understood = min(1.0, sum(rival.reading.score for rival in rivals))
    best = rivals[0]
    question = _best_question(rivals, policy) if _is_worth_asking(rivals, understood, policy) else None
    if question is not None and policy.may_ask:
        return question
    if question is None and best.reading.score < policy.threshold and not policy.settled:
        return Decline(_why_unsure(best.reading), best.reading.explanation)
    confidence = best.reading.score if question is None else understood
    return Chosen(best, confidence, _assumptions(best.reading, rivals, policy))


def _is_worth_asking(rivals: Sequence[Probed], understood: float, policy: Policy) -> bool:
    """Only what was understood but for the choice is worth a question: words left over would make it a way out."""
    return len(rivals) > 1 and understood >= policy.threshold and not rivals[0].reading.unexplained


def plausible(readings: Sequence[Reading]) -> list[Reading]:
    """The readings worth a probe: those near enough to the best to be rivals."""
    ranked = sorted(readings, key=lambda one: one.score, reverse=True)
    return [one for one in ranked if one.score >= RIVAL_SHARE * ranked[0].score]


def narrow(readings: Sequence[Reading], settled: Mapping[Point, str]) -> list[Reading]:
    """The readings that agree with what was answered, scores shared out anew among them."""
    kept = [one for one in readings if all(_agrees(one, point, label) for point, label in settled.items())]
    if not kept or len(kept) == len(readings):
        return kept
    total, left = sum(one.score for one in readings), sum(one.score for one in kept)
    return [replace(one, score=min(1.0, one.score * total / left)) for one in kept]


def _agrees(reading: Reading, point: Point, label: str) -> bool:
    if point[0] is ChoiceField.OTHER and not any((c.field, c.phrase) == point for c in reading.choices):
        return reading.explanation == label
    return any((choice.field, choice.phrase) == point and choice.label == label for choice in reading.choices)


def _usable(probed: Sequence[Probed]) -> list[Probed]:
    """Those whose first look worked, if any did: a reading that fails to run is no rival."""
    worked = [one for one in probed if one.result is not None]
    return worked or list(probed)


def _disputed(probed: Sequence[Probed]) -> list[Probed]:
    """Without second opinions that bring the rows of the best reading; where one does not, all lose certainty."""
    first = [one for one in probed if not one.reading.second_opinion]
    if not first:
        return list(probed)
    best = max(first, key=lambda one: one.reading.score)
    against = [
        one for one in probed
        if one.reading.second_opinion and one.result is not None and best.result is not None
        and not _same_outcome(best, one)
    ]  # fmt: skip
    if not against:
        return first
    return [
        replace(one, reading=replace(one.reading, score=one.reading.score * DISPUTED)) for one in [*first, *against]
    ]


def _rivals(ranked: Sequence[Probed]) -> list[Probed]:
    """The best reading of each different outcome that is plausible beside the best of all.

    Equal outcomes do not add up: on little data, and on none above all, different questions have the same answer.
    Those that share one score do.
    """
    clusters: list[list[Probed]] = []
    for one in ranked:
        known = next((cluster for cluster in clusters if _same_outcome(cluster[0], one)), None)
        if known is None:
            clusters.append([one])
        else:
            known.append(one)
    least = RIVAL_SHARE * ranked[0].reading.score
    rivals = [_together(cluster) for cluster in clusters if cluster[0].reading.score >= least]
    return sorted(rivals, key=lambda one: one.reading.score, reverse=True)


def _together(cluster: Sequence[Probed]) -> Probed:
    """The first of some equal outcomes, with the scores of all that share one with it."""
    first = cluster[0]
    if not first.reading.is_shared:
        return first
    total = sum(one.reading.score for one in cluster if one.reading.is_shared)
    return replace(first, reading=replace(first.reading, score=min(1.0, total)))


def _same_outcome(one: Probed, other: Probed) -> bool:
    return one.result is not None and other.result is not None and says_the_same(one.result, other.result)


def _best_question(rivals: Sequence[Probed], policy: Policy) -> Ask | None:
    """The point at which asking tells most, measured as the entropy of the readings' scores over its labels."""
    points = {(c.field, c.phrase) for rival in rivals for c in rival.reading.choices} - set(policy.settled)
    splits = [split for point in sorted(points) if len(split := _split(rivals, point)) > 1]
    if not splits:
        is_open = not policy.settled and rivals[0].reading.score < policy.threshold
        return _question_of_whole_readings(rivals) if is_open else None
    best = max(splits, key=_entropy)
    first = next(iter(best))
    return _ask(first.field, first.phrase, best, rivals)


def _split(rivals: Sequence[Probed], point: Point) -> dict[Choice, list[Probed]]:
    groups: dict[str, tuple[Choice, list[Probed]]] = {}
    for rival in rivals:
        for choice in rival.reading.choices:
            if (choice.field, choice.phrase) == point:
                groups.setdefault(choice.label, (choice, []))[1].append(rival)
    return dict(groups.values())


def _entropy(split: Mapping[Choice, Sequence[Probed]]) -> float:
    weights = [sum(one.reading.score for one in group) for group in split.values()]
    total = sum(weights) or 1.0
    return -sum(weight / total * log2(weight / total) for weight in weights if weight)


def _question_of_whole_readings(rivals: Sequence[Probed]) -> Ask | None:
    """Where no single point tells the readings apart, offer the readings themselves, but only few good ones: a list of
    guesses would hide that the question was not understood.
    """
    rivals = [rival for rival in rivals if rival.reading.score >= GOOD_READING]
    split = {
        Choice(ChoiceField.OTHER, "", rival.reading.explanation, rival.reading.explanation): [rival]
        for rival in rivals
        if rival.reading.explanation
    }
    return _ask(ChoiceField.OTHER, "", split, rivals) if len(split) > 1 else None


def _ask(point: ChoiceField, phrase: str, split: Mapping[Choice, Sequence[Probed]], rivals: Sequence[Probed]) -> Ask:
    options = tuple(
        Option(choice.label, choice.meaning, preview_of(group[0].result) if group[0].result else None)
        for choice, group in list(split.items())[:MOST_OPTIONS]
    )
    question, why = _words(point, phrase, len(options))
    return Ask(point, phrase, question, why, options, tuple(rival.reading for rival in rivals))


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


def _words(point: ChoiceField, phrase: str, count: int) -> tuple[str, str]:
    number = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}[count]
    return QUESTIONS[point].format(phrase=phrase), f"{number} readings fit and give different results."


def _assumptions(best: Reading, rivals: Sequence[Probed], policy: Policy) -> tuple[str, ...]:
    """What the reading assumes, what was chosen, and each open point that it settles by default."""
    stated = list(best.assumptions)
    for choice in best.choices:
        point = (choice.field, choice.phrase)
        if policy.settled.get(point) == choice.label:
            stated.append(f"You chose “{choice.label}” for “{choice.phrase}”: {choice.meaning}.")
        elif len(_split(rivals, point)) > 1:
            stated.append(f"“{choice.phrase}” is taken as “{choice.label}”: {choice.meaning}.")
    return tuple(dict.fromkeys(stated))


def _why_unsure(best: Reading) -> str:
    if best.unexplained:
        words = ", ".join(f"“{word}”" for word in best.unexplained[:5])
        return f"I could not connect {words} to the data, so any answer would be a guess."
    return "I am not sure enough of any reading of this question to answer it."
