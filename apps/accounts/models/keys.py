"""API keys: a person's way in for programs."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet


class ApiKeyQuerySet(OrganizationQuerySet["ApiKey"]):
    def usable(self) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired."""
        unexpired = models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at__isnull=True)


class ApiKey(OrganizationOwned):
    """A key that acts as its user in one organization. Only a hash is stored; `prefix` is what may be shown."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "user"])]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"
