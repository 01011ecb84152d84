"""Who a provider's or a proxy's word is about."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.errors import SignInRefused
from apps.accounts.models import ApiKey, ExternalIdentity, Invitation, User
from apps.accounts.oidc import Claims
from apps.accounts.row_security import across_organizations
from apps.accounts.services.invitations import join
from apps.accounts.services.second_factor import drop_second_factor
from apps.accounts.services.sign_out import end_all_sign_ins

NOBODY = "There is no account or invitation for you here; ask an administrator for an invitation."


@transaction.atomic
def person_of(claims: Claims) -> User:
    """The person of an identity: known by issuer and subject, else linked by verified e-mail, else invited.

    Raises: SignInRefused.
    """
    domain = claims.email.rpartition("@")[2]
    if settings.PARLEY.oidc_domains and domain not in settings.PARLEY.oidc_domains:
        raise SignInRefused(NOBODY)
    known = ExternalIdentity.objects.filter(issuer=claims.issuer, subject=claims.subject).select_related("user").first()
    if known is None and not claims.email:
        raise SignInRefused("The sign-in service has not verified your e-mail address.")
    user = known.user if known is not None else _link(claims)
    if not user.is_active:
        raise SignInRefused(NOBODY)
    return user


def _link(claims: Claims) -> User:
    found = User.objects.select_for_update(no_key=True).filter(email=claims.email).first()
    user = found if found is not None else _invited(claims)
    if found is not None and found.email_verified_at is None:
        _hand_to_the_addressee(found)
    ExternalIdentity.objects.create(user=user, issuer=claims.issuer, subject=claims.subject)
    record_audit("external_identity.linked", organization=None, actor=user, target=user, issuer=claims.issuer)
    return user


def _invited(claims: Claims) -> User:
    """A new person, joined to every organization that invited the address. Raises SignInRefused if none did."""
    with across_organizations("whoever invited the address"):
        pending = Invitation.objects.pending().filter(email=claims.email, organization__is_active=True)
        invitations = list(pending.select_related("organization"))
    if not invitations:
        raise SignInRefused(NOBODY)
    user = User.objects.create_user(claims.email, None, name=claims.name[:150], email_verified_at=timezone.now())
    for invitation in invitations:
        join(invitation, user)
    return user


def _hand_to_the_addressee(user: User) -> None:
    """Somebody made this account without proving the address, and now its reader comes: every earlier way in ends."""
    user.set_unusable_password()
    user.email_verified_at = timezone.now()
    user.save(update_fields=["password", "email_verified_at"])
    end_all_sign_ins(user)
    drop_second_factor(user)
    with across_organizations("a person's keys in all organizations"):
        ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=timezone.now())
