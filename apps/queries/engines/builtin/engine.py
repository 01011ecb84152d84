"""From a question to ranked readings: link, weigh, compose, rank, write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

from sqlglot import exp as sql

from apps.clarification.readings import Choice, Reading, Reason
from apps.common.identity import kept_by_identity
from apps.queries.context import Context

from .ambiguity import readings_of_meanings, with_other_columns
from .analysis import Analysis, analyze
from .choices import differing_choices
from .compose import Candidate, compose
from .continuing import in_words
from .conversation import leaning
from .evidence import Evidence, complete, weigh
from .explain import assumptions_of, explain
from .linear import log_softmax
from .model import EngineModel, default_model
from .phrases import Told, bonus, read_phrases, with_phrases
from .ranking import ranking_features, unexplained_words
from .recorded import with_recorded
from .spoken import merged, spoken_readings
from .sql import NotJoinable, SqlWriter
from .support import in_order_of_support
from .unknown import doubted, unknown_words
from .wording import wording_of

MAX_READINGS = 6
MIN_SHARE = 0.01
DOUBT_SHARE = 0.5
NOTHING_TOLD = Told()


@dataclass(frozen=True)
class Ranked:
    """A candidate with its features, its raw score and its share of all candidates' weight."""

    candidate: Candidate
    features: dict[str, float]
    score: float
    share: float


def propose_readings(context: Context) -> list[Reading]:
    """Readings of a question, likeliest first, at most six; none where nothing of the schema is recognized."""
    leant = leaning_readings(context)
    if leant is None:
        return _standing_alone(context)
    if leant:
        return list(leant[:MAX_READINGS])
    return [replace(one, score=one.score * DOUBT_SHARE) for one in _standing_alone(context)]


@kept_by_identity(maxsize=8)
def leaning_readings(context: Context) -> tuple[Reading, ...] | None:
    """Readings of a question that leans on the answer before it; None where it asks something of its own."""
    found = leaning(context, _standing_alone, in_words)
    return None if found is None else tuple(found)


def _standing_alone(context: Context) -> list[Reading]:
    analysis = analyze(context)
    readings = readings_of_meanings(analysis) or _readings_of_one_meaning(analysis)
    return in_order_of_support(readings[:MAX_READINGS], context)


def _readings_of_one_meaning(analysis: Analysis) -> list[Reading]:
    """What the grammar and the learned part make of words that language itself leaves no choice in."""
    learned = doubted(_learned_readings(analysis), unknown_words(analysis))
    readings = merged(spoken_readings(analysis), learned, analysis, MAX_READINGS)
    return with_other_columns(with_recorded(readings, analysis), analysis, MAX_READINGS)


def _learned_readings(analysis: Analysis) -> list[Reading]:
    if not analysis.links and not any(span.matches for span in analysis.spans):
        return []
    model = default_model()
    weighed = weigh(analysis, model)
    told = read_phrases(weighed)
    evidence = complete(with_phrases(weighed, told)) if told.parts else weighed
    writer = SqlWriter(analysis.catalog)
    return _readings(rank(evidence, model, writer, told), evidence, model, writer)


def rank(evidence: Evidence, model: EngineModel, writer: SqlWriter, told: Told = NOTHING_TOLD) -> list[Ranked]:
    """All candidates of a question, best first."""
    wording = wording_of(evidence)
    described = [
        (candidate, features)
        for candidate in compose(evidence, model)
        if (features := ranking_features(candidate, evidence, writer, wording)) is not None
    ]
    scores = [
        score + bonus(candidate, told, evidence)
        for (candidate, _), score in zip(described, model.ranking.scores([row for _, row in described]), strict=True)
    ]
    shares = [exp(weight) for weight in log_softmax(scores)]
    ranked = [Ranked(*one, score, share) for one, score, share in zip(described, scores, shares, strict=True)]
    return sorted(ranked, key=lambda one: (-one.score, -one.candidate.total))


def confidence_features(ranked: Sequence[Ranked], index: int, evidence: Evidence) -> dict[str, float]:
    """What the chance of being right is computed from, for one candidate of the ranking."""
    one = ranked[index]
    best_other = max((other.share for place, other in enumerate(ranked) if place != index), default=0.0)
    others = sorted((other.share for other in ranked), reverse=True)[:3]
    return {
        **one.features,
        "bias": 1.0, "share": one.share, "margin": one.share - best_other, "three": sum(others), "place": float(index),
        "unexplained": len(unexplained_words(one.candidate, evidence)), "rivals": float(len(ranked)),
    }  # fmt: skip


def _readings(ranked: list[Ranked], evidence: Evidence, model: EngineModel, writer: SqlWriter) -> list[Reading]:
    """The best candidates as readings, each with the choices at which it parts from the others."""
    kept = _distinct(ranked, writer)
    choices = differing_choices([ranked[index].candidate for index, _ in kept], evidence)
    readings = [
        _reading(tree, ranked, index, taken, evidence, model, writer)
        for (index, tree), taken in zip(kept, choices, strict=True)
    ]
    if readings:
        places = sorted(range(len(readings)), key=lambda place: -readings[place].score)
        readings = [readings[place] for place in places]
        readings = [readings[0], *(_as_doubt(reading, readings[0]) for reading in readings[1:])]
    return sorted(readings, key=lambda reading: -reading.score)[:MAX_READINGS]


def _as_doubt(reading: Reading, best: Reading) -> Reading:
    """A rival that the words themselves do not allow for is our doubt, not the person's: no ground for asking them."""
    taken = {(choice.field, choice.phrase): choice.label for choice in best.choices}
    parts_ways = any(taken.get((one.field, one.phrase), one.label) != one.label for one in reading.choices)
    return reading if parts_ways else replace(reading, score=reading.score * DOUBT_SHARE)


def _distinct(ranked: list[Ranked], writer: SqlWriter) -> list[tuple[int, sql.Query]]:
    """Places of the best candidates that read differently as SQL, with their trees."""
    kept: list[tuple[int, sql.Query]] = []
    seen: set[str] = set()
    for index, one in enumerate(ranked):
        if len(kept) == MAX_READINGS or one.share < MIN_SHARE:
            break
        try:
            tree = writer.write(one.candidate.plan)
        except NotJoinable:
            continue
        text = tree.sql()
        if text not in seen:
            seen.add(text)
            kept.append((index, tree))
    return kept


def _reading(
    tree: sql.Query,
    ranked: list[Ranked],
    index: int,
    choices: tuple[Choice, ...],
    evidence: Evidence,
    model: EngineModel,
    writer: SqlWriter,
) -> Reading:
    one = ranked[index]
    confidence = model.calibration.of(confidence_features(ranked, index, evidence))
    weighed = {name: model.ranking.linear.weights.get(name, 0.0) * amount for name, amount in one.features.items()}
    strongest = sorted(weighed.items(), key=lambda pair: -abs(pair[1]))[:6]
    return Reading(
        tree=tree,
        score=confidence,
        assumptions=assumptions_of(one.candidate, evidence, writer),
        choices=choices,
        reasons=tuple(Reason(name, round(weight, 3)) for name, weight in strongest if weight),
        unexplained=unexplained_words(one.candidate, evidence),
        explanation=explain(one.candidate.plan, evidence.analysis.catalog),
    )
