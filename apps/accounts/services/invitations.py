"""Writes on invitations: offer, send, revoke, accept."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.doorbells import wake
from apps.accounts.errors import InvitationUnusable, NotAllowed
from apps.accounts.mail import absolute_url, is_mail_configured, send
from apps.accounts.models import Invitation, Membership, Organization, Role, User
from apps.accounts.passwords import check_new_password
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations, organization_scope
from apps.common.errors import Conflict

UNUSABLE = "This invitation does not exist, was used, was revoked or has expired. Ask for a new one."


def invite(*, email: str, role: Role, by: Principal) -> tuple[Invitation, str | None]:
    """Offer a role to whoever reads an address. With e-mail configured it is sent; without, the link is returned.

    Says nothing about whether the address has an account.

    Raises: NotAllowed if the role is above one's own, Conflict if they are a member or invited already.
    """
    if not by.role.includes(role):
        raise NotAllowed("Nobody gives a role above their own.")
    address = email.lower()
    if Membership.objects.for_org(by.organization).filter(user__email=address).exists():
        raise Conflict("This person is a member already.", code="member_exists")
    lapsed = Invitation.objects.for_org(by.organization).undecided().filter(email=address)
    try:
        with transaction.atomic():
            lapsed.filter(expires_at__lte=timezone.now()).update(revoked_at=timezone.now())
            invitation = Invitation.objects.create(
                organization=by.organization, email=address, role=role, invited_by=by.user, expires_at=_end()
            )
            record_audit("member.invited", principal=by, target=invitation, email=address, role=role)
            return invitation, _hand_out(invitation)
    except IntegrityError as error:
        message = "This address is invited already; send that invitation again or revoke it."
        raise Conflict(message, code="invitation_exists") from error


@transaction.atomic
def resend(invitation: Invitation, *, by: Principal) -> tuple[Invitation, str | None]:
    """A new token for an invitation, good for the full time again; the one before is dead. Returns as `invite`.

    Raises: Conflict if it was accepted or revoked.
    """
    open_ones = Invitation.objects.for_org(by.organization).undecided()
    locked: Invitation | None = open_ones.select_for_update().filter(pk=invitation.pk).first()
    if locked is None:
        raise Conflict("This invitation was accepted or revoked.", code="invitation_closed")
    if not by.role.includes(Role(locked.role)):
        raise NotAllowed("Nobody gives a role above their own.")
    locked.expires_at = _end()
    locked.token_hash = ""
    locked.save(update_fields=["expires_at", "token_hash"])
    record_audit("invitation.resent", principal=by, target=locked, email=locked.email)
    return locked, _hand_out(locked)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Principal) -> None:
    """Take an invitation back. Revoking twice keeps the first time. Raises Conflict if it was accepted."""
    open_ones = Invitation.objects.for_org(by.organization).undecided().filter(pk=invitation.pk)
    if open_ones.update(revoked_at=timezone.now()):
        record_audit("invitation.revoked", principal=by, target=invitation, email=invitation.email)
    elif Invitation.objects.for_org(by.organization).filter(pk=invitation.pk, accepted_at__isnull=False).exists():
        raise Conflict("This invitation was accepted; remove the member instead.", code="invitation_closed")


def _hand_out(invitation: Invitation) -> str | None:
    """Have the invitation mailed once this transaction is committed, or give the link to the caller."""
    if is_mail_configured():
        wake("apps.accounts.tasks.mail_invitation", str(invitation.organization_id), str(invitation.pk))
        return None
    return accept_link(new_token(invitation, is_mailed=False))


def mail_invitation(organization: Organization, pk: uuid.UUID) -> None:
    """Send an invitation that is still open and was not sent yet; its token is made here and kept nowhere else."""
    pending = Invitation.objects.for_org(organization).pending()
    with transaction.atomic():
        invitation = pending.select_for_update().filter(pk=pk, token_hash="").first()
        if invitation is None:
            return
        link = accept_link(new_token(invitation, is_mailed=True))
        send("invitation", to=invitation.email, link=link, invitation=invitation, organization=organization)


def new_token(invitation: Invitation, *, is_mailed: bool) -> str:
    """Give an invitation a token; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.is_mailed = _hash(token), is_mailed
    invitation.save(update_fields=["token_hash", "is_mailed"])
    return token


def accept_link(token: str) -> str:
    """The page where a token is accepted."""
    return absolute_url("accept-invitation", f"token={token}")


def find_invitation(token: str) -> Invitation:
    """The pending invitation of a token, with its organization. Raises InvitationUnusable, whatever the reason."""
    with across_organizations("the token says which organization"):
        pending = Invitation.objects.pending().select_related("organization", "invited_by")
        found: Invitation | None = pending.filter(token_hash=_hash(token), organization__is_active=True).first()
    if found is None:
        raise InvitationUnusable(UNUSABLE)
    return found


def accept_as(user: User, token: str) -> Membership:
    """Join as the person who is signed in.

    Raises: InvitationUnusable, NotAllowed if the invitation is for another address.
    """
    invitation = find_invitation(token)
    if invitation.email != user.email.lower():
        raise NotAllowed(f"This invitation is for {invitation.email}; sign in as that person.", code="other_address")
    return join(invitation, user)


def accept_as_new_person(token: str, *, name: str, password: str) -> Membership:
    """Make an account for the invited address and join.

    Raises: InvitationUnusable, InvalidInput naming the password, Conflict if the address has an account: who holds it
    signs in first. Only a holder of the token gets to know that.
    """
    invitation = find_invitation(token)
    check_new_password(password)
    verified_at = timezone.now() if invitation.is_mailed else None
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name, email_verified_at=verified_at)
            return join(invitation, user)
    except IntegrityError as error:
        raise Conflict(f"Sign in as {invitation.email} to accept this invitation.", code="sign_in_first") from error


def join(invitation: Invitation, user: User) -> Membership:
    """Spend an invitation for one person, once however many try. Raises InvitationUnusable."""
    organization = invitation.organization
    with organization_scope(organization.pk), transaction.atomic():
        pending = Invitation.objects.for_org(organization).pending().filter(pk=invitation.pk)
        if not pending.update(accepted_at=timezone.now(), accepted_by=user):
            raise InvitationUnusable(UNUSABLE)
        member, is_new = Membership.objects.for_org(organization).get_or_create(
            user=user, organization=organization, defaults={"role": invitation.role}
        )
        if not is_new:
            raise InvitationUnusable("You are in this organization already; an administrator can let you in again.")
        if invitation.is_mailed and user.email_verified_at is None:
            User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
        record_audit("invitation.accepted", principal=Principal(member), target=invitation, role=member.role)
        return member


def _end() -> datetime:
    return timezone.now() + timedelta(days=settings.PARLEY.invitation_days)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
