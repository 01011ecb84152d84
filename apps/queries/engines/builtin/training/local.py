"""Trains the classifiers that look at one part of a question at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from ..analysis import Analysis
from ..evidence import PSEUDO, binding_candidates, candidate_features
from ..features import column_mentions, operator_features, question_features, role_features, table_features
from ..labels import column_roles, nested_plans, span_use
from ..linear import Scorer
from ..model import ROLES, EngineModel
from ..plan import Plan
from ..shape import PARTS, shape_of
from ..units import units_of
from .fitting import Choice, fit_classifier, fit_roles, fit_scorer


@dataclass(frozen=True)
class Lesson:
    """A question with the plan that answers it."""

    analysis: Analysis
    plan: Plan


def train_local(lessons: Sequence[Lesson]) -> EngineModel:
    """A model whose ranking is still empty."""
    return EngineModel(
        parts={part: _train_part(lessons, part) for part in PARTS},
        shapes=_shape_frequencies(lessons),
        roles=fit_roles([row for lesson in lessons for row in _role_rows(lesson)], ROLES),
        bindings=_train_bindings(lessons),
        operators=fit_classifier([row for lesson in lessons for row in _operator_rows(lesson)]),
        tables=fit_roles([row for lesson in lessons for row in _table_rows(lesson)], ("needed",)),
    )


def _train_part(lessons: Sequence[Lesson], part: str):  # type: ignore[no-untyped-def]
    rows = [
        (question_features(units_of(lesson.analysis)), getattr(shape_of(lesson.plan), part)) for lesson in lessons
    ]
    counts = Counter(label for _, label in rows)
    return fit_classifier([row for row in rows if counts[row[1]] >= 3])


def _shape_frequencies(lessons: Sequence[Lesson]) -> dict:  # type: ignore[type-arg]
    counts = Counter(shape_of(lesson.plan) for lesson in lessons)
    total = sum(counts.values())
    return {shape: log(count / total) for shape, count in sorted(counts.items(), key=lambda one: (-one[1], one[0].parts())) if count >= 2}


def _role_rows(lesson: Lesson) -> list[tuple[list[str], set[int]]]:
    roles = column_roles(lesson.plan)
    units = units_of(lesson.analysis)
    return [
        (
            role_features(mention, lesson.analysis, units),
            {ROLES.index(role) for role in roles.get(mention.entry.key, ())},
        )
        for mention in column_mentions(lesson.analysis)
    ]


def _train_bindings(lessons: Sequence[Lesson]) -> Scorer:
    choices: list[Choice] = []
    for lesson in lessons:
        units = units_of(lesson.analysis)
        for span in lesson.analysis.spans:
            use, _ = span_use(span, lesson.plan, lesson.analysis)
            uses = [*binding_candidates(span, lesson.analysis), *PSEUDO]
            if use in uses:
                rows = [candidate_features(span, one, lesson.analysis, units) for one in uses]
                choices.append((rows, {uses.index(use)}))
    return fit_scorer(choices)


def _operator_rows(lesson: Lesson) -> list[tuple[list[str], str]]:
    rows = []
    for span in lesson.analysis.spans:
        use, operator = span_use(span, lesson.plan, lesson.analysis)
        if operator is not None:
            entry = None if isinstance(use, str) else lesson.analysis.catalog.columns[use]
            rows.append((operator_features(span, entry, units_of(lesson.analysis)), str(operator)))
    return rows


def _table_rows(lesson: Lesson) -> list[tuple[list[str], set[int]]]:
    needed = {table for plan in nested_plans(lesson.plan) for table in plan.all_tables()}
    units = units_of(lesson.analysis)
    return [
        (table_features(table, lesson.analysis, units), {0} if table in needed else set())
        for table in lesson.analysis.table_links
    ]
