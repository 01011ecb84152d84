"""Functions that an administrator adds to those that the guard allows on one data source."""

from collections.abc import Iterable

from django.db import transaction

from apps.accounts.audit import record_audit
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.common.errors import InvalidInput
from apps.datasources.guard.allowed_functions import NotAllowable, function_names
from apps.datasources.models import DataSource


@transaction.atomic
def allow_functions(
    source: DataSource, names: Iterable[str], *, principal: Principal | None = None, actor: User | None = None
) -> DataSource:
    """Let exactly these functions be called on this source beside the dialect's own, and write down who said so.

    Raises: InvalidInput naming the field, for what is no name or can do more than compute.
    """
    allowed = checked_functions(names, source.kind)
    known = set(source.allowed_functions)
    if known == set(allowed):
        return source
    source.allowed_functions = allowed
    source.save(update_fields=["allowed_functions", "updated_at"])
    record_audit(
        "data_source.functions_changed",
        organization=None if principal else source.organization,
        actor=actor,
        principal=principal,
        target=source,
        added=sorted(set(allowed) - known),
        removed=sorted(known - set(allowed)),
    )
    return source


def checked_functions(names: Iterable[str], dialect: str) -> list[str]:
    """The names as they are kept. Raises: InvalidInput naming the field."""
    try:
        return list(function_names(names, dialect))
    except NotAllowable as error:
        raise InvalidInput(str(error), details={"allowed_functions": [str(error)]}) from error
