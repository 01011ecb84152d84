"""Fifth step: run the chosen SQL for the answer."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from apps.clarification.choosing import Chosen
from apps.datasources.execution import Limits
from apps.datasources.guard import check_sql
from apps.datasources.kept_results import Fetched
from apps.queries.models import Stage
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.rows import fetch
from apps.queries.steps.statistics import statistics_of
from apps.queries.steps.understanding import Understanding

SAMPLE_ROWS = 10


@dataclass(frozen=True)
class Executed:
    """The rows of the SQL that ran, under these limits."""

    fetched: Fetched
    sql: str
    limits: Limits


def _note(executed: Executed) -> StepNote:
    fetched, limits = executed.fetched, executed.limits
    result = fetched.result
    detail: dict[str, Any] = {
        "sql": executed.sql,
        "parameters": {"row_limit": limits.rows, "timeout_seconds": round(limits.timeout_seconds, 3)},
        "row_count": result.row_count,
        "truncated": result.truncated,
        "sql_ms": round(result.duration_ms, 2),
        "columns": [column.name for column in result.columns],
        "sample": result.to_json_rows()[:SAMPLE_ROWS],
        "statistics": statistics_of(result),
        "cached": fetched.is_kept,
        "read_at": fetched.read_at.isoformat(),
    }
    more = ", cut off at the limit" if result.truncated else ""
    did = "Took rows that were kept" if fetched.is_kept else "Ran the SQL"
    return StepNote(f"{did}: {result.row_count} row(s){more}.", detail)


def judged_again(choice: Chosen, understanding: Understanding) -> Chosen:
    """The choice with SQL for the rights that the person has now: the same unless they changed since it was judged.

    Raises: UnsafeSql if the person may no longer read this.
    """
    if not understanding.access_changed:
        return choice
    access, earlier = understanding.access, choice.probed.safe_sql
    safe_sql = check_sql(earlier.plain, dialect=earlier.dialect, access=access, row_limit=settings.PARLEY.sql_row_cap)
    return replace(choice, probed=replace(choice.probed, safe_sql=safe_sql))


@journey_step(Stage.EXECUTING, agent="sql", kind="execution", note=_note)
def execute_choice(choice: Chosen, understanding: Understanding, lost: threading.Event) -> Executed:
    """The chosen reading's rows, up to the query's limit.

    Raises: AppError of the execution (timeout, source away, failed SQL).
    """
    limits = Limits(
        rows=understanding.row_limit,
        bytes=settings.PARLEY.sql_max_bytes,
        columns=settings.PARLEY.sql_max_columns,
        timeout_seconds=min(settings.PARLEY.sql_timeout_seconds, understanding.seconds_left()),
    )
    return Executed(fetch(choice.probed.safe_sql, understanding, limits, lost), choice.probed.safe_sql.plain, limits)
