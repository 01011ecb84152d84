"""A run's way to its models: one client for all its agents, so that time, tokens and records are one question's."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog
from django.conf import settings
from pydantic import BaseModel

from apps.accounts.models import Measure
from apps.accounts.quotas import require_room
from apps.llm.calls import CallRecord
from apps.llm.client import ModelClient
from apps.llm.errors import ModelAnswerUnusable, ModelError, TokensUsedUp
from apps.llm.exchange import Message
from apps.llm.kept_answers import OrganizationsAnswers
from apps.llm.pseudonyms import Pseudonyms
from apps.llm.services import client_until
from apps.llm.spec import ModelsByRole, ModelSpec
from apps.llm.structured import ask_for
from apps.queries.engines.model.hiding import pseudonyms_for
from apps.queries.models import Query
from apps.queries.prompts import prompt
from apps.queries.steps.understanding import Understanding

log = structlog.get_logger(__name__)
Shape = TypeVar("Shape", bound=BaseModel)
AGENT_SHARE = 0.5  # of the time that is left, at most, for one agent: what comes after it needs the rest


class Notes(Protocol):
    """Where a step leaves what is worth keeping of it: the run's recorder, or nothing where nothing is kept."""

    @property
    def query(self) -> Query: ...

    def note(self, **fields: Any) -> None: ...

    def record_call(self, call: CallRecord) -> None: ...


@dataclass
class ModelDesk:
    """The models of one run and the client that calls them.

    `names` hide what no model may be told of this question's data, the same way in every agent's call. `gave_up` is why
    no agent asks any more: an endpoint that failed one, retries and all, is not asked by the next.
    """

    client: ModelClient
    models: ModelsByRole
    names: Pseudonyms
    gave_up: ModelError | None = None

    def asks(self, agent: str) -> bool:
        """Is this agent's model to be asked at all?"""
        named = settings.PARLEY.model_agents
        return (named == "all" or agent in named.split(",")) and self.gave_up is None

    def ask(self, shape: type[Shape], model: ModelSpec, prompt_name: str, *, seconds: float, **parts: str) -> Shape:
        """An agent's typed answer: the prompt's rules, then its question filled with `parts`; without repair.

        It takes at most `seconds`, and no more than its share of what the query has left. Raises: ModelError.
        """
        asked = prompt(prompt_name)
        messages: list[Message] = [
            {"role": "system", "content": asked.text},
            {"role": "user", "content": asked.question(**parts)},
        ]
        client = self.client.within(min(seconds, AGENT_SHARE * self.client.clock.left()))
        try:
            return ask_for(shape, client, model, messages, purpose=asked.purpose)
        except ModelError as error:
            log.warning("agent_failed", agent=prompt_name, code=error.error_code)
            self.give_up(error)
            raise

    def said_again(self, text: str) -> str:
        """A model's words with the values back in them; what holds a placeholder that nobody gave out is left out."""
        return self.names.restore_sentences(text)

    def give_up(self, error: ModelError) -> None:
        """Ask no more where asking again could not help: an unusable answer says nothing about the next one."""
        if not isinstance(error, ModelAnswerUnusable | TokensUsedUp):
            self.gave_up = error


def open_desk(understanding: Understanding, models: ModelsByRole, notes: Notes) -> ModelDesk:
    """The desk of a run. Raises QuotaExceeded where nothing is left to spend on models."""
    require_room(notes.query.payer, (Measure.TOKENS, Measure.COST))
    freshness = understanding.freshness
    client = client_until(
        understanding.deadline,
        record_call=notes.record_call,
        correlation_id=understanding.correlation_id,
        kept=None if freshness.wants_new else OrganizationsAnswers(freshness.organization),
    )
    return ModelDesk(client, models, pseudonyms_for(understanding.reading_context))
