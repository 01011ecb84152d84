"""A first look at the rows of each plausible reading, under a small budget, so that they can be compared by result."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from django.conf import settings

from apps.clarification.choosing import Probed, Problem, plausible
from apps.common.errors import AppError
from apps.datasources.errors import SqlFailed, TooManyColumns
from apps.datasources.execution import Limits
from apps.queries.models import Stage
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.rows import fetch
from apps.queries.steps.understanding import Understanding

log = structlog.get_logger(__name__)
FIRST_ROWS, FIRST_BYTES = 100, 1_000_000
MOST_ROWS, MOST_BYTES = 10_000, 8_000_000  # where the first rows are not all: parts of two results cannot be compared


def _note(probed: Sequence[Probed]) -> StepNote:
    seen = sum(one.result is not None for one in probed)
    outcomes = [
        {
            "sql": one.safe_sql.plain, "rows": one.result.row_count if one.result else None,
            "problem": one.problem and one.problem.value,
        }
        for one in probed
    ]  # fmt: skip
    action = (
        f"Compared {seen} of {len(probed)} readings by their results."
        if len(probed) > 1
        else "One reading: no comparison needed."
    )
    return StepNote(action, {"probes": outcomes})


@journey_step(Stage.CHECKING, agent="sql", kind="probe", note=_note)
def probe(checked: Sequence[Probed], understanding: Understanding, lost: threading.Event) -> list[Probed]:
    """The plausible readings, each with a look at its rows or why there is none; no look where there is only one."""
    worth = set(map(id, plausible([one.reading for one in checked])))
    rivals = [one for one in checked if id(one.reading) in worth]
    if len(rivals) < 2:
        return rivals
    budget = _Budget(understanding, lost, time.monotonic() + settings.PARLEY.probe_budget_seconds)
    looks = budget.looks(rivals, FIRST_ROWS, FIRST_BYTES)
    parts = [one for one in looks if _is_part(one)]
    if len(parts) < 2:
        return looks
    fuller = dict(zip(map(id, parts), budget.looks(parts, MOST_ROWS, MOST_BYTES), strict=True))
    return [_fuller(one, fuller[id(one)]) if id(one) in fuller else one for one in looks]


@dataclass(frozen=True)
class _Budget:
    """The time that all looks together may take."""

    understanding: Understanding
    lost: threading.Event
    deadline: float  # of time.monotonic()

    def looks(self, readings: Sequence[Probed], rows: int, most_bytes: int) -> list[Probed]:
        """A look at each; at SQL that two engines wrote alike, one for both."""
        seen: dict[str, Probed] = {}
        for one in readings:
            if one.safe_sql.text not in seen:
                seen[one.safe_sql.text] = self.look(one, rows, most_bytes)
        return [replace(seen[one.safe_sql.text], reading=one.reading) for one in readings]

    def look(self, one: Probed, rows: int, most_bytes: int) -> Probed:
        """The reading with its first rows, or with what kept us from seeing them."""
        left = min(self.deadline - time.monotonic(), self.understanding.seconds_left())
        if left <= 0:
            return replace(one, problem=Problem.UNSEEN)
        seconds = min(settings.PARLEY.probe_timeout_seconds, left)
        limits = Limits(rows, most_bytes, seconds, columns=settings.PARLEY.sql_max_columns)
        try:
            fetched = fetch(one.safe_sql, self.understanding, limits, self.lost)
        except AppError as error:
            log.info("probe_failed", code=error.error_code)
            is_broken = isinstance(error, SqlFailed | TooManyColumns)
            return replace(one, problem=Problem.BROKEN if is_broken else Problem.UNSEEN)
        return replace(one, result=fetched.result)


def _is_part(one: Probed) -> bool:
    return one.result is not None and one.result.truncated


def _fuller(first: Probed, second: Probed) -> Probed:
    """The second look where there was one."""
    return second if second.problem is None else first
