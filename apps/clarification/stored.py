"""Readings as JSON and back, so that they can wait in our database for an answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import parse_one

from apps.clarification.models import Clarification, ClarificationQuestion
from apps.clarification.readings import Choice, ChoiceField, KnownRule, Point, Reading, Reason


def to_json(readings: Sequence[Reading], dialect: str) -> list[dict[str, Any]]:
    """All that is needed to go on with the readings."""
    return [
        {
            "sql": reading.tree.sql(dialect=dialect),
            "score": reading.score,
            "assumptions": list(reading.assumptions),
            "choices": [[c.field, c.phrase, c.label, c.meaning, c.asks] for c in reading.choices],
            "unexplained": list(reading.unexplained),
            "explanation": reading.explanation,
            "engine": reading.engine,
            "reasons": [[reason.name, reason.weight] for reason in reading.reasons],
            "second_opinion": reading.second_opinion,
            "is_shared": reading.is_shared,
            "rules": [[rule.id, rule.field, rule.phrase, rule.label, rule.words] for rule in reading.rules],
        }
        for reading in readings
    ]


def from_json(rows: Sequence[Mapping[str, Any]], dialect: str) -> list[Reading]:
    """The readings again. They are checked by the guard like any others: what we stored is not trusted."""
    return [
        Reading(
            tree=parse_one(row["sql"], dialect=dialect),
            score=row["score"],
            assumptions=tuple(row["assumptions"]),
            choices=tuple(Choice(ChoiceField(field), *rest) for field, *rest in row["choices"]),
            unexplained=tuple(row["unexplained"]),
            explanation=row["explanation"],
            engine=row["engine"],
            reasons=tuple(Reason(name, weight) for name, weight in row.get("reasons", ())),
            second_opinion=row.get("second_opinion", False),
            is_shared=row.get("is_shared", False),
            rules=tuple(KnownRule(pk, ChoiceField(field), *rest) for pk, field, *rest in row.get("rules", ())),
        )
        for row in rows
    ]


def settled_points(clarification: Clarification) -> dict[Point, str]:
    """What has been decided so far: the chosen label of each answered question."""
    chosen = [one for one in clarification.questions.all() if one.chosen_label]
    return {(ChoiceField(one.field), one.phrase): one.chosen_label for one in chosen}


def rewording_of(clarification: Clarification) -> ClarificationQuestion | None:
    """The question whose answer was the last to put the query's question into new words, if one did.

    The words are read anew only at the turn that they answer: afterwards, what waited was read from them.
    """
    reworded = [one for one in clarification.questions.all() if one.rewording]
    return reworded[-1] if reworded else None
