"""Writes on token families: begin at sign-in, rotate at refresh, end at sign-out or when a token is used twice."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from apps.accounts.audit import record_audit
from apps.accounts.errors import SignInRefused
from apps.accounts.models import TokenFamily, User
from apps.accounts.tokens import FAMILY, VERSION, Pair, RefreshToken, family_life, pair_of, uuid_claim
from apps.common.errors import InvalidInput

REFUSED = "This refresh token is not valid."


def begin_family(user: User) -> Pair:
    """The first pair of a new sign-in. The person's sign-ins that ended long ago are forgotten."""
    TokenFamily.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    ends = timezone.now() + family_life()
    family = TokenFamily.objects.create(user=user, expires_at=ends, current_token=uuid.uuid4())
    return pair_of(family, user)


def read_refresh_token(text: str) -> RefreshToken:
    """A refresh token that we signed and that has not expired. Raises SignInRefused."""
    try:
        return RefreshToken(text)  # type: ignore[arg-type]  # the package means the encoded text
    except TokenError as error:
        raise SignInRefused(REFUSED) from error


def refresh_pair(token: RefreshToken) -> Pair:
    """Spend a refresh token for the next pair.

    A token that was spent before ends its whole family, unless it is the last one and was spent just now: then the
    answer got lost on its way, and the same next token is given again.

    Raises: SignInRefused.
    """
    with transaction.atomic():  # what a reuse ends stays ended, so the refusal comes after
        pair = _next_pair(token, timezone.now())
    if pair is None:
        raise SignInRefused(REFUSED)
    return pair


def _next_pair(token: RefreshToken, now: datetime) -> Pair | None:
    live = TokenFamily.objects.filter(revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)
    families = live.select_related("user").select_for_update(of=("self",))
    family = families.filter(pk=uuid_claim(token, FAMILY)).first()
    if family is None or token.get(VERSION) != family.user.session_version:
        return None
    spent = uuid_claim(token, "jti")
    if spent == family.current_token:
        family.previous_token, family.current_token, family.rotated_at = spent, uuid.uuid4(), now
        family.save(update_fields=["previous_token", "current_token", "rotated_at"])
        return pair_of(family, family.user)
    if spent == family.previous_token and family.rotated_at is not None and now - family.rotated_at <= _grace():
        return pair_of(family, family.user)
    _end(family, "token_reused")
    record_audit("token.reused", organization=None, actor=family.user, target=family, outcome="refused")
    return None


def end_family(text: str) -> None:
    """Sign out: end the family of a refresh token. Ending it twice is no error. Raises InvalidInput for other text."""
    try:
        token = read_refresh_token(text)
    except SignInRefused as error:
        raise InvalidInput("This is no refresh token.", details={"refresh": ["Not valid."]}) from error
    with transaction.atomic():
        live = TokenFamily.objects.select_related("user").select_for_update(of=("self",))
        family = live.filter(pk=uuid_claim(token, FAMILY), revoked_at__isnull=True).first()
        if family is not None:
            _end(family, "signed_out")
            record_audit("sign_in.ended", organization=None, actor=family.user, target=family)


def _end(family: TokenFamily, reason: str) -> None:
    family.revoked_at, family.revoked_for = timezone.now(), reason
    family.save(update_fields=["revoked_at", "revoked_for"])


def _grace() -> timedelta:
    return timedelta(seconds=settings.PARLEY.refresh_grace_seconds)
