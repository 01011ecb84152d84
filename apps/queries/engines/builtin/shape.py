"""The outline of a plan without its names: what a question's wording decides before any column is chosen."""

from dataclasses import dataclass, fields

from .plan import Aggregate, Combination, Condition, Item, Operator, Plan

NONE = "-"
PLAIN = "p"
STAR = "star"


@dataclass(frozen=True, slots=True)
class Shape:
    """Each part is a short text.

    `select`: "p" for any plain columns, then aggregates ("p count", "avg max"). `order`: by what ("-", "col", "count",
    "avg"). `direction`: "asc" or "desc". `limit`: "-", "1" or "k". `group`: "-",
    "group" or "having:count". `nest`: "-", a set operation,
    "not in", or a comparison with an aggregate of all rows (">:avg"). `distinct`: "0" or "1".
    """

    select: str
    order: str
    direction: str
    limit: str
    group: str
    nest: str
    distinct: str

    def parts(self) -> tuple[str, ...]:
        return (self.select, self.order, self.direction, self.limit, self.group, self.nest, self.distinct)

    @property
    def aggregates(self) -> tuple[str, ...]:
        """The aggregates selected, without the plain columns."""
        return tuple(part for part in self.select.split() if part not in (PLAIN, STAR))

    @property
    def has_plain(self) -> bool:
        return PLAIN in self.select.split()


PARTS = tuple(field.name for field in fields(Shape))


def is_consistent(shape: Shape) -> bool:
    """Whether the parts of an outline can stand together at all."""
    ordered, aggregates = shape.order != NONE, bool(shape.aggregates)
    if ordered != (shape.direction != NONE) or (shape.limit != NONE and not ordered):
        return False
    if shape.order not in (NONE, "col") and shape.group == NONE:
        return False
    if aggregates and shape.has_plain and shape.group == NONE:
        return False
    if aggregates and not shape.has_plain and (ordered or shape.distinct == "1"):
        return False
    if shape.select == STAR and shape.group != NONE:
        return False
    combined = shape.nest in tuple(Combination)
    return not (combined and (aggregates or ordered))


def shape_of(plan: Plan) -> Shape:
    """The outline of a plan."""
    direction = NONE if not plan.order else "desc" if plan.order[0].descending else "asc"
    limit = NONE if plan.limit is None else "1" if plan.limit == 1 else "k"
    return Shape(_select(plan), _order(plan), direction, limit, _group(plan), _nest(plan), str(int(plan.distinct)))


def aggregate_name(item: Item) -> str:
    """ "count" for counting rows, "countd" for different values, else the function."""
    if item.aggregate is Aggregate.COUNT:
        return "countd" if item.distinct else "count"
    return str(item.aggregate)


def _select(plan: Plan) -> str:
    if any(item.column is None and item.aggregate is None for item in plan.select):
        return STAR
    plain = [PLAIN] if any(item.aggregate is None for item in plan.select) else []
    return " ".join([*plain, *sorted(aggregate_name(item) for item in plan.select if item.aggregate)])


def _order(plan: Plan) -> str:
    if not plan.order:
        return NONE
    item = plan.order[0].item
    return aggregate_name(item) if item.aggregate else "col"


def _group(plan: Plan) -> str:
    if plan.having:
        return f"having:{aggregate_name(plan.having[0].item)}"
    return "group" if plan.group else NONE


def _nest(plan: Plan) -> str:
    if plan.combined:
        return str(plan.combined[0])
    nested = [condition for condition in plan.where if isinstance(condition.value, Plan)]
    return _nested_kind(nested[0]) if nested else NONE


def _nested_kind(condition: Condition) -> str:
    inner = condition.value
    if condition.operator in (Operator.IN, Operator.NOT_IN) or not isinstance(inner, Plan):
        return str(condition.operator)
    aggregate = inner.select[0].aggregate
    return f"{condition.operator}:{aggregate or 'col'}"
