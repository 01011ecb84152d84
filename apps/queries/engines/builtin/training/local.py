"""Trains the classifiers that look at one part of a question at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from ..analysis import Analysis
from ..evidence import PSEUDO, binding_candidates, candidate_features, choice_options
from ..features import operator_features, question_features, table_features
from ..labels import column_roles, span_use
from ..linear import Scorer
from ..model import ROLES, EngineModel
from ..places import Place, choice_features, place_features, places_of, strength
from ..plan import ColumnKey, Plan
from ..shape import PARTS, shape_of
from ..units import units_of
from .fitting import Choice, fit_classifier, fit_roles, fit_scorer

NEARLY = 0.3
_SAID_ONCE = {"select": 0, "order": -1, "order_agg": -1, "having": -1, "compare": -1, "group": 0}


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
        choices=fit_scorer([choice for lesson in lessons for choice in _place_choices(lesson)]),
        bindings=_train_bindings(lessons),
        operators=fit_classifier([row for lesson in lessons for row in _operator_rows(lesson)]),
        tables=fit_roles([row for lesson in lessons for row in _table_rows(lesson)], ("needed",)),
    )


def _train_part(lessons: Sequence[Lesson], part: str):  # type: ignore[no-untyped-def]
    rows = [(question_features(units_of(lesson.analysis)), getattr(shape_of(lesson.plan), part)) for lesson in lessons]
    counts = Counter(label for _, label in rows)
    return fit_classifier([row for row in rows if counts[row[1]] >= 3], minimum=4)


def _shape_frequencies(lessons: Sequence[Lesson]) -> dict:  # type: ignore[type-arg]
    counts = Counter(shape_of(lesson.plan) for lesson in lessons)
    total = sum(counts.values())
    return {
        shape: log(count / total)
        for shape, count in sorted(counts.items(), key=lambda one: (-one[1], one[0].parts()))
        if count >= 2
    }


def _role_rows(lesson: Lesson) -> list[tuple[list[str], set[int]]]:
    """Each place with the roles that its columns play; a column said twice teaches where its link is best."""
    roles = column_roles(lesson.plan)
    units = units_of(lesson.analysis)
    places = places_of(lesson.analysis, units)
    return [
        (place_features(place, lesson.analysis, units), {ROLES.index(role) for role in _roles_at(place, places, roles)})
        for place in places
    ]


def _roles_at(place: Place, places: Sequence[Place], roles: Mapping[ColumnKey, set[str]]) -> set[str]:
    """The roles said here. What is shown is said first and what orders is said last, if a column is named twice."""
    found: set[str] = set()
    for mention in place.mentions:
        said = roles.get(mention.entry.key, set())
        if said:
            named = _places_naming(mention.entry.key, places)
            found |= {role for role in said if role not in _SAID_ONCE or named[_SAID_ONCE[role]] is place}
    return found


def _places_naming(key: ColumnKey, places: Sequence[Place]) -> list[Place]:
    """The places that name a column about as well as the best of them."""
    strengths = [
        (max((strength(one.link) - one.implied for one in place.mentions if one.entry.key == key), default=-9.0), place)
        for place in places
    ]
    best = max(weight for weight, _ in strengths)
    return [place for weight, place in strengths if weight >= best - NEARLY]


def _place_choices(lesson: Lesson) -> Iterator[Choice]:
    """Which of a place's columns the plan uses, where it uses one or two of them."""
    used = column_roles(lesson.plan)
    units = units_of(lesson.analysis)
    for place in places_of(lesson.analysis, units):
        options = choice_options(place)
        meant = {mention.entry.key for mention in place.mentions if mention.entry.key in used}
        right = {index for index, option in enumerate(options) if {one.entry.key for one in option} == meant}
        if right and len(options) > 1:
            yield [choice_features(place, option, lesson.analysis, units) for option in options], right


def _train_bindings(lessons: Sequence[Lesson]) -> Scorer:
    choices: list[Choice] = []
    for lesson in lessons:
        units = units_of(lesson.analysis)
        for span in lesson.analysis.spans:
            use, _ = span_use(span, lesson.plan, lesson.analysis)
            uses: list[ColumnKey | str] = [*binding_candidates(span, lesson.analysis), *PSEUDO]
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
    needed = lesson.plan.tables_anywhere
    units = units_of(lesson.analysis)
    return [
        (table_features(table, lesson.analysis, units), {0} if table in needed else set())
        for table in lesson.analysis.table_links
    ]
