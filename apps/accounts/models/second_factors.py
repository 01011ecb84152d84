"""The second factor: a secret that a person's authenticator shares with us, and codes for the day it is lost."""

from django.db import models

from apps.accounts.models.people import User
from apps.common.ids import uuid7


class SecondFactor(models.Model):
    """A TOTP secret (RFC 6238), stored sealed. It counts from its confirmation on."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    sealed_secret = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(
        default=0, help_text="The time step of the last code taken: none of it or before is taken again."
    )

    def __str__(self) -> str:
        return f"{self.user}"


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator once. Only a hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_unique")]

    def __str__(self) -> str:
        return f"{self.user}"
