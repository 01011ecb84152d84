"""An organization's evaluations, what became of each question, and what a data source asks of them."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models import ApiKey, User
from apps.accounts.quotas import Payer
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.common.shares import check_share
from apps.datasources.models import DataSource
from apps.knowledge.models import VerifiedQuery

QUEUE_GRACE_SECONDS = 15


class EvaluationStatus(models.TextChoices):
    """Where an evaluation stands. All but the first two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (EvaluationStatus.QUEUED, EvaluationStatus.RUNNING)


class EvaluationQuerySet(OrganizationQuerySet["Evaluation"]):
    def abandoned(self) -> "EvaluationQuerySet":
        """Evaluations that no worker holds: never taken though their message is old, or taken by one that is gone."""
        now = timezone.now()
        never_taken = models.Q(
            status=EvaluationStatus.QUEUED, queued_at__lte=now - timedelta(seconds=QUEUE_GRACE_SECONDS)
        )
        lost = models.Q(status=EvaluationStatus.RUNNING, lease_expires_at__lte=now)
        return self.filter(never_taken | lost)

    def with_progress(self) -> "EvaluationQuerySet":
        """Each with its source, who asked, and how many of its cases are finished."""
        finished = models.Count("cases", filter=models.Q(cases__finished_at__isnull=False))
        return self.select_related("data_source", "user").annotate(finished=finished)


class Evaluation(OrganizationOwned):
    """An engine put to verified queries, several times over if wished. The row is the truth; messages wake workers."""

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="evaluations")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=EvaluationStatus, default=EvaluationStatus.QUEUED)
    engine = models.CharField(max_length=10)
    models_used = models.JSONField(default=dict, help_text="Keys of the models by role; empty without a model.")
    threshold = models.FloatField(help_text="Least score at which a reading counts as answered.")
    may_ask = models.BooleanField(help_text="Whether asking back was allowed.")
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    runs = models.PositiveSmallIntegerField(default=1)
    includes_proposed = models.BooleanField(default=False)
    questions = models.PositiveIntegerField()
    schema_version = models.CharField(max_length=32)
    estimate = models.JSONField(default=dict, help_text="What a model was expected to cost; empty without one.")
    summary = models.JSONField(default=dict)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    busy_ms = models.PositiveIntegerField(default=0, help_text="Time that workers spent on it.")
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Workers that took it since a case was finished.")

    objects: ClassVar[Any] = EvaluationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(
                fields=["lease_expires_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="evaluation_unfinished",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=EvaluationStatus.values), name="evaluation_status"),
        ]

    def __str__(self) -> str:
        return f"{self.data_source} with the {self.engine} engine, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def payer(self) -> Payer:
        """On whose account it is."""
        return Payer(self.organization, self.user, self.api_key)

    @property
    def state(self) -> EvaluationStatus:
        return EvaluationStatus(self.status)

    @property
    def total(self) -> int:
        """How many cases it has."""
        return self.questions * self.runs


class EvaluationCase(OrganizationOwned):
    """One question in one run: what was asked for, and once `finished_at` is set, what became of it.

    Question and known SQL are kept as they were then. `reads`, `limits` and `policy` say what its SQL read and under
    which policy, which decides who may see it.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="cases")
    verified_query = models.ForeignKey(VerifiedQuery, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    question = models.TextField()
    gold_sql = models.TextField()
    difficulty = models.CharField(max_length=20, blank=True)
    question_class = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=10, blank=True)
    sql = models.TextField(blank=True)
    readings = models.JSONField(default=list)
    asked = models.BooleanField(default=False)
    confidence = models.FloatField(null=True)
    correct = models.BooleanField(null=True)
    by_ties = models.BooleanField(default=False)
    published = models.BooleanField(null=True)
    reason = models.CharField(max_length=50, blank=True)
    ms = models.FloatField(null=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    policy = models.CharField(max_length=32, blank=True)
    reads = models.JSONField(null=True)
    limits = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "evaluation", "run", "position"], name="case_place_unique"),
        ]

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def name(self) -> str:
        """What its question is called in every run, and in every evaluation of the same verified query."""
        return str(self.verified_query_id or uuid.UUID(int=self.position))


class EvaluationRequirement(OrganizationOwned):
    """What a passing evaluation of this data source must show before a change that alters answers is published."""

    data_source = models.OneToOneField(DataSource, on_delete=models.CASCADE, related_name="evaluation_requirement")
    least_precision = models.FloatField(
        null=True, blank=True, validators=[check_share],
        help_text="Least share of right answers among those given.",
    )  # fmt: skip
    least_ex = models.FloatField(
        null=True, blank=True, validators=[check_share],
        help_text="Least share of questions whose best reading is right.",
    )  # fmt: skip
    least_questions = models.PositiveIntegerField(default=1, help_text="Least number of questions put.")
    holds_for_approvals = models.BooleanField(
        default=False, help_text="Also before a verified query is approved, which then must have been among them."
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"What {self.data_source} requires"
