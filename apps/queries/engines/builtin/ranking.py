"""Judges whole plans: what their parts do not see, that they fit together and leave nothing of the question out."""

from apps.knowledge.names import STOP_WORDS
from apps.knowledge.tokens import TokenKind

from .agreement import agreement_features, explained_share
from .alignment import alignment_features
from .compose import Candidate
from .evidence import Evidence
from .plan import ColumnKey, Plan
from .sql import NotJoinable, SqlWriter
from .wording import Wording

STRONG_NAME = 0.8
_COUNTED = frozenset(("many", "number", "count", "most", "fewest", "least", "than"))


def ranking_features(
    candidate: Candidate, evidence: Evidence, writer: SqlWriter, wording: Wording
) -> dict[str, float] | None:
    """Named amounts that the ranking weighs, or None for a plan that cannot be written."""
    plan, shape = candidate.plan, candidate.shape
    try:
        joins = writer.joins_of(plan)
    except NotJoinable:
        return None
    used = plan.columns_anywhere
    tables = plan.all_tables()
    named, read = set(evidence.tables), plan.tables_anywhere
    joined = {name for join in joins for name in (join.table, join.target)} | set(tables)
    features = {f"log {name}": weight for name, weight in candidate.weights.items()}
    features |= {
        "total": candidate.total,
        "joins": len(joins),
        "inferred joins": sum(not join.declared for join in joins),
        "tables between": len(joined - set(tables)),
        "tables not named": sum(table not in named for table in tables),
        "tables for nothing": len(set(plan.tables) - {table for table, _ in used}),
        "names left out": _names_left_out(candidate, evidence, used),
        "tables left out": sum(need > 0.5 and name not in read for name, need in evidence.tables.items()),
        "constants left out": len(candidate.assignment.unused),
        "quoted left out": sum(one.span.quoted for one in candidate.assignment.unused),
        "conditions": len(plan.where),
        f"conditions={min(len(plan.where), 3)}": 1.0,
        "unsaid columns": sum(key not in evidence.analysis.column_links for key in used),
        "shown and fixed": sum(
            item.column == condition.item.column
            for item in plan.select for condition in plan.where if item.column and condition.operator == "="
        ),
        f"shown={min(len(plan.select), 4)}": 1.0,
        f"select={shape.select}": 1.0, f"order={shape.order} {shape.direction} {shape.limit}": 1.0,
        f"group={shape.group}": 1.0, f"nest={shape.nest}": 1.0,
        f"distinct={shape.distinct} joins={min(len(joins), 2)}": 1.0,
        f"group {_group_kind(plan, evidence)}": 1.0,
    }  # fmt: skip
    features |= agreement_features(candidate, wording) | explained_share(candidate, evidence)
    features |= alignment_features(candidate, evidence, wording)
    return features | _shown_features(candidate, evidence, len(joins)) | _focus_features(candidate, evidence)


def _names_left_out(candidate: Candidate, evidence: Evidence, used: frozenset[ColumnKey]) -> float:
    """Places of the question that clearly name a column but none that the plan uses, nor a table, nor a used
    constant."""
    taken = {
        index
        for binding in candidate.assignment.bindings
        if not isinstance(binding.use, str)
        for index in range(binding.span.start, binding.span.end)
    }
    tables = candidate.plan.tables_anywhere
    places: dict[int, bool] = {}
    for link in evidence.analysis.links:
        if link.quality < STRONG_NAME:
            continue
        explained = (link.table in tables) if link.column is None else (link.table, link.column) in used
        place = evidence.units.of_token[link.start]
        places[place] = places.get(place, False) or explained or link.start in taken
    return float(sum(not explained for explained in places.values()))


def _group_kind(plan: Plan, evidence: Evidence) -> str:
    if not plan.group:
        return "none"
    entry = evidence.analysis.catalog.columns[plan.group[0]]
    kind = "key" if entry.is_primary else "id" if entry.is_id else "name" if entry.is_name else "other"
    return f"{kind} {min(len(plan.all_tables()), 2)} {len(plan.group) > 1}"


def _shown_features(candidate: Candidate, evidence: Evidence, joins: int) -> dict[str, float]:
    """What kinds of columns are shown, and from how many tables."""
    plan = candidate.plan
    entries = [
        evidence.analysis.catalog.columns[item.column] for item in plan.select if item.column and item.aggregate is None
    ]
    kinds = sorted({"id" if one.is_id else "name" if one.is_name else "other" for one in entries})
    first = evidence.units.mark(0)
    return {
        f"shown {' '.join(kinds)} distinct={plan.distinct}": 1.0,
        f"shown {' '.join(kinds)} distinct={plan.distinct} joins={min(joins, 1)} {candidate.shape.group == '-'}": 1.0,
        "shown tables": len({one.table for one in entries}),
        f"opening {first} {candidate.shape.select}": 1.0,
        f"shape {' | '.join(candidate.shape.parts())}": 1.0,
    }


def _focus_features(candidate: Candidate, evidence: Evidence) -> dict[str, float]:
    """Whether the plan is about what the question is about: what it counts, and what it shows."""
    plan, marks = candidate.plan, evidence.units.marks()
    tables = set(plan.all_tables())
    counted = next(
        (index for index, mark in enumerate(marks) if mark in _COUNTED and "TAB" in marks[index + 1 : index + 4]), None
    )
    found: dict[str, float] = {}
    counts = (
        "count" in candidate.shape.aggregates or candidate.shape.order == "count" or "count" in candidate.shape.group
    )
    if counted is not None and counts:
        unit = marks.index("TAB", counted + 1)
        found["counted table missing" if not _tables_at(unit, evidence) & tables else "counted table read"] = 1.0
    first = next((index for index, mark in enumerate(marks) if mark == "TAB"), None)
    shown = {item.column[0] for item in plan.select if item.column}
    if first is not None and shown:
        named = _tables_at(first, evidence)
        found[f"first table {'shown' if named & shown else 'read' if named & tables else 'left out'} {marks[0]}"] = 1.0
    wanted = [guess for guess in evidence.places if guess.roles["select"] > 0.5]
    met = sum(
        any(mention.entry.key in {item.column for item in plan.select} for mention in guess.place.mentions)
        for guess in wanted
    )
    found["asked but not shown"] = float(len(wanted) - met)
    return found


def _tables_at(unit: int, evidence: Evidence) -> set[str]:
    return {
        link.table for link in evidence.analysis.links
        if link.column is None and link.quality >= 0.6 and evidence.units.of_token[link.start] == unit
    }  # fmt: skip


def unexplained_words(candidate: Candidate, evidence: Evidence) -> tuple[str, ...]:
    """Words that name or say something, of which the plan makes no use."""
    analysis = evidence.analysis
    tables, used = candidate.plan.tables_anywhere, candidate.plan.columns_anywhere
    explained = {
        index
        for link in analysis.links
        if (link.table in tables if link.column is None else (link.table, link.column) in used)
        for index in range(link.start, link.end)
    }
    unused = [binding.span for binding in candidate.assignment.unused]
    words = [
        analysis.words(span.start, span.end)
        for span in unused
        if not any(i in explained for i in range(span.start, span.end))
    ]
    words += [
        token.text
        for index, token in enumerate(analysis.tokens)
        if token.kind is TokenKind.WORD
        and index not in explained
        and token.lemma not in STOP_WORDS
        and analysis.best_quality[index] >= STRONG_NAME
    ]
    return tuple(dict.fromkeys(words))
