"""What the classifiers should have said, read off a known plan."""

from collections import defaultdict

from .analysis import Analysis
from .evidence import HAVING, LIMIT, UNUSED
from .plan import ColumnKey, Condition, Item, Operator, Plan
from .shape import aggregate_name
from .spans import SpanKind, ValueSpan

_ROLE_OF_AGGREGATE = {"countd": "count", "count": "count"}


def column_roles(plan: Plan) -> dict[ColumnKey, set[str]]:
    """The roles of each column at the top level of a plan."""
    roles: dict[ColumnKey, set[str]] = defaultdict(set)
    for item in plan.select:
        if item.column:
            roles[item.column].add(_select_role(item))
    for order in plan.order:
        if order.item.column:
            roles[order.item.column].add("order_agg" if order.item.aggregate else "order")
    for key in plan.group:
        roles[key].add("group")
    for condition in plan.having:
        if condition.item.column:
            roles[condition.item.column].add("having")
    for condition in plan.where:
        if isinstance(condition.value, Plan) and condition.item.column and condition.value.select[0].aggregate:
            roles[condition.item.column].add("compare")
    return roles


def _select_role(item: Item) -> str:
    name = aggregate_name(item) if item.aggregate else "select"
    return _ROLE_OF_AGGREGATE.get(name, name)


def span_use(span: ValueSpan, plan: Plan, analysis: Analysis) -> tuple[ColumnKey | str, Operator | None]:
    """How the plan uses a constant of the question."""
    for level in plan.levels:
        for condition in level.where:
            if condition.item.column and _is_said(span, condition, analysis):
                return condition.item.column, _single(condition, span)
        if span.kind is SpanKind.NUMBER:
            for condition in level.having:
                if _is_said(span, condition, analysis):
                    return HAVING, condition.operator
            if level.limit is not None and span.constants[0] == level.limit and (level.limit > 1 or span.text == "1"):
                return LIMIT, None
    return UNUSED, None


def _single(condition: Condition, span: ValueSpan) -> Operator:
    """The operator as far as one of its values goes."""
    if condition.operator is Operator.LIKE and span.kind is SpanKind.NUMBER:
        return Operator.EQUAL
    if condition.operator is Operator.BETWEEN and span.kind is not SpanKind.RANGE:
        low = condition.value[0] if isinstance(condition.value, tuple) else None
        return Operator.AT_LEAST if _plain(low) == _plain(span.constants[0]) else Operator.AT_MOST
    return {Operator.IN: Operator.EQUAL, Operator.NOT_IN: Operator.NOT_EQUAL}.get(
        condition.operator, condition.operator
    )


def _is_said(span: ValueSpan, condition: Condition, analysis: Analysis) -> bool:
    value = condition.value
    values = value if isinstance(value, tuple) else (value,)
    if span.kind is SpanKind.RANGE:
        return len(values) == 2 and all(
            _plain(one) == _plain(said) for one, said in zip(values, span.constants, strict=True)
        )
    spellings = {_plain(one) for one in span.constants[: 1 if span.kind is SpanKind.DATE else None]}
    spellings |= {_plain(spelling) for key, spelling, _ in span.matches if key == condition.item.column}
    return any(_plain(one) in spellings for one in values if isinstance(one, str | int | float))


def _plain(value: object) -> str:
    text = str(value).strip().strip("%").lower()
    return text[:-2] if text.endswith(".0") else text
