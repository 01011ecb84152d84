"""Writes on queries: accept, cancel, go on after a clarification, sweep."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.accounts.models import Measure, Organization
from apps.accounts.principal import Principal
from apps.accounts.quotas import charge
from apps.clarification.models import Clarification
from apps.clarification.services import (
    answer_clarification,
    cancel_clarification,
    dismiss_clarification,
    expire_clarification,
    require_open,
)
from apps.common.errors import AppError, Conflict
from apps.datasources.models import DataSource
from apps.monitoring.metrics import LEASES_LOST, QUERIES_ACCEPTED
from apps.queries.asking_back.hearing import hear_answers
from apps.queries.asking_back.learning import learn_from
from apps.queries.journey import answer_if_free
from apps.queries.models import Conversation, Query, Status
from apps.queries.recording import audit_query
from apps.queries.work.intake import require_room
from apps.queries.work.leases import at_work
from apps.queries.work.queues import queue_of

log = structlog.get_logger(__name__)
ANSWER_TASK = "apps.queries.tasks.answer_query_task"  # by name: the tasks import this module
MOST_ATTEMPTS = 3  # a query that ends three workers would end the fourth


@dataclass(frozen=True)
class Request:
    """What a person asks for. `options` holds engine, clarification_mode, models, enable_charts, web_research."""

    question: str
    data_source: DataSource
    options: Mapping[str, Any]
    conversation: Conversation | None = None
    idempotency_key: str | None = None

    @property
    def digest(self) -> str:
        """Equal for requests that ask the same thing."""
        parts = [self.question, str(self.data_source.pk), str(self.conversation and self.conversation.pk)]
        text = json.dumps([parts, dict(self.options)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def ask(*, principal: Principal, request: Request, surface: str) -> Query:
    """Accept a query: charge and commit it, then wake a worker. The same idempotency key gives the same query.

    Raises: Conflict if the key was used for another request, QuotaExceeded if no question is left, TooManyWaiting if
    so many wait that this one would wait too long.
    """
    if request.idempotency_key and (earlier := _earlier(principal, request)):
        return earlier
    require_room()
    try:
        with transaction.atomic():
            query = _save(principal, request)
            ring(query)
    except IntegrityError:
        if request.idempotency_key and (earlier := _earlier(principal, request)):
            return earlier
        raise
    QUERIES_ACCEPTED.labels(surface).inc()
    log.info("query_accepted", query=str(query.pk), data_source=request.data_source.name)
    return query


def ask_here(*, principal: Principal, request: Request) -> Query:
    """Accept a query and answer it in this process, for commands: no worker is needed."""
    with transaction.atomic():
        query = _save(principal, request)
    QUERIES_ACCEPTED.labels("command").inc()
    return go_on_here(query)


def go_on_here(query: Query) -> Query:
    """Do a worker's part for this query in this process, unless a worker has it; the query as it stands then."""
    answer_if_free(query.organization, query.pk)
    found: Query = Query.objects.for_org(query.organization).with_record().get(pk=query.pk)
    return found


def _save(principal: Principal, request: Request) -> Query:
    conversation = _conversation_for(principal, request)
    query: Query = Query.objects.create(
        organization=principal.organization,
        user=principal.user,
        api_key=principal.api_key,
        data_source=request.data_source,
        conversation=conversation,
        question=request.question,
        options=dict(request.options),
        idempotency_key=request.idempotency_key,
        request_digest=request.digest,
        correlation_id=str(structlog.contextvars.get_contextvars().get("correlation_id", "")),
    )
    charge(query.payer, Measure.QUESTIONS, 1, reference=f"query:{query.pk}")
    return query


def _conversation_for(principal: Principal, request: Request) -> Conversation:
    """The conversation that the query goes on, held until it is saved, or a new one of its own.

    Raises: Conflict if it was forgotten at this very moment.
    """
    title = request.question[:200]
    if request.conversation is None:
        made: Conversation = Conversation.objects.create(
            organization=principal.organization, user=principal.user, data_source=request.data_source, title=title
        )
        return made
    rows = Conversation.objects.for_org(principal.organization).select_for_update(no_key=True)
    found: Conversation | None = rows.filter(pk=request.conversation.pk).first()
    if found is None:
        raise Conflict("This conversation was forgotten meanwhile.", code="conversation_forgotten")
    if not found.title:
        found.title = title
        found.save(update_fields=["title"])
    return found


def _earlier(principal: Principal, request: Request) -> Query | None:
    found: Query | None = (
        Query.objects.for_org(principal.organization)
        .filter(user=principal.user, idempotency_key=request.idempotency_key)
        .first()
    )
    if found is not None and found.request_digest != request.digest:
        raise Conflict("This Idempotency-Key was used for another request.", code="idempotency_conflict")
    return found


def ring(query: Query) -> None:
    """Wake a worker once this transaction is committed. If the broker is away, the sweeper rings later."""

    def send() -> None:
        try:
            ids = str(query.organization_id), str(query.pk)
            current_app.tasks[ANSWER_TASK].apply_async(ids, retry=False, queue=queue_of(query))
        except (OperationalError, OSError) as error:
            log.warning("doorbell_failed", error=type(error).__name__)

    transaction.on_commit(send)


def wake_next(organization: Organization) -> None:
    """After a query of this organization ended: wake a worker for the next that was held back, if one may have been."""
    if at_work(organization) != settings.PARLEY.queries_at_once - 1:
        return
    waiting = Query.objects.for_org(organization).filter(status=Status.QUEUED).order_by("queued_at").first()
    if waiting is not None:
        ring(waiting)


@transaction.atomic
def cancel_query(query: Query) -> Query:
    """End a query that has no outcome yet; work under way stops soon after. A query with an outcome stays as it is.

    Raises: Conflict if it has one.
    """
    rows = Query.objects.for_org(query.organization).select_for_update(of=("self",))
    locked: Query = rows.select_related("clarification").get(pk=query.pk)
    if locked.state.is_final:
        raise Conflict(f"This query is {locked.status} already.", code="query_ended")
    if locked.clarification is not None and locked.clarification.is_open:
        cancel_clarification(locked.clarification)
    now = timezone.now()
    locked.runs.filter(ended_at__isnull=True).update(status=Status.CANCELLED, ended_at=now)
    locked.status, locked.stage, locked.ended_at = Status.CANCELLED, "", now
    locked.lease_token = locked.lease_expires_at = None
    locked.save()
    audit_query(locked, "done")
    return locked


def answer_and_go_on(clarification: Clarification, answers: list[Mapping[str, Any]], *, remember: bool = True) -> Query:
    """Record the answers and queue the query again, both or neither; keep options chosen as rules if `remember`.

    Raises: Conflict if the clarification takes no more answers, InvalidInput naming the answer at fault.
    """
    require_open(clarification)
    heard = hear_answers(clarification, answers)  # before anything is locked
    with transaction.atomic():
        _lock_query(clarification)
        answered = answer_clarification(clarification, heard)
        query = _go_on(answered)
    if remember:
        learn_from(answered, query)  # afterwards: whatever comes of it, the answer stands
    return query


def dismiss_and_go_on(clarification: Clarification) -> Query:
    """Go on with the stated assumptions."""
    with transaction.atomic():
        _lock_query(clarification)
        return _go_on(dismiss_clarification(clarification))


def _lock_query(clarification: Clarification) -> None:
    """Lock the query before its clarification, in the order that cancelling takes them: neither waits for the other."""
    rows = Query.objects.for_org(clarification.organization).select_for_update(of=("self",))
    rows.filter(pk=clarification.query.pk).first()


def _go_on(clarification: Clarification) -> Query:
    query: Query = clarification.query
    changed = Query.objects.for_org(query.organization).filter(pk=query.pk, status=Status.NEEDS_CLARIFICATION)
    if not changed.update(status=Status.QUEUED, queued_at=timezone.now(), attempts=0):
        raise Conflict("The query does not wait for this clarification.", code="clarification_closed")
    ring(query)
    return query


def expire_clarifications() -> int:
    """Let the queries of overdue clarifications go on with their assumptions; returns how many."""
    count = 0
    for clarification in Clarification.objects.overdue().select_related("organization", "query")[:500]:
        try:
            with transaction.atomic():
                _lock_query(clarification)
                _go_on(expire_clarification(clarification))
                count += 1
        except AppError as error:  # answered at this very moment, or cancelled
            log.info("clarification_not_expired", code=error.error_code)
    return count


def sweep() -> int:
    """Wake workers for queries that no worker holds; returns how many. What lost several workers is given up."""
    count = 0
    for query in Query.objects.abandoned().select_related("organization").order_by("queued_at")[:500]:
        if query.status == Status.RUNNING:
            LEASES_LOST.inc()
            if query.attempts >= MOST_ATTEMPTS:
                _give_up(query)
                continue
        log.warning("query_requeued", query=str(query.pk), status=query.status)
        Query.objects.for_org(query.organization).filter(pk=query.pk).update(queued_at=timezone.now())
        ring(query)
        count += 1
    return count


@transaction.atomic
def _give_up(query: Query) -> None:
    """End a query whose every worker died over it, unless one took it at this very moment."""
    now = timezone.now()
    error = "Every worker that took this query was lost, so it is not tried again."
    lost = Query.objects.for_org(query.organization).filter(pk=query.pk, lease_token=query.lease_token)
    ended = lost.filter(status=Status.RUNNING, lease_expires_at__lte=now).update(
        status=Status.FAILED, stage="", ended_at=now, lease_token=None, lease_expires_at=None,
        error_code="workers_lost", error_message=error,
    )  # fmt: skip
    if ended:
        query.runs.filter(ended_at__isnull=True).update(status=Status.FAILED, ended_at=now)
        query.status = Status.FAILED
        audit_query(query, "failed", code="workers_lost")
        log.error("query_given_up", query=str(query.pk), attempts=query.attempts)
