"""Ways to ask an endpoint for structured output, the strictest first, and which of them it is known not to take.

No Django here.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.llm.spec import ModelSpec

REMEMBERED_SECONDS = 600.0  # endpoints are upgraded
MOST_REMEMBERED = 500


class Form(StrEnum):
    """A JSON schema for the answer; a function whose arguments are the answer; words alone."""

    SCHEMA = "schema"
    TOOLS = "tools"
    PROSE = "prose"


@dataclass(frozen=True)
class Wanted:
    """The shape that an answer shall have: its name and its strict JSON schema."""

    name: str
    schema: Mapping[str, Any]

    def fields(self, form: Form) -> dict[str, Any]:
        """What goes into the request."""
        if form is Form.SCHEMA:
            described = {"name": self.name, "strict": True, "schema": dict(self.schema)}
            return {"response_format": {"type": "json_schema", "json_schema": described}}
        if form is Form.TOOLS:
            function = {"name": self.name, "description": "Gives the answer.", "parameters": dict(self.schema)}
            chosen = {"type": "function", "function": {"name": self.name}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": chosen}
        return {}


def forms_for(model: ModelSpec) -> list[Form]:
    """The ways worth trying with this model, in order; the last one always works."""
    offered = [(Form.SCHEMA, model.takes_schema), (Form.TOOLS, model.takes_tools), (Form.PROSE, True)]
    return [form for form, takes in offered if takes and not _is_refused(model, form)]


def remember_refusal(model: ModelSpec, form: Form) -> None:
    """This endpoint answered that it does not take the form: this process does not try it again for a while."""
    while len(_refused) >= MOST_REMEMBERED:
        _refused.pop(next(iter(_refused)), None)
    _refused[_key(model, form)] = time.monotonic() + REMEMBERED_SECONDS


def _is_refused(model: ModelSpec, form: Form) -> bool:
    return _refused.get(_key(model, form), 0) > time.monotonic()


def _key(model: ModelSpec, form: Form) -> tuple[str | None, str, Form]:
    return model.base_url, model.endpoint_name, form


# A hint and nothing more: a forked child may inherit it, a reload may lose it, and threads may write it at once.
_refused: dict[tuple[str | None, str, Form], float] = {}
