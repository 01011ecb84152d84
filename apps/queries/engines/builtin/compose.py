"""Puts outlines, constants and columns together into candidate plans."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from math import log

from apps.knowledge.catalog import Catalog

from .assignments import Assignment, assignments, having_condition, merged
from .evidence import FLOOR, Evidence
from .model import EngineModel
from .nesting import nested
from .plan import COUNT_ROWS, Aggregate, ColumnKey, Condition, Item, Order, Plan
from .selections import selections
from .shape import NONE, PARTS, STAR, Shape, is_consistent
from .shortcuts import shortened

MAX_SHAPES = 14
MAX_NEW_SHAPES = 4
NEW_MARGIN = 5.0
PART_WIDTHS = (4, 2, 2, 2, 2, 3, 2)
PRIOR_WEIGHT = 0.3
UNSEEN_PRIOR = -9.0
MAX_PAIRS = 30
MAX_PER_PAIR = 10
MAX_CANDIDATES = 60
_WHOLE_ROWS = frozenset(
    ("information", "info", "detail", "everything", "record", "row", "data", "all", "attribute", "content", "complete")
)


@dataclass(frozen=True)
class Candidate:
    """A plan with the parts it was put together from and their log-probabilities by name."""

    plan: Plan
    shape: Shape
    assignment: Assignment
    weights: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.weights.values())


def compose(evidence: Evidence, model: EngineModel) -> list[Candidate]:
    """Candidate plans, likeliest first by the classifiers alone, without repeats."""
    shapes = _likely_shapes(evidence, model)
    whole_rows = any(token.lemma in _WHOLE_ROWS for token in evidence.analysis.tokens)
    pairs = [
        (assignment.log_probability + weight, assignment, shape)
        for assignment in assignments(evidence)
        for weight, shape in shapes
        if _fits(shape, assignment) and (shape.select != STAR or whole_rows)
    ]
    pairs.sort(key=lambda pair: -pair[0])
    chosen = selections(evidence)
    found: dict[Plan, Candidate] = {}
    for _, assignment, shape in pairs[:MAX_PAIRS]:
        filler = _Filler(evidence, model, shape, assignment, chosen)
        for candidate in islice(filler.candidates(), MAX_PER_PAIR):
            known = found.get(candidate.plan)
            if known is None or candidate.total > known.total:
                found[candidate.plan] = candidate
    return sorted(found.values(), key=lambda one: -one.total)[:MAX_CANDIDATES]


def _likely_shapes(evidence: Evidence, model: EngineModel) -> list[tuple[float, Shape]]:
    """The likeliest outlines: those seen in training, and a few put together from their likeliest parts."""
    parts = evidence.parts
    scored = [
        (sum(parts[part].get(getattr(shape, part), -9.0) for part in PARTS) + PRIOR_WEIGHT * prior, shape)
        for shape, prior in model.shapes.items()
    ]
    known = sorted(scored, key=lambda one: (-one[0], one[1].parts()))[:MAX_SHAPES]
    if Shape(*(max(parts[part], key=lambda name: parts[part][name]) for part in PARTS)) in model.shapes:
        return known
    least = known[0][0] - NEW_MARGIN
    new = [one for one in _composed_shapes(evidence) if one[1] not in model.shapes and one[0] > least]
    return sorted([*known, *new[:MAX_NEW_SHAPES]], key=lambda one: (-one[0], one[1].parts()))


def _composed_shapes(evidence: Evidence) -> list[tuple[float, Shape]]:
    """Outlines from the likeliest parts, whether seen together or not, best first."""
    options = [
        sorted(evidence.parts[part].items(), key=lambda one: -one[1])[:width]
        for part, width in zip(PARTS, PART_WIDTHS, strict=True)
    ]
    found = [
        (sum(weight for _, weight in chosen) + PRIOR_WEIGHT * UNSEEN_PRIOR, Shape(*(name for name, _ in chosen)))
        for chosen in product(*options)
    ]
    return sorted((one for one in found if is_consistent(one[1])), key=lambda one: (-one[0], one[1].parts()))[
        : MAX_SHAPES + MAX_NEW_SHAPES
    ]


def _fits(shape: Shape, assignment: Assignment) -> bool:
    """Whether an outline has a place for each number that the assignment put outside WHERE, and a number for each
    place."""
    if (assignment.limit is not None) != (shape.limit == "k"):
        return False
    if (assignment.having is not None) != shape.group.startswith("having"):
        return False
    return shape.nest not in ("intersect", "union") or len(assignment.conditions) >= 2


class _Filler:
    """Fills one outline with one assignment in all likely ways."""

    def __init__(
        self,
        evidence: Evidence,
        model: EngineModel,
        shape: Shape,
        assignment: Assignment,
        chosen: list[tuple[tuple[ColumnKey, ...], float]],
    ) -> None:
        self._evidence = evidence
        self._catalog: Catalog = evidence.analysis.catalog
        self._shape = shape
        self._assignment = assignment
        self._selections = chosen
        base = {f"part {part}": evidence.parts[part].get(getattr(shape, part), -9.0) for part in PARTS}
        self._base = {
            **base,
            "prior": PRIOR_WEIGHT * model.shapes.get(shape, UNSEEN_PRIOR),
            "constants": assignment.log_probability,
        }

    def candidates(self) -> Iterator[Candidate]:
        options = product(self._selects(), self._orders(), self._havings())
        ranked = sorted(options, key=lambda one: -sum(weight for _, weight in one))
        for (items, select_weight), (order, order_weight), (having, having_weight) in ranked[:6]:
            weights = {**self._base, "select": select_weight, "order": order_weight, "having": having_weight}
            for plan, table_weight in self._grouped(items, order, having):
                for complete in nested(plan, self._shape.nest, self._evidence):
                    for one in shortened(complete, self._catalog):
                        yield Candidate(one, self._shape, self._assignment, {**weights, "tables": table_weight})

    def _selects(self) -> list[tuple[tuple[Item, ...], float]]:
        """Items to show: plain columns, then aggregates."""
        if self._shape.select == STAR:
            return [((Item(None),), 0.0)]
        plains: list[tuple[tuple[Item, ...], float]] = [((), 0.0)]
        if self._shape.has_plain:
            plains = [(tuple(Item(key) for key in keys), weight) for keys, weight in self._selections]
        aggregates = [self._aggregates(name) for name in self._shape.aggregates]
        return [
            (plain + tuple(item for item, _ in items), weight + sum(one for _, one in items))
            for plain, weight in plains
            for items in product(*aggregates)
            if len({item for item, _ in items}) == len(items)
        ]

    def _aggregates(self, name: str) -> list[tuple[Item, float]]:
        if name == "count":
            return [(COUNT_ROWS, 0.0)]
        role = "count" if name == "countd" else name
        aggregate = Aggregate.COUNT if name == "countd" else Aggregate(name)
        guesses = self._evidence.roles[role][:3]
        return [(Item(one.key, aggregate, name == "countd"), log(max(one.probability, FLOOR))) for one in guesses]

    def _orders(self) -> list[tuple[tuple[Order, ...], float]]:
        if self._shape.order == NONE:
            return [((), 0.0)]
        what, descending = self._shape.order, self._shape.direction == "desc"
        if what == "count":
            return [((Order(COUNT_ROWS, descending),), 0.0)]
        role = "order" if what == "col" else "order_agg"
        aggregate = None if what == "col" else Aggregate("count" if what == "countd" else what)
        return [
            ((Order(Item(one.key, aggregate, what == "countd"), descending),), log(max(one.probability, FLOOR)))
            for one in self._evidence.roles[role][:3]
        ]

    def _havings(self) -> list[tuple[tuple[Condition, ...], float]]:
        binding = self._assignment.having
        if binding is None:
            return [((), 0.0)]
        what = self._shape.group.partition(":")[2]
        if what == "count":
            return [((having_condition(binding, COUNT_ROWS),), 0.0)]
        aggregate = Aggregate("count" if what == "countd" else what)
        return [
            ((having_condition(binding, Item(one.key, aggregate, what == "countd")),), log(max(one.probability, FLOOR)))
            for one in self._evidence.roles["having"][:2]
        ]

    def _grouped(
        self, items: tuple[Item, ...], order: tuple[Order, ...], having: tuple[Condition, ...]
    ) -> Iterator[tuple[Plan, float]]:
        """The plan with each likely set of tables and each way to group."""
        limit = (
            self._assignment.limit if self._assignment.limit is not None else 1 if self._shape.limit == "1" else None
        )
        where = self._assignment.conditions
        if self._shape.nest not in ("intersect", "union", "except"):
            where = merged(where)
        any_of = len(where) > 1 and _said_as_alternatives(self._assignment, self._evidence)
        plan = Plan(items, (), where, any_of, (), having, order, limit, self._shape.distinct == "1")
        for tables, weight in self._table_sets(plan):
            wider = plan.with_changes(tables=tables)
            if self._shape.group == NONE:
                yield wider, weight
            else:
                yield from ((wider.with_changes(group=keys), weight) for keys in self._groups(wider))

    def _table_sets(self, plan: Plan) -> list[tuple[tuple[str, ...], float]]:
        """Tables to read beside those whose columns are used: each named one in or out, by its own likelihood."""
        used = set(plan.all_tables())
        options: list[tuple[tuple[str, ...], float]] = [((), 0.0)]
        for table, likely in sorted(self._evidence.tables.items(), key=lambda one: -one[1]):
            if table in used:
                options = [(tables, weight + log(max(likely, FLOOR))) for tables, weight in options]
                continue
            inside = [
                ((*tables, table), weight + log(max(likely, FLOOR))) for tables, weight in options if likely > 0.1
            ]
            outside = [(tables, weight + log(max(1 - likely, FLOOR))) for tables, weight in options if likely < 0.97]
            options = sorted([*inside, *outside], key=lambda one: -one[1])[:4]
        return [option for option in options if used or option[0]][:3]

    def _groups(self, plan: Plan) -> list[tuple[ColumnKey, ...]]:
        """What a group is: the plain columns shown, or the row that they describe."""
        plain = tuple(item.column for item in plan.select if item.column and item.aggregate is None)
        if not plain:
            return [(one.key,) for one in self._evidence.roles["group"][:2]]
        key = self._catalog.tables[plain[0][0]].id_column
        if key is None or key.key in plain:
            return [plain]
        return [(key.key, *plain), plain] if len(plan.all_tables()) > 1 else [plain, (key.key, *plain)]


def _said_as_alternatives(assignment: Assignment, evidence: Evidence) -> bool:
    """Whether "or" stands between the first and the last constant of a condition."""
    spans = [binding.span for binding in assignment.bindings if not isinstance(binding.use, str)]
    between = evidence.analysis.tokens[spans[0].end : spans[-1].start] if spans else ()
    return any(token.lemma in ("or", "either") for token in between)
