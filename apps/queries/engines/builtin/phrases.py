"""Ways to ask that offices use and the open questions hardly do: "total freight by country", "revenue last year".

The classifiers have seen too few of them, so a plan that does what such a phrase plainly says is preferred.
"""

from dataclasses import dataclass, replace

from apps.knowledge.lexicon import default_lexicon

from .compose import Candidate
from .cues import meanings
from .evidence import Evidence
from .plan import Plan
from .units import Units

SURE = 5.0
BONUS = 2.5
SUMMED = frozenset(("revenue", "sale", "sales", "turnover", "spending", "spend", "profit", "expense"))
_NAMES = ("COL", "TAB", "VAL", "NUM")
_OTHER_AGGREGATES = frozenset(("average", "mean", "avg", "maximum", "minimum", "max", "min", "many", "count",
"number", "highest",
                               "lowest", "most", "least", "top"))  # fmt: skip
_SORTING = frozenset(("order", "ordered", "sort", "sorted", "top", "rank", "ranked", "list", "listed"))


@dataclass(frozen=True)
class Told:
    """What a phrase plainly says: parts of the outline, and roles of what a unit names."""

    parts: tuple[tuple[str, str], ...] = ()
    roles: tuple[tuple[int, str], ...] = ()


def read_phrases(evidence: Evidence) -> Told:
    """What the question says in such phrases; often nothing."""
    marks = evidence.units.marks()
    found = _top_by(marks) or _most_adjective(evidence)
    if found:
        return found
    summed = _summed_unit(evidence)
    grouped = _grouped_unit(evidence.units, summed is not None)
    if summed is None and grouped is None:
        return Told()
    aggregate = "sum" if summed is not None else _aggregate(marks)
    parts = [("select", f"p {aggregate}" if grouped is not None else aggregate)]
    roles = [(summed, "sum")] if summed is not None else []
    if grouped is not None:
        parts.append(("group", "group"))
        roles.append((grouped, "select"))
    return Told(tuple(parts), tuple(roles))


def with_phrases(evidence: Evidence, told: Told) -> Evidence:
    """The evidence with what was plainly said made likely, so that such plans are composed at all."""
    parts = {name: dict(weights) for name, weights in evidence.parts.items()}
    for part, value in told.parts:
        parts[part][value] = parts[part].get(value, -SURE) + SURE
    wanted = dict.fromkeys(told.roles)
    places = [
        replace(
            guess,
            roles={
                role: max(likely, 0.9) if (guess.place.unit, role) in wanted else likely
                for role, likely in guess.roles.items()
            },
        )
        for guess in evidence.places
    ]
    return replace(evidence, parts=parts, places=places)


def bonus(candidate: Candidate, told: Told, evidence: Evidence) -> float:
    """What a candidate gains for each thing it does as it was told."""
    done = sum(getattr(candidate.shape, part) == value for part, value in told.parts)
    done += sum(_plays(candidate.plan, unit, role, evidence) for unit, role in told.roles)
    return BONUS * float(done)


def _plays(plan: Plan, unit: int, role: str, evidence: Evidence) -> bool:
    """Whether a column that the unit names plays the role in the plan."""
    keys = {
        mention.entry.key for guess in evidence.places if guess.place.unit == unit for mention in guess.place.mentions
    }
    if role == "order":
        return any(order.item.column in keys for order in plan.order)
    wanted = None if role == "select" else role
    return any(item.column in keys and item.aggregate == wanted for item in plan.select)


def _top_by(marks: list[str]) -> Told | None:
    """ "top 5 products by price": names of rows, ordered by a column."""
    for index in range(len(marks) - 4):
        if (
            marks[index] == "top"
            and marks[index + 1] == "NUM"
            and marks[index + 2] == "TAB"
            and marks[index + 3] == "by"
        ):
            parts = (("select", "p"), ("order", "col"), ("direction", "desc"), ("limit", "k"), ("group", "-"))
            if marks[index + 4].startswith("COL"):
                return Told(parts, ((index + 2, "select"), (index + 4, "order")))
    return None


def _most_adjective(evidence: Evidence) -> Told | None:
    """ "the most expensive product": the row with the largest value of what the adjective hints at."""
    tokens, units = evidence.analysis.tokens, evidence.units
    for index in range(len(tokens) - 2):
        if tokens[index].lemma in ("most", "least") and tokens[index + 1].lemma in default_lexicon().hints:
            table = units.of_token[index + 2]
            if units.mark(table) == "TAB":
                direction = "desc" if tokens[index].lemma == "most" else "asc"
                parts = (("select", "p"), ("order", "col"), ("direction", direction), ("limit", "1"), ("group", "-"))
                return Told(parts, ((table, "select"), (units.of_token[index + 1], "order")))
    return None


def _summed_unit(evidence: Evidence) -> int | None:
    """The unit of a word that means a sum by itself, if no other aggregate is asked for."""
    analysis = evidence.analysis
    if any(token.lemma in _OTHER_AGGREGATES for token in analysis.tokens):
        return None
    place = next((index for index, token in enumerate(analysis.tokens) if token.lemma in SUMMED), None)
    return None if place is None else evidence.units.of_token[place]


def _grouped_unit(units: Units, summed: bool) -> int | None:
    """The unit after "by", where it divides an aggregate up: "number of orders by status", not "ordered by", "made
    by"."""
    marks = units.marks()
    for index in range(1, len(marks) - 1):
        if marks[index] != "by" or not marks[index + 1].startswith(("COL", "TAB")):
            continue
        before = marks[:index]
        divides = marks[index - 1].startswith(_NAMES) or marks[index - 1] in SUMMED
        if divides and not _SORTING & set(before) and (summed or _aggregate(before)):
            return index + 1
    return None


def _aggregate(marks: list[str]) -> str:
    """The aggregate that the words ask for, by their first cue; empty where there is none."""
    names = {"average": "avg", "sum": "sum", "count": "count"}
    return next((names[meaning] for mark in marks for meaning in meanings(mark) if meaning in names), "")
