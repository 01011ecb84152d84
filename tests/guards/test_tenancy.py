"""The promise that nobody sees what is not theirs, kept by looking at every model, route and query set."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from apps.accounts.permissions import OrganizationView
from apps.accounts.tenancy import OrganizationOwned

ROOT = Path(__file__).resolve().parents[2]
OURS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]

# Models that belong to nobody's organization, each with its reason.
NOT_OWNED = {
    "User": "a person may be in several",
    "Organization": "it is the owner",
    "TokenFamily": "a person's sign-in, in all their organizations",
    "ExternalIdentity": "a person's, in all their organizations",
    "SecondFactor": "a person's, in all their organizations",
    "RecoveryCode": "a person's, in all their organizations",
    "ModelProvider": "operators describe the installation's models",
    "RegisteredModel": "operators describe the installation's models",
    "ModelGrade": "a test of the installation's models, with questions of ours",
    "AuditEvent": "an act may be nobody's; protected by row-level security all the same",
}

# Routes outside any organization, each with its reason.
OUTSIDE = {
    "TokenView": "signing in",
    "TokenRefreshView": "signing in",
    "TokenRevokeView": "signing out",
    "SignOutEverywhereView": "signing out",
    "PasswordView": "one's own password",
    "PasswordResetView": "for who cannot sign in",
    "PasswordResetConfirmView": "for who cannot sign in",
    "SecondFactorView": "one's own second factor",
    "SecondFactorConfirmView": "one's own second factor",
    "RecoveryCodesView": "one's own second factor",
    "SecondFactorRemoveView": "one's own second factor",
    "OrganizationsView": "lists one's organizations, makes a new one",
    "AcceptView": "joins an organization",
    "MeView": "tells where one is a member",
    "LiveView": "for load balancers",
    "ReadyView": "for load balancers",
    "ApiSchema": "the API's description",
    "ApiPage": "the API's description",
}

# Reads across organizations, each with its reason: (file, enclosing function).
ACROSS = {
    ("apps/accounts/authentication.py", "principal_of"): "finds the person's own memberships",
    ("apps/accounts/sessions.py", "memberships_of"): "finds the person's own memberships",
    ("apps/accounts/authentication.py", "_record_refusal"): "finds the key that says which organization",
    ("apps/accounts/person_api.py", "get"): "finds the person's own memberships",
    ("apps/accounts/organizations_api.py", "get"): "finds the person's own memberships",
    ("apps/accounts/services/api_keys.py", "find_key"): "finds the key that says which organization",
    ("apps/accounts/services/invitations.py", "find_invitation"): "finds the invitation that says which organization",
    ("apps/accounts/services/external_identities.py", "_invited"): "finds whoever invited an address",
    ("apps/accounts/services/external_identities.py", "_hand_to_the_addressee"): "ends a person's keys everywhere",
    ("apps/accounts/services/second_factor.py", "remove_second_factor"): "any organization may forbid it",
    ("apps/accounts/services/second_factor.py", "reset_second_factor"): "a factor guards all organizations",
    ("apps/accounts/models/keys.py", "usable"): "compares with the key's own organization",
    ("apps/accounts/admin/keys.py", "clean"): "the admin site spans organizations",
    ("apps/accounts/admin/keys.py", "save_model"): "the admin site spans organizations",
    ("apps/datasources/services.py", "find_principal"): "commands name a person",
    ("apps/datasources/management/commands/rotate_credentials.py", "handle"): "rotates all organizations' passwords",
    ("apps/queries/management/commands/doctor.py", "_data_sources"): "looks at every organization's sources",
    ("apps/queries/services.py", "expire_clarifications"): "the sweeper serves all organizations",
    ("apps/queries/work/intake.py", "waiting_queries"): "the load is everybody's",
    ("apps/queries/work/intake.py", "_ended_lately"): "the load is everybody's",
    ("apps/queries/services.py", "sweep"): "the sweeper serves all organizations",
    ("apps/queries/evaluations/services.py", "sweep_evaluations"): "the sweeper serves all organizations",
}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_belongs_to_an_organization(model: type[models.Model]) -> None:
    if model.__name__ in NOT_OWNED:
        assert not issubclass(model, OrganizationOwned)
        return
    assert issubclass(model, OrganizationOwned)
    field = model._meta.get_field("organization")
    assert not field.null


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_unique_constraints_start_with_the_organization(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        if issubclass(model, OrganizationOwned) and isinstance(constraint, models.UniqueConstraint):
            assert constraint.fields[0] == "organization", constraint.name


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in (resolver or get_resolver()).url_patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, path)
        elif isinstance(one, URLPattern):
            yield path, one.callback


API_VIEWS = [(path, view.view_class) for path, view in routes() if hasattr(view, "view_class")]


@pytest.mark.parametrize(("path", "view"), API_VIEWS, ids=[path for path, _ in API_VIEWS])
def test_every_api_route_is_inside_an_organization_and_says_what_it_needs(path: str, view: type) -> None:
    if not issubclass(view, APIView) or view.__name__ in OUTSIDE:
        return
    assert issubclass(view, OrganizationView), f"{path} is outside any organization"
    methods = {name.upper() for name in view.http_method_names if hasattr(view, name)} - {"OPTIONS", "HEAD"}
    assert methods <= set(view.needs), f"{path} does not say what {methods - set(view.needs)} needs"
    assert AllowAny not in view.permission_classes


PAGES = [(path, view) for path, view in routes() if getattr(view, "__module__", "").endswith("pages")]

# Pages for people who act in no organization, each with its reason.
OPEN_PAGES = {
    "sign_in_page": "signing in",
    "code_page": "signing in",
    "oidc_page": "signing in",
    "oidc_callback_page": "signing in",
    "sign_out_page": "signing out",
    "reset_request_page": "for who cannot sign in",
    "reset_page": "for who cannot sign in",
    "accept_page": "joins an organization",
}


@pytest.mark.parametrize(("path", "view"), PAGES, ids=[path for path, _ in PAGES])
def test_every_page_is_inside_an_organization(path: str, view: Any) -> None:
    if view.__name__ in OPEN_PAGES:
        return
    source = inspect.getsource(inspect.unwrap(view))
    is_ones_own = view.__module__ == "apps.accounts.account_pages" and "@login_required" in source
    assert is_ones_own or "@organization_page(" in source, f"{path} is outside any organization"


OWNED = {model.__name__ for model in OURS if issubclass(model, OrganizationOwned)}


def reads_without_an_organization(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every `Model.objects.<first call>` on an owned model whose first call is not for_org, create or bulk_create."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
                continue
            manager = node.value
            if manager.attr != "objects" or not isinstance(manager.value, ast.Name) or manager.value.id not in OWNED:
                continue
            if node.attr not in ("for_org", "create", "bulk_create", "update_or_create"):
                yield function.name, node.lineno


def test_the_first_call_after_objects_names_the_organization() -> None:
    strays = []
    for path in sorted((ROOT / "apps").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for function, line in reads_without_an_organization(ast.parse(path.read_text())):
            if (file, function) not in ACROSS:
                strays.append(f"{file}:{line} in {function}")
    assert strays == []


def test_every_exception_is_still_needed() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), function)
        for path in (ROOT / "apps").rglob("*.py")
        for function, _ in reads_without_an_organization(ast.parse(path.read_text()))
    }
    assert set(ACROSS) <= found
