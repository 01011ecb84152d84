"""Whether each part of a plan answers to the words beside the ones that name it.

The classifiers judge a question as a whole and its places one by one; here a whole plan is held against the cue words
at their places: which column a superlative stands beside and which way it points, what "average" or "each" is about.
"""

from collections import Counter
from collections.abc import Iterator

from apps.knowledge.catalog import Catalog, Kind

from .compose import Candidate
from .evidence import Evidence
from .plan import Aggregate, Item, Operator, Order, Plan
from .wording import CUE_AGGREGATES, DESCENDING, NEAR, Cue, Wording, gap_to, sign_of

_ORDERED = (Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST)
_PLAIN_CUES = frozenset(("average", "avg", "mean", "total", "sum", "maximum", "minimum", "max", "min"))


def alignment_features(candidate: Candidate, evidence: Evidence, wording: Wording) -> dict[str, float]:
    """Named amounts for the ranking: how well the plan's parts fit the cues beside their names."""
    plan, catalog = candidate.plan, evidence.analysis.catalog
    found: Counter[str] = Counter()
    for order in plan.order[:1]:
        found[_direction(order, plan, wording, catalog)] += 1
    for cue in wording.superlatives:
        found[f"superlative {cue.about} by {_used_by(cue, plan, wording)}"] += 1
        found[f"superlative by {_used_by(cue, plan, wording)}"] += 1
    if plan.limit is not None and plan.order and not wording.superlatives:
        found["first without superlative"] += 1
    found.update(_aggregate_features(plan, wording))
    found.update(_shown_features(plan, wording))
    found.update(_type_features(plan, catalog))
    for unit in wording.groups:
        grouped = any(
            unit in wording.homes.get(key, ()) or unit + 1 in wording.homes.get(key, ()) for key in plan.group
        )
        found[f"each {'grouped' if grouped else 'not grouped' if plan.group else 'no group'}"] += 1
    return dict(found)


def _direction(order: Order, plan: Plan, wording: Wording, catalog: Catalog) -> str:
    """Whether the order points the way that the nearest cue says."""
    entry = catalog.columns.get(order.item.column) if order.item.column else None
    homes = wording.said.get(order.item.column, ()) if order.item.column else ()
    cues = wording.superlatives if plan.limit is not None else wording.directions
    what = "first" if plan.limit is not None else "order"
    if not cues:
        return f"{what} no cue {'down' if order.descending else 'up'}"
    gap, cue = min(((gap_to(cue.unit, homes), cue) for cue in cues), key=lambda pair: pair[0])
    meant = sign_of(cue, entry) == DESCENDING
    near = "near" if gap <= NEAR else "far"
    return f"{what} {near} {'agrees' if meant == order.descending else 'disagrees'}"


def _used_by(cue: Cue, plan: Plan, wording: Wording) -> str:
    """What part of the plan a superlative may stand for."""
    for level in plan.levels:
        for order in level.order:
            if level.limit is None:
                continue
            if order.item.aggregate is Aggregate.COUNT:
                return "count"
            key = order.item.column
            near = key is not None and gap_to(cue.unit, wording.homes.get(key, ())) <= NEAR
            return ("near " if near else "far ") + ("aggregate" if order.item.aggregate else "column")
        wanted = Aggregate.MAX if cue.sign == DESCENDING else Aggregate.MIN
        for item in (*level.select, *(one.item for one in level.having)):
            if item.aggregate is wanted and item.column:
                return "near extreme" if gap_to(cue.unit, wording.homes.get(item.column, ())) <= NEAR else "far extreme"
    return "nothing"


def _aggregate_features(plan: Plan, wording: Wording) -> Iterator[str]:
    """For each aggregate whether its cue stands before its column, and for each cue whether it was heard."""
    items = [item for level in plan.levels for item in _items(level) if item.aggregate and item.column]
    for item in items:
        if item.aggregate is Aggregate.COUNT:
            continue
        cues = [cue for cue in wording.aggregates if CUE_AGGREGATES[cue.word] is item.aggregate]
        gap = min((gap_to(cue.unit, wording.homes.get(item.column, ())) for cue in cues if item.column), default=99)
        yield f"aggregate {'near' if gap <= 3 else 'far' if gap <= NEAR else 'away' if cues else 'unsaid'}"
    done = {item.aggregate for item in items}
    for cue in wording.aggregates:
        meant = CUE_AGGREGATES[cue.word]
        if cue.word in _PLAIN_CUES:
            yield f"cue {meant} {cue.about[:3]} {'heard' if meant in done else 'unheard'}"


def _items(plan: Plan) -> Iterator[Item]:
    yield from plan.select
    yield from (order.item for order in plan.order)
    yield from (condition.item for condition in plan.having)


def _shown_features(plan: Plan, wording: Wording) -> Iterator[str]:
    """Whether each shown column has words of its own, or only borrows those of a column that fits better."""
    plain = [item.column for item in plan.select if item.column and item.aggregate is None]
    places: Counter[int] = Counter()
    for key in plain:
        said = wording.said.get(key, ())
        places.update(said[:1])
        if key in wording.rivals:
            yield f"shown behind {wording.rivals[key]}"
        elif not said:
            yield "shown unsaid"
    shared = sum(count - 1 for count in places.values() if count > 1)
    if shared:
        yield f"shown from one place {min(shared, 2)}"
    for condition in plan.where:
        if condition.item.column in wording.rivals:
            yield "condition behind"
    if plan.order and plan.order[0].item.column in wording.rivals:
        yield "order behind"
    for key in plan.group:
        if key in wording.rivals:
            yield "group behind"


def _type_features(plan: Plan, catalog: Catalog) -> Iterator[str]:
    """Operations that a column's kind hardly allows."""
    for level in plan.levels:
        for item in _items(level):
            yield from _misused(item, catalog)
        for condition in level.where:
            entry = catalog.columns.get(condition.item.column) if condition.item.column else None
            if entry is None or condition.operator not in _ORDERED:
                continue
            if isinstance(condition.value, Plan) and (entry.is_id or entry.kind is Kind.TEXT):
                yield "compared no amount"
            elif entry.is_id or entry.is_name or entry.kind is Kind.TEXT:
                yield "ordered no amount"
        if level.order and level.limit is not None and (key := level.order[0].item.column):
            entry = catalog.columns[key]
            if level.order[0].item.aggregate is None and (entry.is_id or entry.is_name):
                yield "first by name or id"


def _misused(item: Item, catalog: Catalog) -> Iterator[str]:
    """An aggregate over a column that holds no amounts."""
    if item.column is None or item.aggregate is None:
        return
    entry = catalog.columns[item.column]
    if item.aggregate in (Aggregate.SUM, Aggregate.AVG) and (
        entry.is_id or entry.kind not in (Kind.NUMBER, Kind.BOOLEAN)
    ):
        yield "summed no amount"
    if item.aggregate in (Aggregate.MIN, Aggregate.MAX) and (entry.is_id or entry.kind is Kind.TEXT):
        yield "extreme of no amount"
