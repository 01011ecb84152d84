"""API keys: a person's way in for programs."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import Membership, User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet


class ApiKeyQuerySet(OrganizationQuerySet["ApiKey"]):
    def usable(self) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired, of people who are still in their organization."""
        unexpired = models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=timezone.now())
        member = Membership.objects.live().filter(
            organization=models.OuterRef("organization"), user=models.OuterRef("user")
        )
        return self.filter(unexpired, models.Exists(member), revoked_at__isnull=True)

    def with_prefix(self, prefix: str) -> "ApiKeyQuerySet":
        """Keys whose text begins so, now or, within the overlap of a rotation, before."""
        before = models.Q(previous_prefix=prefix, previous_expires_at__gt=timezone.now())
        return self.filter(models.Q(prefix=prefix) | before)


class ApiKey(OrganizationOwned):
    """A key that acts as its user in one organization. Only a hash is stored, and `prefix` and `last_chars` to show.

    After a rotation the text before it stays good until `previous_expires_at`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, db_index=True)
    key_hash = models.CharField(max_length=64, unique=True)
    last_chars = models.CharField(max_length=4, blank=True, help_text="Of the checksum; for telling keys apart.")
    previous_prefix = models.CharField(max_length=16, blank=True, db_index=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    previous_expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "user"])]

    def __str__(self) -> str:
        return f"{self.shown} ({self.name})"

    @property
    def shown(self) -> str:
        """What may be shown of the text, enough to know it by."""
        return f"{self.prefix}…{self.last_chars}"
