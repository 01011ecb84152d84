"""Second step: is this a question that the data can answer, which engine reads it, and who does what?"""

from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from django.conf import settings

from apps.accounts.quotas import QuotaExceeded
from apps.llm.errors import ModelError
from apps.llm.registry import default_engine, default_model, models_for
from apps.llm.spec import ModelsByRole
from apps.queries.agents.desk import ModelDesk, Notes, open_desk
from apps.queries.agents.planner import Agent, PlannedStep, ask_planner, steps_of
from apps.queries.engines.builtin import triage
from apps.queries.engines.builtin.declining import turned_away
from apps.queries.engines.builtin.triage import TriageKind
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer, Refused
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.understanding import Understanding

log = structlog.get_logger(__name__)
BUILTIN, MODEL = "builtin", "model"
QUOTA_USED_UP = "The quota for models is used up. The built-in engine answered instead."


@dataclass(frozen=True)
class Plan:
    """What will be done, in order, and by which engine. `notes` say what went differently from what was asked for.

    `replans` counts the plans before it that failed, `corrections` the SQL of this one that the database refused.
    """

    engine: str
    steps: tuple[PlannedStep, ...]
    desk: ModelDesk | None = None
    by: str = "rule"
    notes: tuple[str, ...] = field(default=())
    replans: int = 0
    corrections: int = 0

    @property
    def models(self) -> ModelsByRole | None:
        return self.desk.models if self.desk else None

    @property
    def agents(self) -> tuple[str, ...]:
        """Who works, in order."""
        return tuple(step.agent.value for step in self.steps)

    def task_of(self, agent: Agent) -> str:
        """What this agent is to do, in the planner's words; "" where it goes by the question."""
        return next((step.task for step in self.steps if step.agent is agent), "")

    def has(self, agent: Agent) -> bool:
        return any(step.agent is agent for step in self.steps)


def plan_note(plan: Plan) -> StepNote:
    """How a step that plans stands on record."""
    detail: dict[str, Any] = {
        "plan": list(plan.agents),
        "tasks": {step.agent.value: step.task for step in plan.steps if step.task},
        "planned_by": plan.by,
        "models": _keys(plan.models),
        "notes": list(plan.notes),
    }
    again = f", attempt {plan.replans + 1}" if plan.replans else ""
    return StepNote(f"Plan{again}: {', '.join(plan.agents)}; engine {plan.engine}.", detail)


def _keys(models: ModelsByRole | None) -> dict[str, str]:
    return {"reasoning": models.reasoning.key, "implementation": models.implementation.key} if models else {}


@journey_step(Stage.PLANNING, agent="planner", kind="planning", note=plan_note)
def make_plan(understanding: Understanding, notes: Notes) -> Plan:
    """Choose the engine and the steps: the model plans where it is asked to, rules see to it that the plan can be kept.

    Raises: Refused for a wish to change data, CannotAnswer for what is no question about the data.
    """
    options = understanding.options
    reasoning, implementation = options.get("reasoning_model"), options.get("implementation_model")
    engine = chosen_engine(options.get("engine") or (MODEL if reasoning or implementation else None))
    waited, reuse = understanding.waited, understanding.remembered.reuse
    is_new = reuse is None and (waited is None or waited.is_reworded_now)
    if is_new:  # what was asked back about has been through this
        _turn_away(understanding, engine)
    plan = Plan(engine, steps_of(None, _available(understanding), required=()))
    models = models_for(reasoning=reasoning, implementation=implementation) if engine == MODEL else None
    if models is None:
        return plan
    try:
        plan = replace(plan, desk=open_desk(understanding, models, notes))
    except QuotaExceeded:
        if options.get("engine") == MODEL:
            raise
        return replace(plan, engine=BUILTIN, notes=(QUOTA_USED_UP,))
    return planned_by_model(plan, understanding) if is_new else plan


def planned_by_model(plan: Plan, understanding: Understanding) -> Plan:
    """The plan as the planner's model wants it; as it stands where that model is not asked or cannot be used.

    Raises: CannotAnswer where the model says that the data cannot hold the answer.
    """
    if plan.desk is None or not plan.desk.asks("planner"):
        return plan
    available, context = _available(understanding), understanding.reading_context
    try:
        made = ask_planner(plan.desk, context, available, seconds=settings.PARLEY.model_timeout_seconds)
    except ModelError as error:
        return replace(plan, notes=(*plan.notes, f"Planned by rule: {error.message}"))
    if made.cannot_answer and not made.steps:
        raise CannotAnswer(made.cannot_answer, code="not_in_data")
    wanted = (Agent.SQL, Agent.SYNTHESIS, *_asked_for(understanding))
    return replace(plan, steps=steps_of(made, available, required=wanted), by="model")


def _available(understanding: Understanding) -> tuple[Agent, ...]:
    options = understanding.options
    chart = (Agent.CHART,) if options.get("enable_charts", True) else ()
    return (Agent.SQL, *chart, *_asked_for(understanding), Agent.SYNTHESIS)


def _asked_for(understanding: Understanding) -> tuple[Agent, ...]:
    """What the person asked for by name is in every plan."""
    return (Agent.WEB_RESEARCH,) if understanding.options.get("web_research") else ()


def _turn_away(understanding: Understanding, engine: str) -> None:
    found = triage(understanding.reading_context)
    if found.kind is TriageKind.CHANGE_REQUEST:
        raise Refused(turned_away(understanding.reading_context, found), code="change_request")
    if engine == BUILTIN and found.kind is TriageKind.SMALL_TALK:
        raise CannotAnswer(turned_away(understanding.reading_context, found), code="no_data_question")


def chosen_engine(asked: str | None) -> str:
    """The engine asked for, else the installation's; `auto` takes the model where one is configured.

    Raises: CannotAnswer if the model engine is asked for and no model is configured.
    """
    wanted = asked or default_engine()
    if wanted == MODEL and default_model() is None:
        raise CannotAnswer("No model is configured; set MODEL_BASE_URL and MODEL_NAME.", code="no_model")
    return wanted
