"""What a person said of the answer to a query, and what a reviewer made of it."""

from typing import Any, ClassVar

from django.db import models

from apps.accounts.models import User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.clarification.models import Rule
from apps.knowledge.models import VerifiedQuery


class Verdict(models.TextChoices):
    UP = "up"
    DOWN = "down"


class FeedbackReason(models.TextChoices):
    """What was wrong, or right, most of all."""

    WRONG_DATA = "wrong_data", "other data was meant"
    WRONG_FILTER = "wrong_filter", "rows are missing or too many"
    WRONG_PERIOD = "wrong_period", "another period was meant"
    WRONG_CALCULATION = "wrong_calculation", "calculated in another way"
    MISUNDERSTOOD = "misunderstood", "the question was misunderstood"
    UNCLEAR = "unclear", "the answer is hard to understand"
    OTHER = "other", "something else"


class FeedbackState(models.TextChoices):
    """`noted` asks nothing of a reviewer."""

    NOTED = "noted"
    OPEN = "open"
    RESOLVED = "resolved"


class FeedbackOutcome(models.TextChoices):
    """What a reviewer made of it."""

    VERIFIED_QUERY = "verified_query"
    RULE = "rule"
    DISMISSED = "dismissed"
    NOTED = "noted"


class FeedbackQuerySet(OrganizationQuerySet["Feedback"]):
    def open(self) -> "FeedbackQuerySet":
        return self.filter(state=FeedbackState.OPEN)


class Feedback(OrganizationOwned):
    """One person's verdict on one query. `verified_query` is what their correction proposed, or what came of it."""

    query = models.ForeignKey("queries.Query", on_delete=models.CASCADE, related_name="feedback")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=4, choices=Verdict)
    reason = models.CharField(max_length=20, choices=FeedbackReason, blank=True)
    text = models.TextField(blank=True)
    corrected_sql = models.TextField(blank=True)
    corrected_question = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=FeedbackState)
    outcome = models.CharField(max_length=15, choices=FeedbackOutcome, blank=True)
    note = models.TextField(blank=True)
    reviewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    verified_query = models.ForeignKey(
        VerifiedQuery, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(Rule, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        indexes = [models.Index(fields=["organization", "state", "-id"])]
        constraints = [
            models.UniqueConstraint(fields=["organization", "query", "person"], name="feedback_once_a_person"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values, state__in=FeedbackState.values),
                name="feedback_verdict_and_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.text[:60]}"
