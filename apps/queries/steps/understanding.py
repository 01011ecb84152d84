"""First step: gather what bears on the question, already limited to what this person may see."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership, Organization
from apps.accounts.permissions import ASK
from apps.accounts.principal import Principal
from apps.clarification.habits import habits_at
from apps.clarification.models import ClarificationStatus
from apps.clarification.questions import Habits
from apps.clarification.readings import Point, Reading
from apps.clarification.stored import from_json, rewording_of, settled_points
from apps.common.connections import release_connection
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress
from apps.datasources.guard import UnsafeSql, check_sql
from apps.datasources.models import DataSource
from apps.datasources.services import access_of, address_of
from apps.knowledge.glossary import ValuesWithTerms
from apps.knowledge.key_overlaps import schema_with_overlaps
from apps.knowledge.services import load_values
from apps.knowledge.terms import terms_for
from apps.llm.privacy import PrivacyLevel
from apps.queries.context import Context, Turn
from apps.queries.models import Evaluation, Query, Run, Stage, Status
from apps.queries.outcomes import DeadlinePassed, Refused
from apps.queries.step_kinds import StepNote, journey_step
from apps.queries.steps.remembered import Remembered, remembered

EARLIER_TURNS = 5


@dataclass(frozen=True)
class Waited:
    """What a clarification kept while it was open."""

    readings: tuple[Reading, ...]
    settled: dict[Point, str]
    turns_left: int
    ending: str
    said: str = ""  # the last answer in own words that is no option
    rewording: str = ""  # the question that these words made
    is_reworded_now: bool = False  # by the answer that the query goes on with: what waited was read before it

    @property
    def closed_without_answer(self) -> bool:
        return self.ending != ClarificationStatus.ANSWERED


@dataclass(frozen=True)
class Freshness:
    """How old rows may be that an answer is made from. `source` tells one state of one data source from any other."""

    organization: Organization
    source: Sequence[object]
    seconds: int
    wants_new: bool = False

    @property
    def takes_kept(self) -> bool:
        return self.seconds > 0 and not self.wants_new


@dataclass(frozen=True)
class Understanding:
    """Everything that the later steps need; no step reads our database for it again."""

    reading_context: Context
    access: Access
    address: SourceAddress
    options: dict[str, Any]
    row_limit: int
    may_ask: bool
    threshold: float | None
    deadline: float
    habits_at: Callable[[Collection[Point]], Habits]
    freshness: Freshness
    correlation_id: str = ""
    waited: Waited | None = None
    remembered: Remembered = field(default_factory=Remembered)
    access_changed: bool = False  # since the readings were judged

    def seconds_left(self) -> float:
        """Seconds until the query's deadline. Raises DeadlinePassed when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("The query took longer than this installation allows.")
        return left

    def deadline_is_near(self, seconds: float) -> bool:
        """Are there no more than so many seconds until then?"""
        return self.deadline - time.monotonic() <= seconds


def _note(understanding: Understanding) -> StepNote:
    schema = understanding.access.schema
    detail = {"tables": len(schema.tables), "dialect": schema.dialect, "schema_version": schema.version}
    detail |= understanding.remembered.told()
    resumed = "Went on after the clarification" if understanding.waited else "Read the question"
    return StepNote(f"{resumed}; {len(schema.tables)} tables may be read.", detail)


@journey_step(Stage.UNDERSTANDING, agent="planner", kind="understanding", note=_note)
def understand(query: Query, *, in_request: bool = False) -> Understanding:
    """Collect schema, values, conversation and rights for one query; within a request without asking any model.

    Raises: NotFound if the person or the source is gone.
    """
    source = query.data_source
    principal = _current_principal(query, source)
    access = access_of(principal, source)
    month = query.organization.fiscal_year_start_month
    waited = _waited(query, access.schema.dialect)
    question = (waited and waited.rewording) or query.question
    history = _history(query, access)
    context = context_of(question, source, access, fiscal_year_start_month=month, history=history)
    known = remembered(
        context, principal=principal, source=source, access=access, has_waited=waited is not None, in_request=in_request
    )
    understanding = Understanding(
        reading_context=replace(context, examples=known.examples, rules=known.rules),
        access=access,
        address=address_of(source),
        options=query.options,
        row_limit=query.row_limit,
        may_ask=may_ask(query, source),
        threshold=threshold_in(query.organization, source),
        deadline=time.monotonic() + settings.PARLEY.query_deadline_seconds,
        habits_at=partial(_habits_at, query),
        freshness=freshness_of(query, source),
        correlation_id=query.correlation_id,
        waited=waited,
        remembered=known,
    )
    release_connection()
    return understanding


def context_of(
    question: str, source: DataSource, access: Access, *, fiscal_year_start_month: int, history: Sequence[Turn] = ()
) -> Context:
    """What an engine is told of a question, in a conversation or by itself."""
    terms = terms_for(source, access)
    said = "\n".join([question, *(turn.question for turn in reversed(history))])
    return Context(
        question=question,
        schema=schema_with_overlaps(source, access),
        values=ValuesWithTerms(load_values(source, access, said), terms),
        today=timezone.localdate(),
        history=history,
        fiscal_year_start_month=fiscal_year_start_month,
        glossary=terms,
        privacy=PrivacyLevel(source.privacy_level or settings.PARLEY.model_privacy),
    )


def freshness_of(query: Query, source: DataSource) -> Freshness:
    """The data source's own setting, else the installation's; who asks may want new rows in any case."""
    own = source.result_cache_seconds
    seconds = settings.PARLEY.result_cache_seconds if own is None else own
    place = (source.kind, source.host, source.port, source.database, source.username, source.credentials)
    state = [str(source.pk), *place, source.options, source.default_namespace, str(source.synced_at)]
    return Freshness(query.organization, state, seconds, bool(query.options.get("wants_new_rows")))


def with_current_access(query: Query, understanding: Understanding) -> Understanding:
    """The same with the person's rights as they are now: models take minutes, and a policy holds at once.

    Raises: Refused if the person may no longer ask here.
    """
    source = DataSource.objects.for_org(query.organization).get(pk=query.data_source_id)
    access = access_of(_current_principal(query, source), source)
    release_connection()
    if access == understanding.access:
        return understanding
    return replace(understanding, access=access, access_changed=True)


def threshold_in(organization: Organization, source: DataSource) -> float | None:
    """The data source's own threshold, else the organization's, else the installation's; 0 is one too.

    None leaves it to the engine.
    """
    said = (source.answer_threshold, organization.answer_threshold, settings.PARLEY.answer_threshold)
    return next((one for one in said if one is not None), None)


def may_ask(query: Query, source: DataSource) -> bool:
    """Asking back can be switched off by installation, organization, data source and request."""
    return asks_in(query.organization, source) and bool(query.options.get("clarification_mode", True))


def asks_in(organization: Organization, source: DataSource) -> bool:
    """Whether asking back is on for all who ask this source."""
    switches = (settings.PARLEY.clarification_enabled, organization.clarification_enabled, source.clarification_enabled)
    return all(switches)


def _current_principal(query: Query, source: DataSource) -> Principal:
    """Who asked, with the rights of this moment. Raises Refused, also where the source was switched off."""
    if not source.is_active:
        raise Refused("This data source is switched off.", code="no_longer_allowed")
    return principal_now(query)


def principal_now(asked: Query | Evaluation) -> Principal:
    """Who asked, with the rights of this moment: those of the moment of asking may be gone. Raises Refused."""
    members = Membership.objects.for_org(asked.organization).live().filter(user=asked.user)
    member = members.select_related("user", "organization").first()
    key = asked.api_key
    if key is not None and not ApiKey.objects.for_org(asked.organization).usable().filter(pk=key.pk).exists():
        raise Refused("The key that asked has ended.", code="no_longer_allowed")
    if member is None or not Principal(member, key).may(ASK.role, ASK.scope):
        raise Refused("Who asked may no longer ask here.", code="no_longer_allowed")
    return Principal(member, key)


def _history(query: Query, access: Access) -> tuple[Turn, ...]:
    """The conversation so far, without SQL that this person might no longer write."""
    if query.conversation is None:
        return ()
    earlier = (
        Query.objects.for_org(query.organization)
        .filter(conversation=query.conversation, data_source=query.data_source, id__lt=query.pk, status=Status.ANSWERED)
        .select_related("last_run")
        .order_by("-id")[:EARLIER_TURNS]
    )
    return tuple(_turn(one.question, one.last_run, access) for one in reversed(earlier))


def _turn(question: str, run: Run | None, access: Access) -> Turn:
    """The turn, with what answered it as long as this person might still be answered so."""
    if run is None or not run.sql:
        return Turn(question, None)
    try:
        check_sql(run.sql, dialect=access.schema.dialect, access=access)
    except UnsafeSql:
        return Turn(question, None)
    return Turn(question, run.sql, tuple(run.assumptions))


def _waited(query: Query, dialect: str) -> Waited | None:
    clarification = query.clarification
    if clarification is None:
        return None
    reworded = rewording_of(clarification)
    return Waited(
        readings=tuple(from_json(clarification.readings, dialect)),
        settled=settled_points(clarification),
        turns_left=clarification.max_turns - clarification.turn,
        ending=clarification.status,
        said=reworded.answer_text if reworded else "",
        rewording=reworded.rewording if reworded else "",
        is_reworded_now=reworded is not None and reworded.turn == clarification.turn,
    )


def _habits_at(query: Query, points: Collection[Point]) -> Habits:
    found = habits_at(points, organization=query.organization, user=query.user, source=query.data_source)
    release_connection()
    return found
