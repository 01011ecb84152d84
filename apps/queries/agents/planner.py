"""The planner: which agents do what for a question. What it says is a wish, made into a plan by rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from apps.knowledge.catalog import catalog_of
from apps.knowledge.linking import tables_for
from apps.knowledge.tokens import tokenize
from apps.llm.pseudonyms import Pseudonyms
from apps.queries.agents.desk import ModelDesk
from apps.queries.context import Context
from apps.queries.engines.model.answer import line
from apps.queries.engines.model.budget import NOTHING
from apps.queries.engines.model.told_text import LONGEST_QUESTION
from apps.queries.prompts.quoting import quoted
from apps.queries.prose import Facts, with_numbers_of

LONGEST_TASK = 300
MOST_TABLES = 40
WRAPPERS = ("plan", "answer", "result", "response", "output")


class Agent(StrEnum):
    """Who does a step of a plan, in the order in which they work."""

    SQL = "sql"
    CHART = "chart"
    WEB_RESEARCH = "web_research"
    SYNTHESIS = "synthesis"


@dataclass(frozen=True)
class PlannedStep:
    """What one agent is to do; without a task it goes by the question alone."""

    agent: Agent
    task: str = ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _StepMade(_Part):
    agent: Annotated[str, line(30)]
    task: Annotated[str, line(LONGEST_TASK)] = ""

    @model_validator(mode="before")
    @classmethod
    def _named_only(cls, value: Any) -> Any:
        """A bare name is a step without a task."""
        return {"agent": value} if isinstance(value, str) else value


class PlanMade(_Part):
    """A plan as the model gave it."""

    cannot_answer: Annotated[str, line(LONGEST_TASK)] = ""
    steps: list[_StepMade] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"steps": value}
        if isinstance(value, dict) and "steps" not in value:
            inner = next((value[name] for name in WRAPPERS if isinstance(value.get(name), dict | list)), None)
            return value if inner is None else {"steps": inner} if isinstance(inner, list) else inner
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.cannot_answer and not any(one.agent == Agent.SQL for one in self.steps):
            raise ValueError("steps: none is the sql agent's, and cannot_answer does not say why")
        return self


def ask_planner(desk: ModelDesk, context: Context, available: Sequence[Agent], *, seconds: float) -> PlanMade:
    """The model's plan for a question, with the values back in its words. Raises ModelError."""
    hide = desk.names.hide_known
    made = desk.ask(
        PlanMade, desk.models.reasoning, "plan", seconds=seconds,
        today=context.today.isoformat(),
        agents=", ".join(available),
        tables="\n".join(_tables(context, desk.names)) or NOTHING,
        conversation="\n".join(quoted(hide(turn.question)) for turn in context.history) or NOTHING,
        failed="\n".join(quoted(hide(one.words)) for one in context.failed) or NOTHING,
        question=quoted(hide(context.question), longest=LONGEST_QUESTION),
    )  # fmt: skip
    steps = [step.model_copy(update={"task": desk.said_again(step.task)}) for step in made.steps]
    asked = Facts((context.question, *(turn.question for turn in context.history)))
    why = with_numbers_of(asked, desk.said_again(made.cannot_answer))
    return made.model_copy(update={"steps": steps, "cannot_answer": why})


def steps_of(made: PlanMade | None, available: Sequence[Agent], required: Sequence[Agent]) -> tuple[PlannedStep, ...]:
    """The plan that is carried out: available agents, each once and in their order, those that are required among them.

    Without a plan by a model every available agent has its step.
    """
    wanted = {one.agent: one.task for one in reversed(made.steps)} if made else dict.fromkeys(available, "")
    chosen = [agent for agent in Agent if agent in available and (agent in wanted or agent in required)]
    return tuple(PlannedStep(agent, wanted.get(agent, "")) for agent in chosen)


def _tables(context: Context, names: Pseudonyms) -> list[str]:
    """The tables that the question may be about, by name and comment: the planner needs no columns."""
    near = tables_for(tokenize(context.question), catalog_of(context.schema), MOST_TABLES)
    by_name = {table.full_name: table for table in context.schema}
    order = dict.fromkeys([*(name for name in near if name in by_name), *by_name])
    found = [by_name[name] for name in list(order)[:MOST_TABLES]]
    told = ((one.full_name, one.comment and names.hide_forms(one.comment)) for one in found)
    return [" ".join(quoted(part) for part in parts if part) for parts in told]
