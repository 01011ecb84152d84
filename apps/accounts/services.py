"""Writes on accounts: organizations, members, API keys."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership, Organization, Role, User

KEY_PREFIX = "pk_"
SCOPES = ("ask", "read", "manage")
LAST_USE_RESOLUTION = timedelta(minutes=1)


@transaction.atomic
def create_organization(*, name: str, slug: str, owner: User) -> Organization:
    """A new organization with its first owner."""
    organization = Organization.objects.create(name=name, slug=slug)
    add_member(organization=organization, user=owner, role=Role.OWNER)
    return organization


def add_member(*, organization: Organization, user: User, role: Role) -> Membership:
    """Put a person into an organization; if they are there already, only the role changes."""
    membership, _ = Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": role, "is_active": True}
    )
    return membership


def create_api_key(
    *, membership: Membership, name: str, scopes: Sequence[str] = ("ask", "read"), expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key and its secret text. The text is returned once and stored nowhere."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organization=membership.organization,
        user=membership.user,
        name=name,
        prefix=secret[:10],
        key_hash=hash_key(secret),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return key, secret


def hash_key(secret: str) -> str:
    """SHA-256 of a key. Enough for 256 random bits, which nobody can guess from a hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def revoke_api_key(key: ApiKey) -> None:
    """End a key at once. Revoking twice keeps the first time."""
    ApiKey.objects.for_org(key.organization).filter(pk=key.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def record_key_use(key: ApiKey) -> None:
    """Note that a key was used, at most once a minute so that each call does not cost a write."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_RESOLUTION:
        ApiKey.objects.for_org(key.organization).filter(pk=key.pk).update(last_used_at=now)
