"""The step that draws: a result becomes at most a chart, a failure to draw never costs the answer."""

import structlog

from apps.queries.agents.planner import Agent
from apps.queries.charts import ChartDraft, draft_charts
from apps.queries.finding import Found
from apps.queries.models import Stage
from apps.queries.recording import StepNote, journey_step

log = structlog.get_logger(__name__)


def _note(charts: list[ChartDraft]) -> StepNote:
    kinds = ", ".join(chart.kind for chart in charts)
    return StepNote(f"Drew a chart: {kinds}." if charts else "No chart fits this result.", {"kinds": kinds})


@journey_step(Stage.EXPLAINING, agent="chart", kind="chart", note=_note)
def choose_charts(found: Found) -> list[ChartDraft]:
    """The chart that fits the result, unless the plan has none."""
    if not found.plan.has(Agent.CHART):
        return []
    try:
        return draft_charts(found.result, found.context.reading_context.question)
    except (ValueError, TypeError, OverflowError):
        log.exception("chart_failed")
        return []
