"""Whose rows this code may see: the scope that PostgreSQL's row-level security is keyed by.

Every tenant table lets through the rows of one organization, the one that the request, task or command entered. Where
none was entered, no row is there: forgetting a filter yields nothing. Looking across organizations is explicit and
says why. The database backend in `apps.accounts.postgresql` carries the scope to each connection.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Final

import structlog

log = structlog.get_logger(__name__)

NOTHING: Final = ""
EVERYTHING: Final = "*"
_scope: ContextVar[str] = ContextVar("row_scope", default=NOTHING)


def current_scope() -> str:
    """An organization's id, EVERYTHING or NOTHING."""
    return _scope.get()


@contextmanager
def organization_scope(organization_id: uuid.UUID | str) -> Iterator[None]:
    """See one organization's rows for the length of the block."""
    with _entered(str(uuid.UUID(str(organization_id)))):
        yield


@contextmanager
def across_organizations(reason: str) -> Iterator[None]:
    """See every organization's rows for the length of the block. `reason` says why that must be; it is logged."""
    log.debug("across_organizations", reason=reason)
    with _entered(EVERYTHING):
        yield


@contextmanager
def no_scope() -> Iterator[None]:
    """See no organization's rows until `enter_organization` names one: what a request begins with."""
    with _entered(NOTHING):
        yield


def enter_organization(organization_id: uuid.UUID) -> None:
    """See this organization's rows from here to the end of the request, whose `no_scope` block undoes it."""
    _scope.set(str(organization_id))


@contextmanager
def _entered(scope: str) -> Iterator[None]:
    token: Token[str] = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)
