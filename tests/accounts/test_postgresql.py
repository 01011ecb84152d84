"""The database backend that carries the scope: what a failed statement must not take with it."""

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Organization
from apps.accounts.row_security import organization_scope

pytestmark = pytest.mark.django_db


def test_a_savepoint_is_rolled_back_though_the_scope_changed_since(acme: Organization) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), organization_scope(acme.pk):
        Organization.objects.create(name="Again", slug="acme")
    assert Organization.objects.count() == 1
