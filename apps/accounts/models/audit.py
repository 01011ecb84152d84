"""The audit log: who did what, from where, with which outcome. Rows are added and never changed."""

from typing import Any, ClassVar

from django.db import models

from apps.accounts.models.people import Organization, User
from apps.accounts.tenancy import OrganizationQuerySet
from apps.common.ids import uuid7


class Outcome(models.TextChoices):
    """How an act ended."""

    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class AuditEvent(models.Model):
    """One act. `record` is its canonical JSON; the columns beside it are copies to search by.

    The database numbers the events of each chain (an organization's, or the installation's where there is none) and
    links each to the one before: `digest` is the SHA-256 of the previous digest and `record`. The running role may
    add and read, not change; references are not enforced, so that an event outlives what it speaks of.
    """

    rows_of_organizations = True  # row-level security: events of the installation are seen across organizations only
    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    number = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    action = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=60, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    record = models.TextField()
    previous_digest = models.CharField(max_length=64, default="")
    digest = models.CharField(max_length=64, default="")

    objects: ClassVar[Any] = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="audit_number_unique", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["organization", "action", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.action} ({self.outcome})"
