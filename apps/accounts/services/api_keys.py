"""Writes on API keys: make, rotate, revoke, note their use."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.key_format import hash_key, is_well_formed, last_part, new_secret, shown_part
from apps.accounts.models import ApiKey, Membership, User
from apps.accounts.principal import Principal
from apps.common.errors import Conflict, InvalidInput

SCOPES = ("ask", "read", "manage")
LEAST_SCOPES = ("read",)
LAST_USE_RESOLUTION = timedelta(minutes=1)


def create_api_key(
    *,
    membership: Membership,
    name: str,
    scopes: Sequence[str] = LEAST_SCOPES,
    expires_at: datetime | None = None,
    by: Principal | None = None,
    actor: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret text. The text is returned once and stored nowhere.

    `by` is the member or key that makes it, `actor` the installation's administrator who does so for the member.

    Raises: InvalidInput if a key makes one that may do more, or live longer, than itself.
    """
    if by is not None:
        check_reach(by, scopes=scopes, expires_at=expires_at)
    secret = new_secret()
    with transaction.atomic():
        key = ApiKey.objects.create(
            organization=membership.organization,
            user=membership.user,
            name=name,
            prefix=shown_part(secret),
            last_chars=last_part(secret),
            key_hash=hash_key(secret),
            scopes=list(scopes),
            expires_at=expires_at,
        )
        _audit("api_key.created", key, by, actor, scopes=key.scopes)
    return key, secret


def check_reach(by: Principal, *, scopes: Sequence[str], expires_at: datetime | None) -> None:
    """Hold a key that makes or rotates keys to its own scopes and its own life. Raises InvalidInput."""
    own = by.api_key
    if own is None:
        return
    beyond = sorted(set(scopes) - set(own.scopes))
    if beyond:
        raise InvalidInput(f"This key does not have the scope {beyond[0]!r}.", details={"scopes": beyond})
    if own.expires_at is not None and (expires_at is None or expires_at > own.expires_at):
        message = f"This key ends at {own.expires_at.isoformat()}, and so must a key that it makes."
        raise InvalidInput(message, details={"expires_at": [message]})


@transaction.atomic
def rotate_api_key(
    key: ApiKey, *, overlap: timedelta, by: Principal | None = None, actor: User | None = None
) -> tuple[ApiKey, str]:
    """A new secret for a key. The one before stays good for `overlap`, never beyond the key's own end.

    `by` and `actor` as in `create_api_key`.

    Raises: Conflict if the key has ended, InvalidInput if a key rotates one that reaches further than itself.
    """
    if by is not None:
        check_reach(by, scopes=key.scopes, expires_at=key.expires_at)
    locked: ApiKey = ApiKey.objects.for_org(key.organization).select_for_update(no_key=True).get(pk=key.pk)
    now = timezone.now()
    if locked.revoked_at is not None or (locked.expires_at is not None and locked.expires_at <= now):
        raise Conflict("This key has ended; make a new one.", code="api_key_ended")
    secret = new_secret()
    locked.previous_prefix, locked.previous_hash = locked.prefix, locked.key_hash
    locked.previous_expires_at = now + overlap
    locked.prefix, locked.last_chars, locked.key_hash = shown_part(secret), last_part(secret), hash_key(secret)
    locked.save()
    _audit("api_key.rotated", locked, by, actor, overlap_seconds=overlap.total_seconds())
    return locked, secret


@transaction.atomic
def revoke_api_key(key: ApiKey, *, by: Principal | None = None, actor: User | None = None) -> None:
    """End a key at once. Revoking twice keeps the first time."""
    live = ApiKey.objects.for_org(key.organization).filter(pk=key.pk, revoked_at__isnull=True)
    if not live.update(revoked_at=timezone.now()):
        return
    _audit("api_key.revoked", key, by, actor)


def _audit(action: str, key: ApiKey, by: Principal | None, actor: User | None, **details: Any) -> None:
    if by is not None:
        record_audit(action, principal=by, target=key, prefix=key.prefix, **details)
    else:
        who = actor or key.user
        record_audit(action, organization=key.organization, actor=who, target=key, prefix=key.prefix, **details)


def find_key(secret: str) -> ApiKey | None:
    """The usable key of this text. Found by its shown part, compared by hash in constant time.

    Looks across organizations: the key says which one it is.
    """
    if not is_well_formed(secret):
        return None
    digest = hash_key(secret)
    found = ApiKey.objects.usable().with_prefix(shown_part(secret)).select_related("user", "organization")
    return next((key for key in found if _opens(key, digest)), None)


def _opens(key: ApiKey, digest: str) -> bool:
    is_current = hmac.compare_digest(key.key_hash, digest)
    overlaps = key.previous_expires_at is not None and key.previous_expires_at > timezone.now()
    return is_current or (overlaps and hmac.compare_digest(key.previous_hash, digest))


def record_key_use(key: ApiKey) -> None:
    """Note that a key was used, at most once a minute so that each call does not cost a write."""
    stale = timezone.now() - LAST_USE_RESOLUTION
    if key.last_used_at is not None and key.last_used_at > stale:
        return
    unnoted = models.Q(last_used_at__isnull=True) | models.Q(last_used_at__lte=stale)
    ApiKey.objects.for_org(key.organization).filter(unnoted, pk=key.pk).update(last_used_at=timezone.now())
