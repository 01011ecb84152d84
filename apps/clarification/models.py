"""What we asked back, what was answered, and the readings that wait for it."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.clarification.readings import ChoiceField
from apps.datasources.models import DataSource


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


class RuleState(models.TextChoices):
    """Whom a rule holds for. A proposed and a rejected one still hold for the person who made the choice."""

    PERSONAL = "personal"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    APPROVED = "approved"
    REVOKED = "revoked"


class RuleQuerySet(OrganizationQuerySet["Rule"]):
    def in_force_for(self, user: User) -> "RuleQuerySet":
        """One's own, and those of the organization."""
        own = models.Q(person=user) & ~models.Q(state=RuleState.REVOKED)
        return self.filter(own | models.Q(person=None, state=RuleState.APPROVED))


class Rule(OrganizationOwned):
    """What was chosen at a point of a question, kept so that it need not be asked again.

    `person` is whom it holds for, nobody where it is the organization's. `policy`, `reads` and `limits` say what the
    readings with this meaning read when it was made, for whoever made it, which decides who may see it.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="rules")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    field = models.CharField(max_length=20, choices=[(one.value, one.value) for one in ChoiceField])
    phrase = models.CharField(max_length=300, help_text="Lower case, single spaces.")
    label = models.CharField(max_length=300)
    meaning = models.CharField(max_length=1_000, blank=True)
    state = models.CharField(max_length=10, choices=RuleState, default=RuleState.PERSONAL)
    clarification = models.ForeignKey(
        Clarification, on_delete=models.SET_NULL, null=True, blank=True, related_name="rules"
    )
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    reviewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    policy = models.CharField(max_length=32, blank=True)
    reads = models.JSONField(null=True)
    limits = models.JSONField(default=dict)
    names_values = models.BooleanField(default=True, help_text="Does it name a value, which rows may hold?")

    objects: ClassVar[Any] = RuleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "data_source", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "person", "field", "phrase"],
                condition=~models.Q(state=RuleState.REVOKED),
                nulls_distinct=False,
                name="rule_in_force_once",
            ),
            models.CheckConstraint(condition=models.Q(state__in=RuleState.values), name="rule_state_known"),
            models.CheckConstraint(
                condition=models.Q(person=None, state__in=[RuleState.APPROVED, RuleState.REVOKED])
                | (models.Q(person__isnull=False) & ~models.Q(state=RuleState.APPROVED)),
                name="rule_of_organization_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.phrase}” is “{self.label}”"

    @property
    def is_of_organization(self) -> bool:
        return self.person_id is None
