"""Invitations: a way into an organization for whoever reads one e-mail address."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import Role, User
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet


class InvitationQuerySet(OrganizationQuerySet["Invitation"]):
    def pending(self) -> "InvitationQuerySet":
        """Neither accepted, revoked nor expired."""
        return self.undecided().filter(expires_at__gt=timezone.now())

    def undecided(self) -> "InvitationQuerySet":
        """Neither accepted nor revoked; they may have expired."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(OrganizationOwned):
    """An offer of a role, held by a token of which only a hash is stored. Accepting it spends it."""

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    is_mailed = models.BooleanField(default=False, help_text="Did the token go to the address alone?")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def state(self) -> str:
        """pending, accepted, revoked or expired."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "pending" if self.expires_at > timezone.now() else "expired"
