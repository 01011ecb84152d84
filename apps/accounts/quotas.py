"""Charging what is used, and refusing what goes beyond a quota: atomic under races, once for each reference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from prometheus_client import Counter

from apps.accounts.audit import record_audit
from apps.accounts.doorbells import wake
from apps.accounts.models import ApiKey, Organization, User
from apps.accounts.models.quotas import Measure, Period, Quota, QuotaAlert, Subject, UsageCounter, plain
from apps.common.errors import AppError
from apps.common.ids import uuid7

log = structlog.get_logger(__name__)
ALERT_PERCENTS = (80, 100)
QUOTA_REFUSALS = Counter("parley_quota_refusals_total", "Acts refused because a quota was used up.", ["measure"])
QUOTA_ALERTS = Counter("parley_quota_alerts_total", "Quotas that reached a threshold.", ["measure", "percent"])

_CHARGE_ONCE = """
    INSERT INTO accounts_usagerecord
        (id, organization_id, created_at, user_id, api_key_id, measure, amount, reference)
    VALUES (%s, %s, now(), %s, %s, %s, %s, %s)
    ON CONFLICT (organization_id, measure, reference) DO NOTHING RETURNING id
"""
# All counters of a charge in one statement, in one order everywhere: charges wait for each other and never in a circle.
_COUNT = """
    INSERT INTO accounts_usagecounter
        (id, organization_id, created_at, subject, subject_id, measure, period, starts_on, amount)
    SELECT id, %s, now(), subject, subject_id, %s, period, starts_on, %s
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::date[])
        AS wanted (id, subject, subject_id, period, starts_on)
    ON CONFLICT (organization_id, subject, subject_id, measure, period, starts_on)
        DO UPDATE SET amount = accounts_usagecounter.amount + EXCLUDED.amount
    RETURNING subject, subject_id, period, amount
"""


class QuotaExceeded(AppError):
    """What was wanted goes beyond a quota. `details` name it; Retry-After says when it begins anew."""

    code = "quota_exceeded"
    status = 429


@dataclass(frozen=True)
class Payer:
    """On whose account something is used."""

    organization: Organization
    user: User | None
    api_key: ApiKey | None = None

    def subjects(self) -> Iterator[tuple[Subject, str]]:
        """Whose counters a charge moves."""
        yield Subject.ORGANIZATION, str(self.organization.pk)
        if self.user is not None:
            yield Subject.MEMBER, str(self.user.pk)
        if self.api_key is not None:
            yield Subject.KEY, str(self.api_key.pk)


@dataclass(frozen=True)
class Limit:
    """One quota as it holds for one subject in the period that runs now."""

    quota: str
    subject: Subject
    subject_id: str
    measure: Measure
    period: Period
    limit: Decimal

    @property
    def counter(self) -> tuple[str, str, str]:
        """The key of its counter."""
        return self.subject, self.subject_id, self.period

    def error(self) -> QuotaExceeded:
        QUOTA_REFUSALS.labels(self.measure).inc()
        log.warning("quota_exceeded", measure=self.measure, subject=self.subject, period=self.period)
        details = {"measure": self.measure, "period": self.period, "subject": self.subject, "limit": plain(self.limit)}
        return QuotaExceeded(
            f"The quota of {plain(self.limit)} {self.measure} a {self.period} is used up.",
            details=details,
            retry_after_seconds=seconds_left(self.period),
        )


def charge(payer: Payer, measure: Measure, amount: Decimal | int, *, reference: str) -> bool:
    """Charge an act before it happens; False if this reference was charged already.

    Raises: QuotaExceeded if it goes beyond a quota; then nothing is charged.
    """
    with transaction.atomic():
        counted = _count_once(payer, measure, Decimal(amount), reference)
        limits = limits_of(payer, measure) if counted else []
        for limit in limits:
            if counted[limit.counter] > limit.limit:
                raise limit.error()
        _alert(payer, limits, counted, Decimal(amount))
    return bool(counted)


def charge_afterwards(payer: Payer, measure: Measure, amount: Decimal | int, *, reference: str) -> None:
    """Charge what was used already, such as tokens, also beyond a quota: the next act is refused."""
    if amount:
        with transaction.atomic():
            counted = _count_once(payer, measure, Decimal(amount), reference)
            _alert(payer, limits_of(payer, measure) if counted else [], counted, Decimal(amount))


def give_back(
    payer: Payer, measure: Measure, amount: Decimal | int, *, reference: str, charged_on: date | None = None
) -> None:
    """Take back a part of what was charged before it happened and then did not, from the day it was charged on: on
    another it would make room that the quota does not give. Without `charged_on` that is today."""
    if amount > 0:
        _count_once(payer, measure, -Decimal(amount), reference, on=charged_on)


def require_room(payer: Payer, measures: Sequence[Measure]) -> None:
    """Raise QuotaExceeded if a quota of one of these measures is used up."""
    for measure in measures:
        for limit, used in standing(payer, measure):
            if used >= limit.limit:
                raise limit.error()


def standing(payer: Payer, measure: Measure) -> list[tuple[Limit, Decimal]]:
    """Each limit that holds for this payer, with what is used of it."""
    limits = limits_of(payer, measure)
    if not limits:
        return []
    starts = {period_start(period) for period in Period}
    counters = UsageCounter.objects.for_org(payer.organization).filter(measure=measure, starts_on__in=starts)
    used = {
        (one.subject, str(one.subject_id), one.period): one.amount
        for one in counters.filter(subject_id__in=[subject_id for _, subject_id in payer.subjects()])
        if one.starts_on == period_start(Period(one.period))
    }
    return [(limit, used.get(limit.counter, Decimal(0))) for limit in limits]


def limits_of(payer: Payer, measure: Measure) -> list[Limit]:
    """The limits that hold for this payer: one's own before each one's, the installation's where there is none."""
    quotas = list(Quota.objects.for_org(payer.organization).filter(measure=measure))
    found = []
    for subject, subject_id in payer.subjects():
        for period in Period:
            own = next((one for one in _by_rank(quotas, subject, subject_id) if one.period == period), None)
            limit = own.limit if own else _installation_limit(subject, measure, period)
            if limit is not None:
                name = str(own) if own else f"{plain(limit)} {measure} a {period}, set by the installation"
                found.append(Limit(name, subject, subject_id, measure, period, limit))
    return found


def _by_rank(quotas: Sequence[Quota], subject: Subject, subject_id: str) -> Iterator[Quota]:
    own = {Subject.MEMBER: "user_id", Subject.KEY: "api_key_id"}.get(subject)
    each = {Subject.MEMBER: Subject.EACH_MEMBER, Subject.KEY: Subject.EACH_KEY}.get(subject)
    yield from (one for one in quotas if one.subject == subject and (not own or str(getattr(one, own)) == subject_id))
    yield from (one for one in quotas if one.subject == each)


def _installation_limit(subject: Subject, measure: Measure, period: Period) -> Decimal | None:
    environment = settings.PARLEY
    limits = {
        (Measure.QUESTIONS, Period.DAY): environment.quota_questions_per_day,
        (Measure.TOKENS, Period.MONTH): environment.quota_tokens_per_month,
        (Measure.COST, Period.MONTH): environment.quota_cost_usd_per_month,
        (Measure.ROWS_EXPORTED, Period.DAY): environment.quota_rows_exported_per_day,
    }
    found = limits.get((measure, period)) if subject is Subject.ORGANIZATION else None
    return None if found is None else Decimal(found)


def period_start(period: Period, on: date | None = None) -> date:
    """The first day of the period that runs now, or ran on that day."""
    today = on or timezone.localdate()
    return today if period is Period.DAY else today.replace(day=1)


def seconds_left(period: Period) -> int:
    """Until the period that runs now ends."""
    start = period_start(period)
    after = start + timedelta(days=1 if period is Period.DAY else 32)
    end = after if period is Period.DAY else after.replace(day=1)
    midnight = timezone.make_aware(datetime.combine(end, datetime.min.time()))
    return max(1, round((midnight - timezone.now()).total_seconds()))


Counted = dict[tuple[str, str, str], Decimal]


def _count_once(payer: Payer, measure: Measure, amount: Decimal, reference: str, on: date | None = None) -> Counted:
    """Move the payer's counters and return where they stand; nothing if this reference was charged already."""
    organization = str(payer.organization.pk)
    user = str(payer.user.pk) if payer.user else None
    key = str(payer.api_key.pk) if payer.api_key else None
    rows = [
        (str(uuid7()), subject, subject_id, period, period_start(period, on))
        for subject, subject_id in payer.subjects()
        for period in Period
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CHARGE_ONCE, [str(uuid7()), organization, user, key, measure, amount, reference])
        if cursor.fetchone() is None:
            return {}
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_COUNT, [organization, measure, amount, *columns])
        return {(subject, str(subject_id), period): used for subject, subject_id, period, used in cursor.fetchall()}


def _alert(payer: Payer, limits: Sequence[Limit], counted: Counted, amount: Decimal) -> None:
    """Tell, once a period, that a quota reached a threshold."""
    for limit in limits:
        now = counted[limit.counter]
        for percent in ALERT_PERCENTS:
            if now - amount < limit.limit * percent / 100 <= now:
                _tell(payer.organization, limit, percent)


def _tell(organization: Organization, limit: Limit, percent: int) -> None:
    alert, is_new = QuotaAlert.objects.for_org(organization).get_or_create(
        organization=organization, subject=limit.subject, subject_id=limit.subject_id, measure=limit.measure,
        period=limit.period, starts_on=period_start(limit.period), percent=percent,
        defaults={"quota_name": limit.quota[:200]},
    )  # fmt: skip
    if is_new:
        QUOTA_ALERTS.labels(limit.measure, percent).inc()
        said = {"percent": percent, "quota": limit.quota, "subject_id": limit.subject_id}
        log.warning("quota_reached", **said)
        record_audit("quota.reached", organization=organization, percent=percent, quota=limit.quota)
        wake("apps.accounts.tasks.mail_quota_alert", str(organization.pk), str(alert.pk))
