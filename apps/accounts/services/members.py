"""Writes on members. An organization always keeps an active owner, whatever happens at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.audit import record_audit
from apps.accounts.errors import NotAllowed
from apps.accounts.models import ApiKey, Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.common.errors import Conflict, NotFound


def add_member(*, organization: Organization, user: User, role: Role) -> Membership:
    """Put a person into an organization; if they are there already, only the role changes."""
    membership, _ = Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": role, "is_active": True}
    )
    return membership


def change_role(member: Membership, *, role: Role, by: Principal) -> Membership:
    """Give a member another role.

    Raises: NotAllowed if the old or the new role is above one's own, Conflict if no owner would be left.
    """
    with _one_at_a_time(member, by) as (own, locked):
        if not Role(own.role).includes(role):
            raise NotAllowed("Nobody gives a role above their own.")
        if locked.role == role:
            return locked
        before, locked.role = locked.role, role
        locked.save(update_fields=["role"])
        record_audit("member.role_changed", principal=by, target=locked, before=before, after=role)
        return locked


def change_attributes(member: Membership, *, attributes: dict[str, Any], by: Principal) -> Membership:
    """Give a member other attributes, which row filters take their values from. Raises as `change_role`."""
    with _one_at_a_time(member, by) as (_, locked):
        before, locked.attributes = locked.attributes, attributes
        locked.save(update_fields=["attributes"])
        record_audit("member.attributes_changed", principal=by, target=locked, before=before, after=attributes)
        return locked


def deactivate_member(member: Membership, *, by: Principal) -> Membership:
    """Lock a member out of the organization at once; everything of theirs stays. Raises as `change_role`."""
    return _set_active(member, False, by)


def reactivate_member(member: Membership, *, by: Principal) -> Membership:
    """Let a deactivated member in again. Raises NotAllowed if their role is above one's own."""
    return _set_active(member, True, by)


def _set_active(member: Membership, is_active: bool, by: Principal) -> Membership:
    with _one_at_a_time(member, by) as (_, locked):
        if locked.is_active != is_active:
            locked.is_active = is_active
            locked.save(update_fields=["is_active"])
            record_audit("member.reactivated" if is_active else "member.deactivated", principal=by, target=locked)
        return locked


def remove_member(member: Membership, *, by: Principal) -> None:
    """Take a person out of the organization: their keys end, what they asked stays. Raises as `change_role`."""
    with _one_at_a_time(member, by) as (_, locked):
        record_audit("member.removed", principal=by, target=locked, email=locked.user.email, role=locked.role)
        keys = ApiKey.objects.for_org(locked.organization).filter(user=locked.user, revoked_at__isnull=True)
        keys.update(revoked_at=timezone.now())
        locked.delete()


@contextmanager
def _one_at_a_time(member: Membership, by: Principal) -> Iterator[tuple[Membership, Membership]]:
    """Who acts and the member, as they are now, with the organization locked; the end of the block keeps an owner.

    Raises: NotFound if they are gone, NotAllowed if one may not touch them (any more), Conflict without an owner.
    """
    with owner_kept(by.organization):
        members = Membership.objects.for_org(by.organization).select_related("user", "organization")
        own, found = members.filter(pk=by.membership.pk).first(), members.filter(pk=member.pk).first()
        if found is None:
            raise NotFound("Not found.")
        if own is None or not (own.may(Role.ADMIN) and Role(own.role).includes(Role(found.role))):
            raise NotAllowed("Your role does not allow this.")
        yield own, found


@contextmanager
def owner_kept(organization: Organization) -> Iterator[None]:
    """Change who is in an organization one call at a time; a change that leaves it no active owner is undone.

    Raises: Conflict.
    """
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        yield
        owners = Membership.objects.for_org(organization).filter(role=Role.OWNER, is_active=True, user__is_active=True)
        if not owners.exists():
            raise Conflict("An organization keeps at least one active owner.", code="last_owner")
