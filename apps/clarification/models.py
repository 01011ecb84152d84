"""What we asked back, what was answered, and the readings that wait for it."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.clarification.readings import ChoiceField


class ClarificationStatus(models.TextChoices):
    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ClarificationQuerySet(OrganizationQuerySet["Clarification"]):
    def open(self) -> "ClarificationQuerySet":
        return self.filter(status=ClarificationStatus.OPEN)

    def overdue(self) -> "ClarificationQuerySet":
        return self.open().filter(expires_at__lte=timezone.now())


class Clarification(OrganizationOwned):
    """The questions that one query waits for. `readings` are what the engine proposed, kept so that the query
    goes on exactly where it stopped, on any worker, without asking the engine again."""

    asked_of = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=ClarificationStatus, default=ClarificationStatus.OPEN)
    turn = models.PositiveSmallIntegerField(default=1)
    max_turns = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    readings = models.JSONField(default=list)

    objects: ClassVar[Any] = ClarificationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "expires_at"])]

    def __str__(self) -> str:
        return f"Clarification {self.pk} ({self.status})"

    @property
    def is_open(self) -> bool:
        return self.status == ClarificationStatus.OPEN


class UnderstoodAs(models.TextChoices):
    """What an answer was taken for."""

    OPTION = "option"
    VALUE = "value"
    REPHRASING = "rephrasing"


class ClarificationQuestion(OrganizationOwned):
    """One question of one turn. `options` have the contract's shape; the answer is kept beside it.

    An answer in words that mean no option makes another question of the query's: `rewording`, which is read anew.
    """

    clarification = models.ForeignKey(Clarification, on_delete=models.CASCADE, related_name="questions")
    turn = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20, help_text="The id within the clarification: q1, q2 …")
    field = models.CharField(max_length=20, choices=[(one.value, one.value) for one in ChoiceField])
    phrase = models.CharField(max_length=300)
    question = models.TextField()
    why = models.TextField(blank=True)
    multiple = models.BooleanField(default=False)
    allow_text = models.BooleanField(default=True)
    default = models.CharField(max_length=20)
    options = models.JSONField(default=list)
    chosen_option = models.CharField(max_length=20, blank=True)
    chosen_label = models.CharField(max_length=500, blank=True)
    answer_text = models.TextField(blank=True)
    understood_as = models.CharField(max_length=10, choices=UnderstoodAs, blank=True)
    rewording = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "clarification", "name"], name="clarification_question_unique"
            )
        ]

    def __str__(self) -> str:
        return self.question
