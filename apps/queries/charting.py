"""The step that draws: a result becomes at most a chart, a failure to draw never costs the answer."""

import structlog

from apps.datasources.results import ResultSet
from apps.queries.charts import ChartDraft, draft_charts
from apps.queries.models import Stage
from apps.queries.recording import StepNote, journey_step
from apps.queries.understanding import Understanding

log = structlog.get_logger(__name__)


def _note(charts: list[ChartDraft]) -> StepNote:
    kinds = ", ".join(chart.kind for chart in charts)
    return StepNote(f"Drew a chart: {kinds}." if charts else "No chart fits this result.", {"kinds": kinds})


@journey_step(Stage.EXPLAINING, agent="chart", kind="chart", note=_note)
def choose_charts(result: ResultSet, understanding: Understanding) -> list[ChartDraft]:
    """The chart that fits the result, unless charts were not wanted."""
    if not understanding.options.get("enable_charts", True):
        return []
    try:
        return draft_charts(result, understanding.reading_context.question)
    except (ValueError, TypeError, OverflowError):
        log.exception("chart_failed")
        return []
