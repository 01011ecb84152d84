"""Says at which words of the question the readings part ways: what a clarification can ask about."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import Catalog, Kind

from .compose import Candidate
from .evidence import Evidence
from .plan import Aggregate, ColumnKey, Plan
from .spans import SpanKind, ValueSpan

Point = tuple[ChoiceField, str]
EQUAL_FIT = 0.12
_FIELDS_OF_SPANS = {
    SpanKind.DATE: ChoiceField.TIME_RANGE, SpanKind.TEXT: ChoiceField.VALUE, SpanKind.NUMBER: ChoiceField.FILTER,
    SpanKind.RANGE: ChoiceField.FILTER, SpanKind.FLAG: ChoiceField.FILTER,
}  # fmt: skip
_SAID_AGGREGATES = {
    Aggregate.COUNT: "number of", Aggregate.SUM: "sum of", Aggregate.AVG: "average of", Aggregate.MIN: "smallest",
    Aggregate.MAX: "largest",
}  # fmt: skip


def differing_choices(candidates: Sequence[Candidate], evidence: Evidence) -> list[tuple[Choice, ...]]:
    """For each candidate the choices it took at words that another candidate took otherwise, and the words allow
    both."""
    taken = [dict(_taken(candidate, evidence)) for candidate in candidates]
    fits: dict[Point, dict[str, float]] = defaultdict(dict)
    for points in taken:
        for point, (choice, fit) in points.items():
            fits[point][choice.label] = fit
    open_points = {point: _equally_fit(labels) for point, labels in fits.items()}
    return [
        tuple(choice for point, (choice, _) in points.items() if choice.label in open_points[point]) for points in taken
    ]


def _equally_fit(fits: dict[str, float]) -> set[str]:
    """The labels that fit their words about as well as the best one, if there are several."""
    best = max(fits.values())
    equal = {label for label, fit in fits.items() if fit >= best - EQUAL_FIT}
    return equal if len(equal) > 1 else set()


def _taken(candidate: Candidate, evidence: Evidence) -> Iterator[tuple[Point, tuple[Choice, float]]]:
    """Each stretch of the question that stands for a column, with the column that this candidate took and how well
    it fits."""
    analysis = evidence.analysis
    for binding in candidate.assignment.bindings:
        if not isinstance(binding.use, str):
            span = binding.span
            phrase = analysis.words(span.start, span.end)
            point, choice = _point(_FIELDS_OF_SPANS[span.kind], phrase, binding.use, analysis.catalog, None)
            yield point, (choice, _span_fit(span, binding.use, evidence))
    for key, aggregate in _shown(candidate.plan):
        links = analysis.column_links.get(key, [])
        if links:
            best = max(links, key=lambda link: (link.quality, -link.start))
            phrase = analysis.words(best.start, best.end)
            point, choice = _point(_field(key, aggregate, analysis.catalog), phrase, key, analysis.catalog, aggregate)
            yield point, (choice, best.quality)


def _field(key: ColumnKey, aggregate: Aggregate | None, catalog: Catalog) -> ChoiceField:
    is_number = catalog.columns[key].kind is Kind.NUMBER
    if aggregate is Aggregate.COUNT and not is_number:
        return ChoiceField.ENTITY
    return ChoiceField.METRIC if aggregate is not None or is_number else ChoiceField.DIMENSION


def _span_fit(span: ValueSpan, key: ColumnKey, evidence: Evidence) -> float:
    """How well a column holds or is named for a constant: a column named beside it fits best."""
    held = next((score for held_key, _, score in span.matches if held_key == key), 0.0)
    named = max((link.quality for link in evidence.analysis.column_links.get(key, ())), default=0.0)
    return held + named


def _shown(plan: Plan) -> Iterator[tuple[ColumnKey, Aggregate | None]]:
    for level in plan.levels:
        for item in (*level.select, *(order.item for order in level.order)):
            if item.column:
                yield item.column, item.aggregate


def _point(
    field: ChoiceField, phrase: str, key: ColumnKey, catalog: Catalog, aggregate: Aggregate | None
) -> tuple[Point, Choice]:
    meaning = f"{key[0].rpartition('.')[2]}.{key[1]}"
    if aggregate:
        meaning = f"{_SAID_AGGREGATES[aggregate]} {meaning}"
    return (field, phrase), Choice(field, phrase, label_of(key, catalog), meaning)


def label_of(key: ColumnKey, catalog: Catalog) -> str:
    """A column's name for people, with its table where that says more: "Order date", "Amount (invoice)"."""
    entry, table = catalog.columns[key], catalog.tables[key[0]]
    name = " ".join(entry.words).capitalize()
    return f"{name} ({' '.join(table.words)})"
