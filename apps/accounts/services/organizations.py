"""Writes on organizations: make, change, hand over, close."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.errors import NotAllowed
from apps.accounts.models import ApiKey, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import organization_scope
from apps.accounts.services.members import add_member
from apps.common.errors import InvalidInput

Check = Callable[[Organization, Mapping[str, Any], Principal | None], None]
_before_change: list[Check] = []


def register_before_change(check: Check) -> None:
    """Have `check` called with an organization, what shall change of it and by whom; what it raises forbids the change.
    For higher apps. It is None who changes it where the installation's administrators do.
    """
    _before_change.append(check)


def check_change(organization: Organization, changed: Mapping[str, Any], by: Principal | None) -> None:
    """Raise what any registered check has against a change."""
    for check in _before_change:
        check(organization, changed, by)


def create_organization(*, name: str, slug: str, owner: User) -> Organization:
    """A new organization with its first owner. Raises InvalidInput if another has this slug."""
    organization = Organization(name=name, slug=slug)
    try:
        with organization_scope(organization.pk), transaction.atomic():
            organization.save(force_insert=True)
            add_member(organization=organization, user=owner, role=Role.OWNER)
            record_audit("organization.created", organization=organization, actor=owner, target=organization)
    except IntegrityError as error:
        raise InvalidInput("An organization of this slug exists.", details={"slug": ["Already taken."]}) from error
    return organization


def may_found(user: User) -> bool:
    """True if this installation lets the person make organizations."""
    return bool(settings.PARLEY.organizations_self_service or user.is_superuser)


def found_organization(*, name: str, slug: str, founder: User) -> Organization:
    """As `create_organization`, by a person for themselves. Raises NotAllowed where administrators make them."""
    if not may_found(founder):
        raise NotAllowed("On this installation, administrators make organizations.")
    return create_organization(name=name, slug=slug, owner=founder)


@transaction.atomic
def change_organization(*, by: Principal, **fields: object) -> Organization:
    """Change an organization's name or settings.

    Raises: NotAllowed if one would lock oneself out by asking for a second factor that one does not have; what a
    registered check has against it.
    """
    organization = lock_organization(by.organization)
    if fields.get("requires_second_factor") and not by.user.has_second_factor:
        raise NotAllowed("Set up your own second factor before you ask it of others.", code="second_factor_needed")
    changed = {name: value for name, value in fields.items() if getattr(organization, name) != value}
    check_change(organization, changed, by)
    for name, value in changed.items():
        setattr(organization, name, value)
    if changed:
        organization.save(update_fields=list(changed))
        record_audit("organization.changed", principal=by, target=organization, changed=changed)
    return organization


@transaction.atomic
def deactivate_organization(*, by: Principal) -> Organization:
    """Close an organization: nobody gets in any more, its keys are revoked, what waits in its queue is refused.

    Only the installation's administrators open it again; keys are then made anew.
    """
    organization = lock_organization(by.organization)
    organization.is_active = False
    organization.save(update_fields=["is_active"])
    keys = ApiKey.objects.for_org(organization).filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    record_audit("organization.deactivated", principal=by, target=organization, keys_revoked=keys)
    return organization


@transaction.atomic
def transfer_ownership(*, by: Principal, to: Membership) -> None:
    """Make another active member owner in one's stead; one stays as an admin.

    Raises: NotAllowed if one is no longer an owner, InvalidInput if the other is no active member or is oneself.
    """
    lock_organization(by.organization)  # the roles read below are those of the moment
    members = Membership.objects.for_org(by.organization).select_related("user", "organization")
    own, other = members.get(pk=by.membership.pk), members.filter(pk=to.pk).first()
    if not own.may(Role.OWNER):
        raise NotAllowed("Only an owner hands the organization over.")
    if other is None or not (other.is_active and other.user.is_active) or other.pk == own.pk:
        message = "Ownership goes to another active member."
        raise InvalidInput(message, details={"member": [message]})
    for member, role in ((other, Role.OWNER), (own, Role.ADMIN)):
        member.role = role
        member.save(update_fields=["role"])
    record_audit("organization.ownership_transferred", principal=by, target=other, to=other.user.email)


def lock_organization(organization: Organization) -> Organization:
    """The organization's row, locked until the transaction ends: who its members are changes one call at a time."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
