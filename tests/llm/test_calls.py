"""The record of a call outside Django and its row say the same."""

from apps.llm.calls import CallOutcome
from apps.llm.models import ModelCall


def test_both_lists_of_outcomes_are_the_same() -> None:
    assert {outcome.value for outcome in CallOutcome} == set(ModelCall.Outcome.values)
