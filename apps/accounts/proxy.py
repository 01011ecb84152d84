"""A reverse proxy that signs people in and names them in a header: believed only where the installation says whom."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User
from apps.accounts.page_sign_in import HOW_KEY, ask_for_second_factor, complete, pending_user

log = structlog.get_logger(__name__)
HOW = "proxy"
NOT_PAGES = ("/api/", "/static/")


class ProxyUserMiddleware:
    """Follows PROXY_USER_HEADER on pages, from PROXY_USER_NETWORKS only. Nothing behind it ever sees the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        header = settings.PARLEY.proxy_user_header
        if header:
            said = request.META.pop(f"HTTP_{header.upper().replace('-', '_')}", "")
            request.__dict__.pop("headers", None)  # they were read before, with the header in them
            if not request.path_info.startswith(NOT_PAGES) and is_trusted(request.META.get("REMOTE_ADDR", "")):
                follow(request, said.replace("\x00", "").strip().lower())
            elif said:
                log.warning("proxy_user_ignored")
        return self.get_response(request)


def is_trusted(address: str) -> bool:
    """True if this peer, itself and not whom it forwards for, is in one of the configured networks."""
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    return any(peer in ip_network(network) for network in settings.PARLEY.proxy_user_networks)


def follow(request: HttpRequest, email: str) -> None:
    """Make the session the named person's; end a session of the proxy's once it names nobody."""
    current = request.user
    if not email:
        if request.session.get(HOW_KEY) == HOW:
            logout(request)
        return
    if isinstance(current, User) and current.email == email:
        return
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        log.warning("proxy_user_unknown")
        logout(request)
    elif not user.has_second_factor:
        complete(request, user, how=HOW)
    elif pending_user(request) != user:
        logout(request)
        ask_for_second_factor(request, user, how=HOW, next_url=request.get_full_path())
