"""Whether a plan does what the question's cue words say, and explains the words that name something."""

from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind

from .compose import Candidate
from .cues import meanings
from .evidence import Evidence
from .plan import Aggregate, Combination, Operator, Plan
from .wording import Wording

_PAIRS = (
    ("not", "negation"), ("average", "avg"), ("sum", "sum"), ("maximum", "max"), ("minimum", "min"),
    ("maximum", "first"), ("minimum", "first"), ("descending", "descending"), ("ascending", "ascending"),
    ("count", "count"), ("different", "distinct"), ("group", "group"), ("both", "intersect"), ("order", "order"),
    ("greater", "above"), ("less", "below"), ("like", "like"), ("or", "alternative"), ("and", "intersect"),
    ("descending", "first"), ("ascending", "first"), ("inclusive", "inclusive"),
)  # fmt: skip
_NAMES = tuple(
    (meaning, deed, {(a, b): f"said {meaning}={a} {deed}={b}" for a in (False, True) for b in (False, True)})
    for meaning, deed in _PAIRS
)
"""Each pair with the names of its four features, made once."""
_NEGATIVE = (Operator.NOT_EQUAL, Operator.NOT_IN, Operator.NOT_LIKE, Operator.IS_NULL)
_ABOVE = (Operator.GREATER, Operator.AT_LEAST)
_BELOW = (Operator.LESS, Operator.AT_MOST)


def agreement_features(candidate: Candidate, wording: Wording) -> dict[str, float]:
    """For each meaning that a cue word may have: was it said, and does the plan do it."""
    said, done = wording.meanings, _deeds(candidate.plan)
    return {names[meaning in said, deed in done]: 1.0 for meaning, deed, names in _NAMES}


def _deeds(plan: Plan) -> set[str]:
    """What a plan does, at any level."""
    done: set[str] = set()
    for level in plan.levels:
        conditions = (*level.where, *level.having)
        items = [
            *(item for item in level.select),
            *(order.item for order in level.order),
            *(one.item for one in level.having),
        ]
        done |= {str(item.aggregate) for item in items if item.aggregate and item.aggregate is not Aggregate.COUNT}
        if any(item.aggregate is Aggregate.COUNT for item in items):
            done.add("count")
        operators = {condition.operator for condition in conditions}
        done |= {
            deed
            for deed, meant in (
                ("negation", _NEGATIVE), ("above", _ABOVE), ("below", _BELOW), ("like", (Operator.LIKE,)),
                ("inclusive", (Operator.AT_LEAST, Operator.AT_MOST)),
            )
            if operators & set(meant)
        }  # fmt: skip
        done |= {"descending" if order.descending else "ascending" for order in level.order}
        done |= {deed for deed, here in _outline(level, operators).items() if here}
    return done


def _outline(level: Plan, operators: set[Operator]) -> dict[str, bool]:
    combination = level.combined[0] if level.combined else None
    return {
        "first": level.limit is not None,
        "order": bool(level.order) and level.limit is None,
        "group": bool(level.group),
        "distinct": level.distinct or any(item.distinct for item in level.select),
        "intersect": combination is Combination.INTERSECT,
        "negation": combination is Combination.EXCEPT,
        "alternative": level.any_of or Operator.IN in operators or combination is Combination.UNION,
    }


def explained_share(candidate: Candidate, evidence: Evidence) -> dict[str, float]:
    """How much of the question's naming words the plan's columns, tables and constants account for."""
    analysis = evidence.analysis
    tables, used = candidate.plan.tables_anywhere, candidate.plan.columns_anywhere
    best = [0.0] * len(analysis.tokens)
    for link in analysis.links:
        if (link.table in tables) if link.column is None else ((link.table, link.column) in used):
            for index in range(link.start, link.end):
                best[index] = max(best[index], link.quality)
    for binding in candidate.assignment.bindings:
        if binding.operator is not None or (isinstance(binding.use, str) and binding.use != "UNUSED"):
            for index in range(binding.span.start, binding.span.end):
                best[index] = 1.0
    naming = [
        index for index, token in enumerate(analysis.tokens)
        if token.kind is not TokenKind.PUNCTUATION and token.lemma not in STOP_WORDS and not meanings(token.lemma)
    ]  # fmt: skip
    possible = sum(max(min(analysis.best_quality[index], 1.0), best[index]) for index in naming)
    gained = sum(best[index] for index in naming)
    return {"explained": gained, "missed": possible - gained, "explained share": gained / possible if possible else 1.0}
