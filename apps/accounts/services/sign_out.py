"""Ending sign-ins: every session and token of a person, at once."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.models import TokenFamily, User


def end_all_sign_ins(user: User) -> None:
    """End every page session and every token of a person: the next call of any of them is refused."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    user.refresh_from_db(fields=["session_version"])
    live = TokenFamily.objects.filter(user=user, revoked_at__isnull=True)
    live.update(revoked_at=timezone.now(), revoked_for="signed_out")


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """The same, because the person asked for it."""
    end_all_sign_ins(user)
    record_audit("sign_in.ended_everywhere", organization=None, actor=user, target=user)
