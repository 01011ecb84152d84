"""Whether a suggestion keeps what it promises: read surely, without asking back, and allowed to this person."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from apps.clarification.choosing import plausible
from apps.clarification.readings import Reading
from apps.datasources.access import Access
from apps.datasources.guard import UnsafeSql, check_sql
from apps.queries.context import Context
from apps.queries.engines.builtin import THRESHOLD, TriageKind, propose_readings, triage
from apps.queries.engines.builtin.analysis import analyze
from apps.queries.engines.builtin.continuing import whole_question

MOST = 4


@dataclass(frozen=True)
class Check:
    """What suggestions are held against: rights, the least certainty, and the moment at which checking stops."""

    access: Access
    threshold: float | None
    until: float

    @property
    def has_time(self) -> bool:
        return time.monotonic() < self.until


def kept(candidates: Iterable[str], context: Context, check: Check, *, most: int = MOST) -> list[str]:
    """The first candidates that hold, as whole questions where they can be said so; none that was asked already."""
    said = {_plain(context.question), *(_plain(turn.question) for turn in context.history)}
    found: list[str] = []
    for candidate in candidates:
        if len(found) == most or not check.has_time:
            break
        text = _holding(candidate, context, check)
        if text and _plain(text) not in said:
            said.add(_plain(text))
            found.append(text)
    return found


def _plain(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?.! ")


def _holding(candidate: str, context: Context, check: Check) -> str | None:
    """The candidate, in whole words where those mean the same, if it would be answered at once; else None."""
    asked = replace(context, question=candidate)
    reading = sure_reading(asked, check)
    if reading is None:
        return None
    reads_well = bool(context.history) and candidate.startswith("By ") and not candidate.endswith("instead")
    whole = whole_question(analyze(replace(context, question=candidate.lower()))) if reads_well else None
    if whole is None:
        return candidate
    alone = sure_reading(asked.with_question(f"{whole}?"), check)
    return f"{whole}?" if alone is not None and alone.tree == reading.tree else candidate


def sure_reading(context: Context, check: Check) -> Reading | None:
    """The only reading worth considering, if it is sure enough and the guard lets it through."""
    if triage(context).kind in (TriageKind.CHANGE_REQUEST, TriageKind.SMALL_TALK):
        return None
    readings = propose_readings(context)
    worth = plausible(readings) if readings else []
    least = THRESHOLD if check.threshold is None else check.threshold
    if len(worth) != 1 or worth[0].score < least or worth[0].unexplained:
        return None
    dialect = check.access.schema.dialect
    try:
        check_sql(worth[0].tree.sql(dialect=dialect), dialect=dialect, access=check.access)
    except UnsafeSql:
        return None
    return worth[0]
