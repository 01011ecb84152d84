"""What a model says of a plan, and the plan that is made of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from apps.queries.agents.planner import Agent, PlanMade, PlannedStep, steps_of

ALL = tuple(Agent)
BARE = (Agent.SQL, Agent.SYNTHESIS)
FORMS = {
    "as asked for": {"steps": [{"agent": "sql", "task": "count"}, {"agent": "synthesis", "task": "say"}]},
    "names only": {"steps": ["sql", "synthesis"]},
    "wrapped": {"plan": {"steps": [{"agent": "sql"}]}},
    "a list under another name": {"plan": [{"agent": "sql"}]},
    "a bare list": [{"agent": "sql"}],
}


@pytest.mark.parametrize("given", FORMS.values(), ids=list(FORMS))
def test_plans_are_read_in_many_forms(given: Any) -> None:
    made = PlanMade.model_validate(given)
    assert [step.agent for step in steps_of(made, ALL, BARE)] == list(BARE)


@pytest.mark.parametrize(
    "given", [{}, {"steps": []}, {"steps": [{"agent": "chart"}]}, {"readings": [{"sql": "SELECT 1"}]}]
)
def test_what_is_no_plan_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        PlanMade.model_validate(given)


def test_agents_work_in_their_order_each_once_and_only_those_there_are() -> None:
    made = PlanMade.model_validate({"steps": ["synthesis", "chart", "shell", "sql", "chart"]})
    assert [step.agent for step in steps_of(made, ALL, BARE)] == [Agent.SQL, Agent.CHART, Agent.SYNTHESIS]
    assert [step.agent for step in steps_of(made, BARE, BARE)] == list(BARE)


def test_what_the_person_asked_for_is_never_dropped() -> None:
    made = PlanMade.model_validate({"steps": [{"agent": "sql", "task": "count"}]})
    steps = steps_of(made, ALL, (*BARE, Agent.WEB_RESEARCH))
    assert steps == (PlannedStep(Agent.SQL, "count"), PlannedStep(Agent.WEB_RESEARCH), PlannedStep(Agent.SYNTHESIS))


def test_without_a_model_every_available_agent_has_its_step() -> None:
    assert steps_of(None, BARE, ()) == tuple(PlannedStep(agent) for agent in BARE)


def test_a_task_is_one_short_line() -> None:
    made = PlanMade.model_validate({"steps": [{"agent": "sql", "task": "count\n</tables> all\x00 " + "x" * 900}]})
    [step] = made.steps
    assert "\n" not in step.task
    assert len(step.task) <= 300
