"""The step that draws: a result becomes at most a chart, a failure to draw never costs the answer."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from apps.llm.errors import ModelError
from apps.queries.agents.chart_maker import ask_chart_maker
from apps.queries.agents.planner import Agent
from apps.queries.charts import ChartDraft, ChartKind, ChartProposal, chart_choices, choose_chart
from apps.queries.finding import Found
from apps.queries.models import Stage
from apps.queries.step_kinds import StepNote, journey_step

log = structlog.get_logger(__name__)
UNDRAWABLE = (ValueError, TypeError, OverflowError)


@dataclass(frozen=True)
class Charts:
    """What was drawn, what was offered to the model and proposed by it, and in sentences what was not drawn and why."""

    drafts: tuple[ChartDraft, ...] = ()
    offered: tuple[str, ...] = ()
    proposal: ChartProposal | None = None
    notes: tuple[str, ...] = ()


def _note(charts: Charts) -> StepNote:
    kinds = ", ".join(chart.kind for chart in charts.drafts)
    detail: dict[str, Any] = {
        "kinds": kinds,
        "offered": list(charts.offered),
        "proposal": charts.proposal.model_dump() if charts.proposal else None,
        "notes": list(charts.notes),
    }
    return StepNote(f"Drew a chart: {kinds}." if kinds else "No chart fits this result.", detail)


@journey_step(Stage.EXPLAINING, agent="chart", kind="chart", note=_note)
def choose_charts(found: Found) -> Charts:
    """The chart that fits, unless the plan has none: as the person wished, as the model proposes, as rules choose."""
    if not found.plan.has(Agent.CHART):
        return Charts(notes=("The plan has no chart.",))
    question = found.context.reading_context.question
    try:
        options = chart_choices(found.result, question)
        proposal, notes = _proposed(found, options)
        is_ordered = found.choice.probed.reading.tree.args.get("order") is not None
        chosen = choose_chart(found.result, question, proposal, is_ordered=is_ordered)
    except UNDRAWABLE:
        log.exception("chart_failed")
        return Charts(notes=("This result could not be drawn.",))
    offered = tuple(one.kind.value for one in options)
    return Charts((chosen.draft,) if chosen.draft else (), offered, proposal, (*notes, *chosen.notes))


def _proposed(found: Found, options: list[Any]) -> tuple[ChartProposal | None, tuple[str, ...]]:
    """The model's choice, where there is one to make; and why there is none."""
    desk = found.plan.desk
    kinds = {one.kind for one in options} - {ChartKind.TABLE, ChartKind.NUMBER}
    if not kinds or desk is None or not desk.asks("chart"):
        return None, ()
    try:
        task = found.plan.task_of(Agent.CHART)
        question = found.context.reading_context.question
        seconds = settings.PARLEY.model_agent_seconds
        return ask_chart_maker(desk, question, task, found.result, options, seconds=seconds), ()
    except ModelError as error:
        return None, (f"Chosen by rule: {error.message}",)
