"""Pages of API keys: make, rotate, revoke."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.api_keys_api import OWN_KEYS
from apps.accounts.forms import ApiKeyForm
from apps.accounts.models import ApiKey, Role
from apps.accounts.services.api_keys import create_api_key, revoke_api_key, rotate_api_key
from apps.accounts.sessions import PageRequest, organization_page, render_page
from apps.common.errors import AppError

OVERLAP = timedelta(hours=1)


@never_cache
@require_http_methods(["GET", "POST"])
@organization_page(OWN_KEYS)
def keys_page(request: PageRequest) -> HttpResponseBase:
    """Keys, and the form to make one. A new key's text is on the page that makes it and on no other."""
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        ends = timezone.now() + timedelta(days=given["days"]) if given["days"] else None
        key, secret = create_api_key(
            membership=request.principal.membership, name=given["name"], scopes=given["scopes"], expires_at=ends,
            by=request.principal,
        )  # fmt: skip
        return _keys(request, ApiKeyForm(), key=key, secret=secret)
    return _keys(request, form)


@never_cache
@require_POST
@organization_page(OWN_KEYS)
def key_page(request: PageRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Rotate a key of one's own, with an hour's overlap, or revoke one that one may see."""
    key = get_object_or_404(_visible(request), pk=pk)
    try:
        if request.POST.get("act") == "rotate" and key.user_id == request.principal.user.pk:
            rotated, secret = rotate_api_key(key, by=request.principal, overlap=OVERLAP)
            return _keys(request, ApiKeyForm(), key=rotated, secret=secret)
        revoke_api_key(key, by=request.principal)
        messages.success(request, f"The key {key.name} is revoked.")
    except AppError as error:
        messages.error(request, error.message)
    return redirect("api-keys")


def _visible(request: PageRequest) -> Any:
    keys = ApiKey.objects.for_org(request.principal.organization).select_related("user", "organization")
    is_admin = request.principal.role.includes(Role.ADMIN)
    return keys if is_admin else keys.filter(user=request.principal.user)


def _keys(request: PageRequest, form: ApiKeyForm, **shown: Any) -> HttpResponseBase:
    live = _visible(request).filter(revoked_at__isnull=True).order_by("-id")[:500]
    context = {"form": form, "keys": live, "now": timezone.now(), **shown}
    return render_page(request, "accounts/api_keys.html", context, 400 if form.errors else 200)
