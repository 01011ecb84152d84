"""How a step function of the journey says in what way it is recorded. It stays an ordinary function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from apps.queries.models import Stage

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")


@dataclass(frozen=True)
class StepNote:
    """What a step's record says beyond its time: one sentence, and typed details."""

    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StepKind:
    """How calls of a step function are recorded."""

    stage: Stage
    agent: str
    type: str
    note: Callable[[Any], StepNote]


def journey_step(
    stage: Stage, *, agent: str, kind: str, note: Callable[[Any], StepNote]
) -> Callable[[Callable[Parameters, Value]], Callable[Parameters, Value]]:
    """Mark a function as a step of the journey. It stays an ordinary function."""

    def mark(function: Callable[Parameters, Value]) -> Callable[Parameters, Value]:
        @wraps(function)
        def step(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
            return function(*args, **kwargs)

        step.step_kind = StepKind(stage, agent, kind, note)  # type: ignore[attr-defined]
        return step

    return mark
