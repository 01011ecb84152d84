"""Asking a query again as another run of it: with what was settled, new rows, and other models where they are named."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.models import Measure
from apps.accounts.principal import Principal
from apps.accounts.quotas import Payer, charge
from apps.common.errors import Conflict
from apps.common.ids import uuid7
from apps.queries.models import Query, Status
from apps.queries.services import ring
from apps.queries.work.intake import require_room

WANTS_NEW = {"wants_new_rows": True, "reads_anew": True}


def replay(query: Query, *, principal: Principal, changes: Mapping[str, Any]) -> Query:
    """Queue the query for another run and charge it as a question; `changes` are options that this run has otherwise.

    Its earlier runs stay on record with their results. What a clarification settled stays settled.

    Raises: Conflict if it has no outcome yet or its source is switched off, QuotaExceeded if no question is left,
    TooManyWaiting.
    """
    require_room()
    with transaction.atomic():
        return _queued_again(query, principal, changes)


def _queued_again(query: Query, principal: Principal, changes: Mapping[str, Any]) -> Query:
    rows = Query.objects.for_org(principal.organization).select_for_update(of=("self",))
    locked: Query = rows.select_related("data_source").get(pk=query.pk)
    if not locked.state.is_final:
        message = f"This query is {locked.status}; it can be replayed once it has an outcome."
        raise Conflict(message, code="query_not_ended")
    if not locked.data_source.is_active:
        raise Conflict("This data source is switched off.", code="data_source_inactive")
    payer = Payer(principal.organization, principal.user, principal.api_key)
    charge(payer, Measure.QUESTIONS, 1, reference=f"replay:{uuid7()}")
    locked.options = {**locked.options, **changes, **WANTS_NEW}
    locked.api_key = principal.api_key
    locked.status, locked.stage, locked.attempts = Status.QUEUED, "", 0
    locked.answer = locked.error_code = locked.error_message = ""
    locked.queued_at, locked.ended_at = timezone.now(), None
    locked.save()
    record_audit("query.replayed", principal=principal, target=locked, changes=dict(changes))
    ring(locked)
    return locked
