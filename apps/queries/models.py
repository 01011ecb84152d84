"""A query's whole life: the question, its runs, their steps, the result."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.utils import timezone

from apps.accounts.models import ApiKey, User
from apps.accounts.quotas import Payer
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.clarification.models import Clarification
from apps.datasources.models import DataSource
from apps.knowledge.models import VerifiedQuery
from apps.queries.evaluations.models import Evaluation, EvaluationCase, EvaluationRequirement
from apps.queries.feedback.models import Feedback

__all__ = [
    "Chart", "Conversation", "Evaluation", "EvaluationCase", "EvaluationRequirement", "Feedback", "Query", "Result",
    "Run", "Stage", "Status", "Step",
]  # fmt: skip


class Status(models.TextChoices):
    """Where a query stands. All but the first three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_CLARIFICATION = "needs_clarification"
    ANSWERED = "answered"
    CANNOT_ANSWER = "cannot_answer"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (Status.QUEUED, Status.RUNNING, Status.NEEDS_CLARIFICATION)

    @property
    def is_waiting(self) -> bool:
        """A worker is on it or will be."""
        return self in (Status.QUEUED, Status.RUNNING)


class Stage(models.TextChoices):
    """What a running query is busy with."""

    UNDERSTANDING = "understanding"
    PLANNING = "planning"
    WRITING = "writing"
    CHECKING = "checking"
    EXECUTING = "executing"
    EXPLAINING = "explaining"


class ConversationQuerySet(OrganizationQuerySet["Conversation"]):
    def with_counts(self) -> "ConversationQuerySet":
        """Each with `query_count` and `last_asked_at`, None where nothing was asked yet."""
        return self.annotate(query_count=models.Count("queries"), last_asked_at=models.Max("queries__created_at"))

    def untouched_since(self, moment: datetime) -> "ConversationQuerySet":
        """Conversations begun before then in which nothing was asked since, and nothing is under way."""
        owner = cast(models.Model, models.OuterRef("organization"))
        asked = Query.objects.for_org(owner).filter(conversation=models.OuterRef("pk"))
        busy = asked.filter(models.Q(created_at__gte=moment) | models.Q(status__in=UNFINISHED))
        return self.filter(~models.Exists(busy), created_at__lt=moment)


class Conversation(OrganizationOwned):
    """Queries that follow one another, which the next question may lean on. Without it they are history."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)

    objects: ClassVar[Any] = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "user", "-id"], name="conversation_of_person")]

    def __str__(self) -> str:
        return self.title or "New conversation"


class QueryQuerySet(OrganizationQuerySet["Query"]):
    def search(self, words: str) -> "QueryQuerySet":
        """Queries whose question contains the words, or whose answer does and may be seen; after `visible_queries`."""
        answer = models.Q(answer__icontains=words, is_covered=True)
        return self.filter(models.Q(question__icontains=words) | answer)

    def with_record(self) -> "QueryQuerySet":
        """Everything that showing a query needs, in a fixed number of reads."""
        return self.select_related("data_source", "user", "clarification", "last_run").prefetch_related(
            "clarification__questions", "last_run__steps", "last_run__charts", "last_run__result"
        )

    def abandoned(self) -> "QueryQuerySet":
        """Queries that no worker holds: never taken though their message is old, or taken by a worker that is gone."""
        now = timezone.now()
        never_taken = models.Q(status=Status.QUEUED, queued_at__lte=now - timedelta(seconds=QUEUE_GRACE_SECONDS))
        lost = models.Q(status=Status.RUNNING, lease_expires_at__lte=now)
        return self.filter(never_taken | lost)


QUEUE_GRACE_SECONDS = 15
UNFINISHED = (Status.QUEUED, Status.RUNNING, Status.NEEDS_CLARIFICATION)


class Query(OrganizationOwned):
    """A question that a person asked. The row is the truth about it; messages only wake workers."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="queries")
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="queries")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="queries"
    )
    question = models.TextField()
    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED)
    stage = models.CharField(max_length=15, choices=Stage, blank=True)
    options = models.JSONField(default=dict, help_text="engine, clarification_mode, enable_charts … as asked for.")
    clarification = models.OneToOneField(
        Clarification, on_delete=models.SET_NULL, null=True, blank=True, related_name="query"
    )
    last_run = models.OneToOneField("Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  (NULLs are not unique)
    request_digest = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[Any] = QueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "queries"
        indexes = [
            models.Index(fields=["organization", "-id"]),
            GinIndex(SearchVector("question", config="english"), name="query_question_words"),
            models.Index(
                fields=["lease_expires_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="query_unfinished",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "idempotency_key"], name="query_idempotency_key_unique"
            ),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="query_status_known"),
        ]

    @property
    def payer(self) -> Payer:
        """On whose account it is."""
        return Payer(self.organization, self.user, self.api_key)

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def row_limit(self) -> int:
        """Most rows that the answer keeps; the whole result is exported by `result.<format>`."""
        return int(settings.PARLEY.answer_row_limit)


class Run(OrganizationOwned):
    """One attempt to answer a query; waiting for a clarification and going on is the same attempt."""

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=Status, default=Status.RUNNING)
    engine = models.CharField(max_length=10, blank=True)
    sql = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    assumptions = models.JSONField(default=list)
    confidence = models.FloatField(null=True)
    suggestions = models.JSONField(default=list)
    plan = models.JSONField(default=list)
    models_used = models.JSONField(default=dict)
    replans = models.PositiveSmallIntegerField(default=0)
    policy = models.CharField(max_length=32, blank=True, help_text="Digest of the policy that it ran under.")
    reads = models.JSONField(null=True, help_text="Columns that it may have read, by table; null before any SQL.")
    limits = models.JSONField(default=dict, help_text="What its policy kept back of these tables, as digests.")
    rules_applied = models.JSONField(default=list, help_text="Id and words of each rule that settled a point.")
    verified_query = models.ForeignKey(
        VerifiedQuery, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    verified_by = models.CharField(max_length=254, blank=True, help_text="Who stood for it when it was answered.")
    verified_at = models.DateTimeField(null=True, blank=True)
    busy_ms = models.PositiveIntegerField(default=0, help_text="Time that workers spent, waiting for people left out.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "query", "number"], name="run_number_unique")]

    def __str__(self) -> str:
        return f"Run {self.number} of {self.query_id}"


class Step(OrganizationOwned):
    """One recorded step of a run, written as it ends; a run's steps are its trace."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    agent = models.CharField(max_length=20)
    type = models.CharField(max_length=20)
    action = models.TextField()
    status = models.CharField(max_length=10)
    duration_ms = models.FloatField()
    model = models.CharField(max_length=150, blank=True)
    tokens = models.JSONField(null=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["organization", "run", "number"], name="step_number_unique")]

    def __str__(self) -> str:
        return f"{self.number}. {self.action}"


class Result(OrganizationOwned):
    """The columns and rows that a run brought back. Decimals and large integers are kept as text."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="result")
    columns = models.JSONField()
    rows = models.JSONField()
    row_count = models.PositiveIntegerField()
    truncated = models.BooleanField()
    sql_ms = models.FloatField()
    read_at = models.DateTimeField(null=True, help_text="When the rows left the data source.")
    is_kept = models.BooleanField(default=False, help_text="Were they read for an earlier query?")

    def __str__(self) -> str:
        return f"{self.row_count} rows"


class Chart(OrganizationOwned):
    """A Vega-Lite chart whose data was filled from the result by code."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="charts")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20)
    spec = models.JSONField()

    def __str__(self) -> str:
        return self.title
