"""Pages of who is in an organization: members, invitations, settings, its owner, its end."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.forms import InviteForm, OrganizationForm, TransferForm
from apps.accounts.models import Invitation, Membership, Organization, Role
from apps.accounts.permissions import MANAGE, OWN
from apps.accounts.services.invitations import invite, resend, revoke_invitation
from apps.accounts.services.members import change_role, deactivate_member, reactivate_member, remove_member
from apps.accounts.services.organizations import change_organization, deactivate_organization, transfer_ownership
from apps.accounts.services.second_factor import reset_second_factor
from apps.accounts.sessions import PageRequest, organization_page, render_page
from apps.common.errors import AppError, InvalidInput


@never_cache
@require_GET
@organization_page(MANAGE)
def members_page(request: PageRequest) -> HttpResponseBase:
    """Members, open invitations, and the form to invite."""
    return _members(request, InviteForm(most=request.principal.role))


@never_cache
@require_POST
@organization_page(MANAGE)
def invite_page(request: PageRequest) -> HttpResponseBase:
    """Invite an address; without e-mail the link is on this page and on no other."""
    form = InviteForm(request.POST, most=request.principal.role)
    if form.is_valid():
        given = form.cleaned_data
        try:
            invitation, link = invite(email=given["email"], role=Role(given["role"]), by=request.principal)
            return _handed_out(request, invitation, link)
        except AppError as error:
            form.add_error(None, error.message)
    return _members(request, form, status=400)


@never_cache
@require_POST
@organization_page(MANAGE)
def invitation_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send an invitation again, or take it back."""
    invitation = get_object_or_404(Invitation.objects.for_org(request.principal.organization), pk=pk)
    try:
        if request.POST.get("act") == "revoke":
            revoke_invitation(invitation, by=request.principal)
            messages.success(request, f"The invitation of {invitation.email} is taken back.")
            return redirect("members")
        return _handed_out(request, *resend(invitation, by=request.principal))
    except AppError as error:
        messages.error(request, error.message)
        return redirect("members")


@require_POST
@organization_page(MANAGE)
def member_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Do one thing to a member."""
    member = get_object_or_404(Membership.objects.for_org(request.principal.organization).select_related("user"), pk=pk)
    try:
        _do(request, member)
        messages.success(request, f"{member.user.email}: done.")
    except AppError as error:
        messages.error(request, error.message)
    return redirect("members")


def _do(request: PageRequest, member: Membership) -> None:
    by, act = request.principal, request.POST.get("act", "")
    if act == "role" and request.POST.get("role") in Role.values:
        change_role(member, role=Role(request.POST["role"]), by=by)
    elif act == "deactivate":
        deactivate_member(member, by=by)
    elif act == "reactivate":
        reactivate_member(member, by=by)
    elif act == "remove":
        remove_member(member, by=by)
    elif act == "reset-second-factor":
        reset_second_factor(member, by=by)
    else:
        raise InvalidInput("There is no such act.")


@require_http_methods(["GET", "POST"])
@organization_page(MANAGE)
def settings_page(request: PageRequest) -> HttpResponseBase:
    """The organization's name and settings."""
    current = request.principal.organization
    form = OrganizationForm(request.POST or None, instance=Organization.objects.get(pk=current.pk))
    if form.is_valid():
        try:
            change_organization(by=request.principal, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("organization-settings")
        except AppError as error:
            form.add_error(None, error.message)
    others = Membership.objects.for_org(current).filter(is_active=True).exclude(pk=request.principal.membership.pk)
    context = {
        "form": form,
        "transfer_form": TransferForm(members=others.select_related("user")),
        "is_owner": request.principal.role == Role.OWNER,
    }
    return render_page(request, "accounts/settings.html", context, 400 if form.errors else 200)


@require_POST
@organization_page(OWN)
def transfer_page(request: PageRequest) -> HttpResponseBase:
    """Hand the organization over."""
    members = Membership.objects.for_org(request.principal.organization)
    form = TransferForm(request.POST, members=members)
    try:
        if not form.is_valid():
            raise InvalidInput("Choose another member.")
        transfer_ownership(by=request.principal, to=form.cleaned_data["member"])
        messages.success(request, "The organization has its new owner; you are an admin now.")
    except AppError as error:
        messages.error(request, error.message)
    return redirect("organization-settings")


@require_POST
@organization_page(OWN)
def deactivate_page(request: PageRequest) -> HttpResponseBase:
    """Close the organization, if its name was typed to confirm it."""
    if request.POST.get("confirm", "").strip() != request.principal.organization.slug:
        messages.error(request, f"Type {request.principal.organization.slug} to confirm.")
        return redirect("organization-settings")
    deactivate_organization(by=request.principal)
    messages.success(request, f"{request.principal.organization} is closed.")
    return redirect("account")


def _members(request: PageRequest, form: InviteForm, status: int = 200) -> HttpResponseBase:
    organization, own = request.principal.organization, request.principal.role
    members = Membership.objects.for_org(organization).select_related("user", "user__second_factor")
    invitations = Invitation.objects.for_org(organization)
    context: dict[str, Any] = {
        "form": form,
        "rows": [
            {"member": member, "may_touch": own.includes(Role(member.role))}
            for member in members.order_by("user__email")[:500]
        ],
        "roles": [role for role in Role if own.includes(role)],
        "invitations": invitations.undecided().select_related("invited_by").order_by("-id"),
    }
    return render_page(request, "accounts/members.html", context, status)


def _handed_out(request: PageRequest, invitation: Invitation, link: str | None) -> HttpResponseBase:
    if link is not None:
        return render_page(request, "accounts/invited.html", {"invitation": invitation, "link": link})
    messages.success(request, f"The invitation is on its way to {invitation.email}.")
    return redirect("members")
