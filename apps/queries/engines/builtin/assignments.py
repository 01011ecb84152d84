"""Uses of all constants of a question at once, best first."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.knowledge.dates import FIRST_YEAR, LAST_YEAR, year_span

from .evidence import HAVING, LIMIT, UNUSED, Binding, Evidence
from .plan import Condition, Item, Operator, Scalar
from .spans import ValueSpan

BEAM = 8
MAX_LIMIT = 1000


@dataclass(frozen=True)
class Assignment:
    """One binding for each constant."""

    bindings: tuple[Binding, ...] = ()
    log_probability: float = 0.0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What goes to WHERE, in the order of the question; several values of one column are not merged yet."""
        return tuple(_condition(binding) for binding in self.bindings if not isinstance(binding.use, str))

    @property
    def limit(self) -> int | None:
        return next((int(_number(one)) for one in self.bindings if one.use == LIMIT), None)

    @property
    def having(self) -> Binding | None:
        return next((one for one in self.bindings if one.use == HAVING), None)

    @property
    def unused(self) -> tuple[Binding, ...]:
        return tuple(one for one in self.bindings if one.use == UNUSED)


def assignments(evidence: Evidence) -> list[Assignment]:
    """The most likely ways to use all constants; at most one limit and one HAVING each."""
    beam = [Assignment()]
    for options in evidence.bindings:
        if options:
            beam = sorted(
                (longer for one in beam for longer in _extended(one, options)), key=lambda one: -one.log_probability
            )
            beam = beam[:BEAM]
    return beam


def _extended(assignment: Assignment, options: list[Binding]) -> Iterator[Assignment]:
    for binding in options:
        if binding.use == LIMIT and (assignment.limit is not None or not 1 <= _number(binding) <= MAX_LIMIT):
            continue
        if binding.use == HAVING and assignment.having:
            continue
        yield Assignment((*assignment.bindings, binding), assignment.log_probability + binding.log_probability)


def _number(binding: Binding) -> float:
    constant = binding.span.constants[0]
    return constant if isinstance(constant, int | float) else 0


def _condition(binding: Binding) -> Condition:
    """The binding as a condition, with the value spelled as it is stored."""
    if isinstance(binding.use, str) or binding.operator is None:
        raise ValueError("only a column's binding is a condition")
    operator, span = binding.operator, binding.span
    if operator is Operator.WITHIN:
        return _dated(Item(binding.use), span.opening, *span.constants, by_date=binding.by_date)
    if binding.by_date and (year := _year(span)) is not None and operator in _SIDES:
        first, after = (day.isoformat() for day in year_span(year))
        return _dated(Item(binding.use), _SIDES[operator], first, after, by_date=True)
    if operator is Operator.BETWEEN:
        return Condition(Item(binding.use), operator, span.constants)
    stored = next((spelling for key, spelling, _ in span.matches if key == binding.use), None)
    if operator in (Operator.LIKE, Operator.NOT_LIKE):
        return Condition(Item(binding.use), operator, _pattern(span))
    if stored is not None and operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return Condition(Item(binding.use), operator, stored)
    return Condition(Item(binding.use), operator, span.constants[0])


_SIDES = {
    Operator.EQUAL: "", Operator.GREATER: "after", Operator.AT_LEAST: "since", Operator.LESS: "before",
    Operator.AT_MOST: "until",
}  # fmt: skip


def _year(span: ValueSpan) -> int | None:
    constant = span.constants[0]
    return constant if isinstance(constant, int) and FIRST_YEAR <= constant < LAST_YEAR else None


def _dated(item: Item, side: str, first: Scalar, after: Scalar, *, by_date: bool) -> Condition:
    """A span of days as a condition; a column that holds only years compares with the year."""
    if not by_date:
        first = int(str(first)[:4])
        operator = {
            "since": Operator.AT_LEAST,
            "from": Operator.AT_LEAST,
            "after": Operator.GREATER,
            "before": Operator.LESS,
        }
        return Condition(item, operator.get(side, Operator.EQUAL), first)
    if side in ("since", "from"):
        return Condition(item, Operator.AT_LEAST, first)
    if side == "after":
        return Condition(item, Operator.AT_LEAST, after)
    if side == "before":
        return Condition(item, Operator.LESS, first)
    if side in ("until", "till", "by", "through"):
        return Condition(item, Operator.LESS, after)
    return Condition(item, Operator.WITHIN, (first, after))


def _pattern(span: ValueSpan) -> str:
    """The text anywhere, or at the end that the words before it name."""
    if span.opening.startswith(("start", "begin")):
        return f"{span.constants[0]}%"
    return f"%{span.constants[0]}" if span.opening.startswith("end") else f"%{span.constants[0]}%"


def having_condition(binding: Binding, item: Item) -> Condition:
    """The number of a HAVING binding against an aggregate."""
    value = binding.span.constants if binding.operator is Operator.BETWEEN else binding.span.constants[0]
    return Condition(item, binding.operator or Operator.GREATER, value)


def merged(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Several values that one column equals become one IN: nothing can equal two values at once."""
    result: list[Condition] = []
    for condition in conditions:
        same = next((one for one in result if _may_merge(one, condition)), None)
        if same is None:
            result.append(condition)
            continue
        known = same.value if isinstance(same.value, tuple) else (same.value,)
        values = tuple(dict.fromkeys([*known, condition.value]))
        operator = Operator.IN if same.operator in (Operator.EQUAL, Operator.IN) else Operator.NOT_IN
        result[result.index(same)] = same if len(values) == 1 else Condition(same.item, operator, values)
    return tuple(result)


def _may_merge(known: Condition, condition: Condition) -> bool:
    pairs = {(Operator.EQUAL, Operator.EQUAL), (Operator.IN, Operator.EQUAL)}
    pairs |= {(Operator.NOT_EQUAL, Operator.NOT_EQUAL), (Operator.NOT_IN, Operator.NOT_EQUAL)}
    return known.item == condition.item and (known.operator, condition.operator) in pairs
