"""The first person of an installation. There is no default account, and this works once."""

from typing import Final

from django.db import connection, transaction

from apps.accounts.audit import record_audit
from apps.accounts.models import Organization, User
from apps.accounts.passwords import check_new_password
from apps.accounts.services.organizations import create_organization
from apps.common.errors import Conflict

LOCK: Final = 7_274_001  # any number that nothing else locks


@transaction.atomic
def set_up(*, email: str, password: str, organization: str, slug: str) -> Organization:
    """Make the first organization and its owner, who also administers the installation.

    Raises: Conflict if anybody has an account already, however many try at once; InvalidInput naming the field.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if User.objects.exists():
        raise Conflict("This installation is set up already.", code="set_up_already")
    check_new_password(password)
    owner = User.objects.create_superuser(email, password)
    record_audit("installation.set_up", organization=None, actor=owner, target=owner)
    return create_organization(name=organization, slug=slug, owner=owner)
