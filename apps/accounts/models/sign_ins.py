"""How a person is signed in: families of refresh tokens, and identities at an OpenID provider."""

from django.db import models

from apps.accounts.models.people import User
from apps.common.ids import uuid7


class TokenFamily(models.Model):
    """One sign-in for tokens: the refresh token that is good now, and all that came before it.

    A family ends at `expires_at` however often it is refreshed. A refresh token other than the current one (or, for a
    short while, the one just before it) was used twice, so somebody copied it: the family ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    current_token = models.UUIDField()
    previous_token = models.UUIDField(null=True)
    rotated_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_for = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"


class ExternalIdentity(models.Model):
    """A person at an OpenID provider. After the first sign-in, issuer and subject find them, not their e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "external identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_unique")]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"
