"""Says at which words of the question the readings part ways: what a clarification can ask about."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from apps.clarification.readings import Choice, ChoiceField
from apps.knowledge.catalog import Catalog, Kind

from .agreement import levels
from .analysis import SpanKind
from .compose import Candidate
from .evidence import Evidence
from .plan import Aggregate, ColumnKey, Plan

Point = tuple[ChoiceField, str]
_FIELDS_OF_SPANS = {
    SpanKind.DATE: ChoiceField.TIME_RANGE, SpanKind.TEXT: ChoiceField.VALUE, SpanKind.NUMBER: ChoiceField.FILTER,
    SpanKind.RANGE: ChoiceField.FILTER, SpanKind.FLAG: ChoiceField.FILTER,
}  # fmt: skip
_SAID_AGGREGATES = {
    Aggregate.COUNT: "number of", Aggregate.SUM: "sum of", Aggregate.AVG: "average of", Aggregate.MIN: "smallest", Aggregate.MAX: "largest",
}  # fmt: skip


def differing_choices(candidates: Sequence[Candidate], evidence: Evidence) -> list[tuple[Choice, ...]]:
    """For each candidate the choices it took at words that another candidate took otherwise."""
    taken = [dict(_taken(candidate, evidence)) for candidate in candidates]
    labels: dict[Point, set[str]] = defaultdict(set)
    for points in taken:
        for point, choice in points.items():
            labels[point].add(choice.label)
    return [tuple(choice for point, choice in points.items() if len(labels[point]) > 1) for points in taken]


def _taken(candidate: Candidate, evidence: Evidence) -> Iterator[tuple[Point, Choice]]:
    """Each stretch of the question that stands for a column, with the column that this candidate took."""
    analysis = evidence.analysis
    for binding in candidate.assignment.bindings:
        if not isinstance(binding.use, str):
            span = binding.span
            phrase = analysis.words(span.start, span.end)
            yield _point(_FIELDS_OF_SPANS[span.kind], phrase, binding.use, analysis.catalog, None)
    for key, aggregate in _shown(candidate.plan):
        links = analysis.column_links.get(key, [])
        if links:
            best = max(links, key=lambda link: (link.quality, -link.start))
            phrase = analysis.words(best.start, best.end)
            is_metric = aggregate is not None or analysis.catalog.columns[key].kind is Kind.NUMBER
            field = ChoiceField.METRIC if is_metric else ChoiceField.DIMENSION
            yield _point(field, phrase, key, analysis.catalog, aggregate)


def _shown(plan: Plan) -> Iterator[tuple[ColumnKey, Aggregate | None]]:
    for level in levels(plan):
        for item in (*level.select, *(order.item for order in level.order)):
            if item.column:
                yield item.column, item.aggregate


def _point(
    field: ChoiceField, phrase: str, key: ColumnKey, catalog: Catalog, aggregate: Aggregate | None
) -> tuple[Point, Choice]:
    meaning = f"{key[0]}.{key[1]}"
    if aggregate:
        meaning = f"{_SAID_AGGREGATES[aggregate]} {meaning}"
    return (field, phrase), Choice(field, phrase, label_of(key, catalog), meaning)


def label_of(key: ColumnKey, catalog: Catalog) -> str:
    """A column's name for people, with its table where that says more: "Order date", "Amount (invoice)"."""
    entry, table = catalog.columns[key], catalog.tables[key[0]]
    name = " ".join(entry.words).capitalize()
    return f"{name} ({' '.join(table.words)})"
