"""Second step: is this a question that the data can answer, and which engine reads it?"""

from dataclasses import dataclass

from django.conf import settings

from apps.llm.registry import default_model, models_for
from apps.llm.spec import ModelsByRole
from apps.queries.engines.builtin import triage
from apps.queries.engines.builtin.declining import turned_away
from apps.queries.engines.builtin.triage import TriageKind
from apps.queries.models import Stage
from apps.queries.outcomes import CannotAnswer, Refused
from apps.queries.recording import StepNote, journey_step
from apps.queries.understanding import Understanding

BUILTIN, MODEL = "builtin", "model"


@dataclass(frozen=True)
class Plan:
    """What will be done, in order, and by which engine."""

    engine: str
    steps: tuple[str, ...]
    with_charts: bool
    models: ModelsByRole | None = None


def _note(plan: Plan) -> StepNote:
    detail = {"plan": list(plan.steps), "models": _keys(plan.models)}
    return StepNote(f"Plan: {', '.join(plan.steps)}; engine {plan.engine}.", detail)


def _keys(models: ModelsByRole | None) -> dict[str, str]:
    return {"reasoning": models.reasoning.key, "implementation": models.implementation.key} if models else {}


@journey_step(Stage.PLANNING, agent="planner", kind="planning", note=_note)
def make_plan(understanding: Understanding) -> Plan:
    """Choose the engine and the steps.

    Raises: Refused for a wish to change data, CannotAnswer for what is no question about the data.
    """
    options = understanding.options
    reasoning, implementation = options.get("reasoning_model"), options.get("implementation_model")
    engine = chosen_engine(options.get("engine") or (MODEL if reasoning or implementation else None))
    waited = understanding.waited
    if waited is None or waited.is_reworded_now:  # what was asked back about has been through this
        _turn_away(understanding, engine)
    with_charts = bool(options.get("enable_charts", True))
    steps = ("sql", "chart", "synthesis") if with_charts else ("sql", "synthesis")
    models = models_for(reasoning=reasoning, implementation=implementation) if engine == MODEL else None
    return Plan(engine, steps, with_charts, models)


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
    wanted = asked or settings.PARLEY.default_engine
    if wanted == "auto":
        return MODEL if default_model() else BUILTIN
    if wanted == MODEL and default_model() is None:
        raise CannotAnswer("No model is configured; set MODEL_BASE_URL and MODEL_NAME.", code="no_model")
    return str(wanted)
