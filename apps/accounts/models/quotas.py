"""Quotas, what was used of them, and the alerts that they gave."""

from decimal import Decimal

from django.db import models

from apps.accounts.models.keys import ApiKey
from apps.accounts.models.people import User
from apps.accounts.tenancy import OrganizationOwned


def plain(number: Decimal) -> str:
    """A decimal as text, without the zeros that its column adds."""
    return f"{number.normalize():f}"


class Measure(models.TextChoices):
    """What is counted. Costs are in US dollars."""

    QUESTIONS = "questions", "Questions"
    TOKENS = "tokens", "Tokens"
    COST = "cost_usd", "Cost in USD"
    ROWS_EXPORTED = "rows_exported", "Rows exported"


class Period(models.TextChoices):
    """How long a quota counts before it begins anew, by the installation's time zone."""

    DAY = "day", "Day"
    MONTH = "month", "Month"


class Subject(models.TextChoices):
    """Whom a quota holds for. A member's own goes before each member's, a key's own before each key's."""

    ORGANIZATION = "organization", "The organization as a whole"
    EACH_MEMBER = "each_member", "Each member"
    MEMBER = "member", "One member"
    EACH_KEY = "each_key", "Each API key"
    KEY = "key", "One API key"


class Quota(OrganizationOwned):
    """At most `limit` of a measure in a period. An organization's own is set by the installation, in the admin site."""

    subject = models.CharField(max_length=12, choices=Subject)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    measure = models.CharField(max_length=13, choices=Measure)
    period = models.CharField(max_length=5, choices=Period)
    limit = models.DecimalField(max_digits=24, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject", "user", "api_key", "measure", "period"],
                name="quota_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(limit__gte=0), name="quota_limit_not_negative"),
            models.CheckConstraint(
                condition=models.Q(subject=Subject.MEMBER, user__isnull=False, api_key__isnull=True)
                | models.Q(subject=Subject.KEY, user__isnull=True, api_key__isnull=False)
                | models.Q(
                    subject__in=[Subject.ORGANIZATION, Subject.EACH_MEMBER, Subject.EACH_KEY],
                    user__isnull=True,
                    api_key__isnull=True,
                ),
                name="quota_subject_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{plain(self.limit)} {self.measure} a {self.period} for {self.subject}"


class UsageRecord(OrganizationOwned):
    """One charge. `reference` names what it is for: a second charge for the same counts nothing."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="+")
    measure = models.CharField(max_length=13, choices=Measure)
    amount = models.DecimalField(max_digits=24, decimal_places=8)
    reference = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "measure", "reference"], name="usage_charged_once")
        ]

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.measure}"


class UsageCounter(OrganizationOwned):
    """What one organization, member or key used of a measure in one period; `subject_id` is its id."""

    subject = models.CharField(
        max_length=12, choices=[(one, one) for one in (Subject.ORGANIZATION, Subject.MEMBER, Subject.KEY)]
    )
    subject_id = models.UUIDField()
    measure = models.CharField(max_length=13, choices=Measure)
    period = models.CharField(max_length=5, choices=Period)
    starts_on = models.DateField()
    amount = models.DecimalField(max_digits=24, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject", "subject_id", "measure", "period", "starts_on"],
                name="usage_counter_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.measure} since {self.starts_on}"


class QuotaAlert(OrganizationOwned):
    """A quota that reached 80 or 100 % in a period: told once."""

    quota_name = models.CharField(max_length=200)
    subject = models.CharField(max_length=12, choices=Subject)
    subject_id = models.UUIDField()
    measure = models.CharField(max_length=13, choices=Measure)
    period = models.CharField(max_length=5, choices=Period)
    starts_on = models.DateField()
    percent = models.PositiveSmallIntegerField()
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject", "subject_id", "measure", "period", "starts_on", "percent"],
                name="quota_alert_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.quota_name}"
