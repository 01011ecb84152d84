"""Trains the ranking of whole plans and the confidence, on candidates for databases that the classifiers did not
see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from random import Random
from statistics import pstdev

from ..engine import Ranked, confidence_features, rank
from ..evidence import Evidence, weigh
from ..judging import Chance, PlanScorer
from ..linear import Scorer, log_softmax, sigmoid
from ..model import EngineModel
from ..sql import NotJoinable, SqlWriter
from .boosting import grow_chance, grow_ranking
from .fitting import fit_ranking
from .local import Lesson, train_local

FOLDS = 3
INITIAL_RANKING = {
    "total": 1.0,
    "joins": -0.2,
    "names left out": -1.5,
    "tables left out": -0.5,
    "constants left out": -0.5,
    "tables between": -0.3,
    "unsaid columns": -0.3,
}


@dataclass(frozen=True)
class Exercise:
    """A lesson of one database; `is_right` says whether a SQL text gives the right result."""

    db_id: str
    lesson: Lesson
    is_right: Callable[[str], bool]


@dataclass(frozen=True)
class _Trial:
    """The candidates of one question and which of them are right."""

    evidence: Evidence
    ranked: list[Ranked]
    right: set[int]


def train(exercises: Sequence[Exercise], lessons: Sequence[Lesson]) -> EngineModel:
    """The whole model: classifiers on all lessons, ranking and calibration across folds of databases."""
    by_database = sorted(exercises, key=lambda one: one.db_id)
    databases = sorted({one.db_id for one in exercises})
    trials: list[list[_Trial]] = []
    for fold in range(FOLDS):
        held = set(databases[fold::FOLDS])
        local = train_local([one.lesson for one in exercises if one.db_id not in held])
        starting = replace(local, ranking=PlanScorer(Scorer(INITIAL_RANKING)))
        trials.append([_try(one, starting) for one in by_database if one.db_id in held])
    ranking = _fit_plan_scorer([trial for fold in trials for trial in fold])
    return replace(train_local(lessons), ranking=ranking, calibration=_calibrated(trials))


def _fit_plan_scorer(trials: Sequence[_Trial]) -> PlanScorer:
    choices = [_choice(trial) for trial in trials if trial.right]
    linear = fit_ranking(choices)
    trees = grow_ranking(choices)
    rows = [row for candidates, _ in choices for row in candidates]
    scale = pstdev(map(linear.score_values, rows)) / pstdev(map(trees.score_values, rows))
    return PlanScorer(linear, trees, scale)


def _try(exercise: Exercise, model: EngineModel) -> _Trial:
    evidence = weigh(exercise.lesson.analysis, model)
    writer = SqlWriter(exercise.lesson.analysis.catalog)
    ranked = rank(evidence, model, writer)
    right = {index for index, one in enumerate(ranked) if exercise.is_right(_sql(one, writer))}
    return _Trial(evidence, ranked, right)


def _sql(ranked: Ranked, writer: SqlWriter) -> str:
    try:
        return writer.write(ranked.candidate.plan).sql(writer.dialect)
    except NotJoinable:
        return ""


def _choice(trial: _Trial) -> tuple[list[dict[str, float]], set[int]]:
    return [one.features for one in trial.ranked], trial.right


def _calibrated(trials: Sequence[Sequence[_Trial]]) -> Chance:
    """Confidence from rankings that the other folds' questions trained."""
    rows: list[tuple[dict[str, float], bool]] = []
    for index, fold in enumerate(trials):
        others = [trial for place, other in enumerate(trials) if place != index for trial in other]
        ranking = _fit_plan_scorer(others)
        for trial in fold:
            again = rescore(trial.ranked, ranking)
            rows.extend(
                (confidence_features([one for one, _ in again], place, trial.evidence), old in trial.right)
                for place, (_, old) in enumerate(again[:2])
            )
    return Chance(fit_logistic(rows), grow_chance(rows))


def rescore(ranked: Sequence[Ranked], ranking: PlanScorer) -> list[tuple[Ranked, int]]:
    """The ranking under other weights, each with its former place."""
    scores = ranking.scores([one.features for one in ranked])
    shares = [exp(weight) for weight in log_softmax(scores)]
    again = [
        (replace(one, score=score, share=share), index)
        for index, (one, score, share) in enumerate(zip(ranked, scores, shares, strict=True))
    ]
    return sorted(again, key=lambda pair: -pair[0].score)


def fit_logistic(
    rows: Sequence[tuple[Mapping[str, float], bool]], *, epochs: int = 20, rate: float = 0.1, l2: float = 4e-3
) -> Scorer:
    """The chance of being right from named amounts."""
    data = list(rows)
    names = {name for row, _ in data for name in row}
    weights, squares = dict.fromkeys(names, 0.0), dict.fromkeys(names, 1e-2)
    scorer, order = Scorer(weights), Random(7)  # noqa: S311 - repeatable on purpose
    for _ in range(epochs):
        order.shuffle(data)
        for row, right in data:
            error = sigmoid(scorer.score_values(row)) - right
            for name, amount in row.items():
                full = error * amount + l2 * weights[name]
                squares[name] += full * full
                weights[name] -= rate * full / sqrt(squares[name])
    return scorer
