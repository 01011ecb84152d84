"""Typed answers: a JSON schema where the endpoint takes one, tolerant parsing, validation, one repair.

No Django here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from apps.llm.answer_forms import Wanted
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable
from apps.llm.exchange import Message, Said
from apps.llm.parsing import NoJson, find_json
from apps.llm.spec import ModelSpec

Shape = TypeVar("Shape", bound=BaseModel)
MOST_COMPLAINTS = 8
LONGEST_QUOTED_ANSWER = 8_000
TOO_LONG = " It broke off where it had become too long: be brief."
REPAIR = (
    "Your last answer could not be used. {complaint}\n"
    "Answer again with one JSON object of the shape asked for and nothing else: no prose, no code fence."
)


@dataclass(frozen=True)
class Repair:
    """Who mends an unusable answer, and at what purpose the call stands on record."""

    model: ModelSpec
    purpose: str


def ask_for(
    shape: type[Shape],
    client: ModelClient,
    model: ModelSpec,
    messages: Sequence[Message],
    *,
    purpose: str,
    repair: Repair | None = None,
) -> Shape:
    """The model's answer as a `shape`. With `repair`, an unusable one is sent back once, with what is wrong with it.
    Where that does not help either, the model's fallback, if it has one, is asked once.

    Raises: ModelError; ModelAnswerUnusable if nobody's answer is of use.
    """
    try:
        return _asked_and_repaired(shape, client, model, messages, purpose, repair)
    except ModelAnswerUnusable as error:
        if model.fallback is None:
            raise
        client.fall_back(model, model.fallback, error)
        return _ask(shape, client, model.fallback, messages, purpose)


def _asked_and_repaired(
    shape: type[Shape],
    client: ModelClient,
    model: ModelSpec,
    messages: Sequence[Message],
    purpose: str,
    repair: Repair | None,
) -> Shape:
    try:
        return _ask(shape, client, model, messages, purpose)
    except ModelAnswerUnusable as error:
        if repair is None or not error.complaint:
            raise
        told = [*messages, *conversation_about(error)]
    return _ask(shape, client, repair.model, told, repair.purpose)


def conversation_about(error: ModelAnswerUnusable) -> list[Message]:
    """The unusable answer and what is wrong with it, as the next messages."""
    answer = error.answer[:LONGEST_QUOTED_ANSWER] or "(nothing)"
    return [
        {"role": "assistant", "content": answer},
        {"role": "user", "content": REPAIR.format(complaint=error.complaint)},
    ]


def _ask(shape: type[Shape], client: ModelClient, model: ModelSpec, messages: Sequence[Message], purpose: str) -> Shape:
    wanted = Wanted(shape.__name__, strict_schema(shape.model_json_schema()))
    return client.ask(model, messages, purpose=purpose, accept=_reader(shape), wanted=wanted)


def _reader(shape: type[Shape]) -> Callable[[Said], Shape]:
    def accept(said: Said) -> Shape:
        try:
            return shape.model_validate(find_json(said.text).value)
        except NoJson as error:
            complaint = str(error) + (TOO_LONG if said.is_cut else "")
            cause: Exception = error
        except ValidationError as error:
            complaint = _complaints(error)
            cause = error
        message = "The model's answer does not have the shape that was asked for."
        raise ModelAnswerUnusable(message, answer=said.text, complaint=complaint) from cause

    return accept


def _complaints(error: ValidationError) -> str:
    """What does not fit, field by field, in pydantic's words."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in found[:MOST_COMPLAINTS]]
    return "These parts do not fit: " + "; ".join(lines) + "."


def strict_schema(schema: Any) -> Any:
    """A JSON schema as strict endpoints want it: every property required, no further ones, no defaults or bounds."""
    if isinstance(schema, list):
        return [strict_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: strict_schema(value) for key, value in schema.items() if key not in LEFT_OUT}
    if isinstance(properties := schema.get("properties"), dict):
        kept["properties"] = {name: strict_schema(value) for name, value in properties.items()}
        kept |= {"required": list(properties), "additionalProperties": False}
    return kept


LEFT_OUT = frozenset({"default", "title", "maxLength", "minLength", "maxItems", "minItems", "minimum", "maximum"})
