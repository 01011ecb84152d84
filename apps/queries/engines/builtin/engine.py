"""From a question to ranked readings: link, weigh, compose, rank, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from sqlglot import exp as sql

from apps.clarification.readings import Reading, Reason
from apps.queries.context import Context

from .analysis import Analysis, analyze
from .compose import Candidate, compose
from .evidence import Evidence, weigh
from .explain import assumptions_of, explain
from .linear import log_softmax, sigmoid
from .model import EngineModel, default_model
from .ranking import ranking_features, unexplained_words
from .spoken import merged, spoken_readings
from .sql import NotJoinable, SqlWriter

THRESHOLD = 0.6
MAX_READINGS = 6
MIN_SHARE = 0.01


@dataclass(frozen=True)
class Ranked:
    """A candidate with its features, its raw score and its share of all candidates' weight."""

    candidate: Candidate
    features: dict[str, float]
    score: float
    share: float


def propose_readings(context: Context) -> list[Reading]:
    """Readings of a question, likeliest first, at most six; none where nothing of the schema is recognized."""
    analysis = analyze(context)
    return merged(spoken_readings(analysis), _learned_readings(analysis), MAX_READINGS)


def _learned_readings(analysis: Analysis) -> list[Reading]:
    if not analysis.links and not any(span.matches for span in analysis.spans):
        return []
    model = default_model()
    evidence = weigh(analysis, model)
    writer = SqlWriter(analysis.catalog)
    return _readings(rank(evidence, model, writer), evidence, model, writer)


def rank(evidence: Evidence, model: EngineModel, writer: SqlWriter) -> list[Ranked]:
    """All candidates of a question, best first."""
    rated = []
    for candidate in compose(evidence, model):
        features = ranking_features(candidate, evidence, writer)
        if features is not None:
            rated.append((candidate, features, model.ranking.score_values(features)))
    shares = [exp(weight) for weight in log_softmax([score for _, _, score in rated])]
    ranked = [Ranked(*one, share) for one, share in zip(rated, shares, strict=True)]
    return sorted(ranked, key=lambda one: (-one.score, -one.candidate.total))


def confidence_features(ranked: Sequence[Ranked], index: int, evidence: Evidence) -> dict[str, float]:
    """What the chance of being right is computed from, for one candidate of the ranking."""
    one = ranked[index]
    best_other = max((other.share for place, other in enumerate(ranked) if place != index), default=0.0)
    unused = len(unexplained_words(one.candidate, evidence))
    certain = {f"conf {name[4:]}": value for name, value in one.features.items() if name.startswith("log ")}
    return {
        "bias": 1.0, "share": one.share, "margin": one.share - best_other, "unexplained": unused,
        "left out": one.features["names left out"], "joins": one.features["joins"],
        "constants left out": one.features["constants left out"], "unsaid": one.features["unsaid columns"],
        f"nest={one.candidate.shape.nest}": 1.0, **certain,
    }  # fmt: skip


def _readings(ranked: list[Ranked], evidence: Evidence, model: EngineModel, writer: SqlWriter) -> list[Reading]:
    readings: list[Reading] = []
    seen: set[str] = set()
    for index, one in enumerate(ranked):
        if len(readings) == MAX_READINGS or one.share < MIN_SHARE:
            break
        try:
            tree = writer.write(one.candidate.plan)
        except NotJoinable:
            continue
        text = tree.sql()
        if text not in seen:
            seen.add(text)
            readings.append(_reading(tree, ranked, index, evidence, model, writer))
    return sorted(readings, key=lambda reading: -reading.score)


def _reading(
    tree: sql.Query, ranked: list[Ranked], index: int, evidence: Evidence, model: EngineModel, writer: SqlWriter
) -> Reading:
    one = ranked[index]
    confidence = sigmoid(model.calibration.score_values(confidence_features(ranked, index, evidence)))
    weighed = {name: model.ranking.weights.get(name, 0.0) * amount for name, amount in one.features.items()}
    strongest = sorted(weighed.items(), key=lambda pair: -abs(pair[1]))[:6]
    return Reading(
        tree=tree,
        score=confidence,
        assumptions=assumptions_of(one.candidate, evidence, writer),
        reasons=tuple(Reason(name, round(weight, 3)) for name, weight in strongest if weight),
        unexplained=unexplained_words(one.candidate, evidence),
        explanation=explain(one.candidate.plan, evidence.analysis.catalog),
    )

