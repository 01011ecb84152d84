"""What the classifiers make of one question: how likely each column, table and constant plays each part."""

from collections import defaultdict
from dataclasses import dataclass, replace
from math import exp, log

from apps.knowledge.catalog import Kind
from apps.knowledge.dates import FIRST_YEAR, LAST_YEAR

from .analysis import Analysis
from .features import (
    binding_features,
    is_comparable,
    operator_features,
    question_features,
    span_features,
    table_features,
)
from .linear import log_softmax
from .model import ROLES, EngineModel
from .places import ColumnMention, Place, choice_features, place_features, places_of
from .plan import ColumnKey, Operator
from .shape import PARTS
from .spans import SpanKind, ValueSpan
from .units import Units, units_of

LIMIT, HAVING, UNUSED = "LIMIT", "HAVING", "UNUSED"
PSEUDO = (LIMIT, HAVING, UNUSED)
MAX_BINDINGS = 12
FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """How likely a column plays a role, and the mention that speaks most for it."""

    mention: ColumnMention
    probability: float

    @property
    def key(self) -> ColumnKey:
        return self.mention.entry.key


@dataclass(frozen=True)
class PlaceGuess:
    """What one place of the question says: how likely each role, and which column or two it means
    (log-probabilities)."""

    place: Place
    roles: dict[str, float]
    choices: tuple[tuple[tuple[ColumnMention, ...], float], ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """One use of a constant: as the value of a column with an operator, as a limit, in HAVING, or not at all."""

    span: ValueSpan
    use: ColumnKey | str
    operator: Operator | None
    log_probability: float
    by_date: bool = False


@dataclass(frozen=True)
class Evidence:
    """Log-probabilities of the outline's parts, guesses for columns by role, bindings by constant, tables by need."""

    analysis: Analysis
    units: Units
    parts: dict[str, dict[str, float]]
    places: list[PlaceGuess]
    roles: dict[str, list[RoleGuess]]
    bindings: list[list[Binding]]
    tables: dict[str, float]

    def role(self, name: str, key: ColumnKey) -> float:
        """The probability that a column plays a role, small but not zero where nothing speaks for it."""
        return next((guess.probability for guess in self.roles[name] if guess.key == key), FLOOR)


def weigh(analysis: Analysis, model: EngineModel) -> Evidence:
    """Ask every classifier about one question."""
    units = units_of(analysis)
    question = question_features(units)
    places = [_place_guess(place, analysis, units, model) for place in places_of(analysis, units)]
    return Evidence(
        analysis,
        units,
        {part: model.parts[part].log_probabilities(question) for part in PARTS},
        places,
        _role_guesses(places),
        [_bindings(span, analysis, units, model) for span in analysis.spans],
        {
            table: model.tables.likelihoods(table_features(table, analysis, units))[0]
            for table, links in analysis.table_links.items()
            if max(link.quality for link in links) >= 0.3
        },
    )


def complete(evidence: Evidence) -> Evidence:
    """The same with the roles of columns computed again from the places."""
    return replace(evidence, roles=_role_guesses(evidence.places))


def _place_guess(place: Place, analysis: Analysis, units: Units, model: EngineModel) -> PlaceGuess:
    likelihoods = model.roles.likelihoods(place_features(place, analysis, units))
    options = choice_options(place)
    scores = [model.choices.score(choice_features(place, option, analysis, units)) for option in options]
    ranked = sorted(zip(options, log_softmax(scores), strict=True), key=lambda pair: -pair[1])
    return PlaceGuess(place, dict(zip(ROLES, likelihoods, strict=True)), tuple(ranked))


def choice_options(place: Place) -> list[tuple[ColumnMention, ...]]:
    """What a place may mean: one of its columns, or two of the best."""
    singles: list[tuple[ColumnMention, ...]] = [(mention,) for mention in place.mentions]
    best = place.mentions[:4]
    return singles + [(one, other) for index, one in enumerate(best) for other in best[index + 1 :]]


def _role_guesses(places: list[PlaceGuess]) -> dict[str, list[RoleGuess]]:
    """For each role the columns that may play it, each with its best place."""
    best: dict[str, dict[ColumnKey, RoleGuess]] = defaultdict(dict)
    for guess in places:
        meant: dict[ColumnKey, tuple[ColumnMention, float]] = {}
        for mentions, weight in guess.choices:
            for mention in mentions:
                known = meant.get(mention.entry.key, (mention, 0.0))[1]
                meant[mention.entry.key] = (mention, known + exp(weight))
        for role, likelihood in guess.roles.items():
            for key, (mention, share) in meant.items():
                found = best[role].get(key)
                if found is None or likelihood * share > found.probability:
                    best[role][key] = RoleGuess(mention, likelihood * share)
    return {role: sorted(best[role].values(), key=lambda one: (-one.probability, one.key)) for role in ROLES}


def binding_candidates(span: ValueSpan, analysis: Analysis) -> list[ColumnKey]:
    """Columns that a constant may belong to: those that hold it, and comparable ones that are named."""
    held = [key for key, _, _ in span.matches]
    links = sorted(
        (link for link in analysis.links if link.column),
        key=lambda one: (abs(one.start - span.start) - 3 * one.quality, one.table),
    )
    named = [
        (link.table, link.column)
        for link in links
        if link.column and is_comparable(span, analysis.catalog.columns[(link.table, link.column)])
    ]
    dated = _date_columns(analysis) if _says_when(span) else []
    if span.kind is SpanKind.DATE:
        return list(dict.fromkeys([*(key for key in named if key in dated), *dated]))[:MAX_BINDINGS]
    if span.kind is SpanKind.FLAG:
        return held
    ids = [
        entry.id_column.key
        for table in analysis.table_links
        if span.kind is SpanKind.NUMBER and (entry := analysis.catalog.tables[table]).id_column
    ]
    names = [
        entry.name_column.key
        for table in analysis.table_links
        if span.kind is SpanKind.TEXT and not held and (entry := analysis.catalog.tables[table]).name_column
    ]
    return list(dict.fromkeys([*held, *named[:MAX_BINDINGS], *ids[:4], *names[:4], *dated[:6]]))


def _says_when(span: ValueSpan) -> bool:
    constant = span.constants[0]
    return span.kind is SpanKind.DATE or (isinstance(constant, int) and FIRST_YEAR <= constant < LAST_YEAR)


def _date_columns(analysis: Analysis) -> list[ColumnKey]:
    """Columns that say when: those of tables that are named first."""
    found = [
        (table not in analysis.table_links, entry.position, entry.key)
        for table, tables in analysis.catalog.tables.items()
        for entry in tables.columns
        if entry.kind is Kind.DATE or (entry.kind is Kind.NUMBER and "year" in entry.words)
    ]
    return [key for elsewhere, _, key in sorted(found) if not elsewhere] or [key for *_, key in sorted(found)][:4]


def candidate_features(span: ValueSpan, use: ColumnKey | str, analysis: Analysis, units: Units) -> list[str]:
    """Features of one use of a constant, a column's or a pseudo one."""
    if isinstance(use, str):
        word = (
            span.text.lower() if span.kind is SpanKind.TEXT and span.end - span.start == 1 and not span.quoted else "-"
        )
        covered = int(analysis.best_quality[span.start] * 5)
        own = [
            f"word={word}",
            f"covered={covered} quoted={span.quoted}",
            f"capital={span.text[:1].isupper()} {covered}",
        ]
        return [f"{use}|{name}" for name in (*span_features(span, units), *own)]
    entry = analysis.catalog.columns[use]
    return binding_features(span, entry, analysis, units)


def _bindings(span: ValueSpan, analysis: Analysis, units: Units, model: EngineModel) -> list[Binding]:
    uses: list[ColumnKey | str] = [*binding_candidates(span, analysis), *PSEUDO]
    if span.kind is not SpanKind.NUMBER or not isinstance(span.constants[0], int | float):
        uses = [use for use in uses if use not in (LIMIT, HAVING)]
    scores = log_softmax([model.bindings.score(candidate_features(span, use, analysis, units)) for use in uses])
    ranked = sorted(zip(uses, scores, strict=True), key=lambda pair: -pair[1])
    found: list[Binding] = []
    for use, score in ranked[:4]:
        if score > -5:
            found.extend(_with_operators(span, use, score, analysis, units, model))
    return sorted(found, key=lambda one: -one.log_probability)[:5]


def _with_operators(
    span: ValueSpan, use: ColumnKey | str, score: float, analysis: Analysis, units: Units, model: EngineModel
) -> list[Binding]:
    if use in (LIMIT, UNUSED):
        return [Binding(span, use, None, score)]
    entry = None if isinstance(use, str) else analysis.catalog.columns[use]
    by_date = entry is not None and entry.kind is Kind.DATE
    if span.kind is SpanKind.RANGE:
        return [Binding(span, use, Operator.BETWEEN, score, by_date)]
    if span.kind is SpanKind.DATE:
        return [Binding(span, use, Operator.WITHIN, score, by_date)]
    by_operator = model.operators.log_probabilities(operator_features(span, entry, units))
    by_operator.pop(Operator.BETWEEN, None)
    ranked = sorted(by_operator.items(), key=lambda pair: -pair[1])[:2]
    return [
        Binding(span, use, Operator(name), score + weight, by_date) for name, weight in ranked if weight > log(0.08)
    ]
