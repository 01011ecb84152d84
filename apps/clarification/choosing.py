"""Whether to answer, to ask back or to decline: decided by comparing what the readings bring back.

Readings with the same rows are one answer, however they were worded. Only readings that lead to different rows, each
plausible beside the best, are worth a question. No Django here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps.clarification.opinions import WHOLE, disputed
from apps.clarification.probed import RIVAL_SHARE, Probed, Problem, rivals_of, usable
from apps.clarification.questions import Ask, Habits, Option, best_question, question_of_whole_readings, split_at
from apps.clarification.readings import ChoiceField, Point, Reading

__all__ = [
    "Ask", "Chosen", "Decline", "Option", "Point", "Policy", "Probed", "Problem", "choose_reading", "narrow",
    "plausible",
]  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """Answer with this reading. `assumptions` are all that it rests on, in words."""

    probed: Probed
    confidence: float
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Decline:
    """No reading is good enough; `reason` says so in plain words, `understood` what was recognised."""

    reason: str
    understood: str = ""


@dataclass(frozen=True)
class Policy:
    """How sure is sure enough, whether asking is allowed, which points are settled already and what was chosen at
    others before."""

    threshold: float
    may_ask: bool = True
    settled: Mapping[Point, str] = field(default_factory=dict)
    habits: Habits = field(default_factory=dict)


def choose_reading(probed: Sequence[Probed], policy: Policy) -> Chosen | Ask | Decline:
    """Pick the reading to answer with, or the one question that splits the plausible ones best.

    Where a reading could not be looked at, nobody is asked for that: the others are compared without it, and where it
    is the best itself, it is answered with; both are among the assumptions.
    """
    ranked = sorted(disputed(usable(probed)), key=lambda one: one.reading.score, reverse=True)
    if not ranked:
        return Decline("I found no way to read this question from the data.")
    rivals = rivals_of(ranked)
    understood = min(1.0, sum(rival.reading.score for rival in rivals))
    best = rivals[0]
    question = _question(rivals, understood, policy)
    if question is not None and policy.may_ask and best.problem is None:
        seen = [rival for rival in rivals if rival.problem is None]
        if (to_ask := _question(seen, understood, policy)) is not None:
            return to_ask
    if question is None and best.reading.score < policy.threshold and not policy.settled:
        return Decline(_why_unsure(best.reading), best.reading.explanation)
    confidence = best.reading.score if question is None else understood
    return Chosen(best, confidence, tuple(dict.fromkeys(_assumptions(best.reading, rivals, question, policy))))


def _question(rivals: Sequence[Probed], understood: float, policy: Policy) -> Ask | None:
    """Only what was understood but for the choice is worth a question: words left over would make it a way out."""
    if len(rivals) < 2 or understood < policy.threshold or rivals[0].reading.unexplained:
        return None
    if (at_a_point := best_question(rivals, policy.settled, policy.habits)) is not None:
        return at_a_point
    is_open = not policy.settled and rivals[0].reading.score < policy.threshold
    return question_of_whole_readings(rivals) if is_open else None


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
    if point[0] is ChoiceField.OTHER and not any(choice.point == point for choice in reading.choices):
        return reading.explanation == label
    return any(choice.point == point and choice.label == label for choice in reading.choices)


def _assumptions(best: Reading, rivals: Sequence[Probed], question: Ask | None, policy: Policy) -> Iterator[str]:
    """What the reading assumes, what was chosen, each open point that it settles by default, and what was not seen."""
    yield from best.assumptions
    for choice in best.choices:
        if choice.point == WHOLE:
            continue
        if policy.settled.get(choice.point) == choice.label:
            yield f"You chose “{choice.label}” for “{choice.phrase}”: {choice.meaning}."
        elif len(split_at(rivals, choice.point)) > 1:
            yield f"“{choice.phrase}” is taken as “{choice.label}”: {choice.meaning}."
    if policy.settled.get(WHOLE) == best.explanation:
        yield f"You chose this reading: {best.explanation}."
    elif question is not None and question.field is ChoiceField.OTHER and not question.phrase:
        yield f"The question can be read in {len(question.options)} ways; the likeliest is taken: {best.explanation}."
    unseen = sum(rival.problem is not None for rival in rivals)
    if unseen and len(rivals) > 1:
        yield f"Not all {len(rivals)} ways to read the question could be compared in time, so you were not asked."


def _why_unsure(best: Reading) -> str:
    if best.unexplained:
        words = ", ".join(f"“{word}”" for word in best.unexplained[:5])
        return f"I could not connect {words} to the data, so any answer would be a guess."
    return "I am not sure enough of any reading of this question to answer it."
