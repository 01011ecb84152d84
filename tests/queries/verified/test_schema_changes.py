"""A change of the schema takes the mark from what reads it, and from nothing else."""

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent
from apps.accounts.principal import Principal
from apps.common.errors import AppError
from apps.datasources.models import DataSource, SchemaColumn
from apps.knowledge.models import VerifiedQuery, VerifiedQueryState
from apps.knowledge.schema_changes import review_after_sync
from apps.knowledge.verified_queries import approve_verified_query
from tests.queries.verified.conftest import SALARIES, SHIPPED, Sql, Verify, ask

pytestmark = pytest.mark.django_db(transaction=True)
NEW_TYPE = """
ALTER TABLE orders RENAME TO old_orders;
CREATE TABLE orders (id INTEGER PRIMARY KEY, country TEXT, shipped_on TEXT, amount INTEGER);
INSERT INTO orders SELECT * FROM old_orders; DROP TABLE old_orders;
"""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER TABLE orders RENAME COLUMN country TO land", "orders.country is not there any more."),
        ("ALTER TABLE orders RENAME TO sales", "orders is not there any more."),
        (NEW_TYPE, "orders.shipped_on was DATE and is TEXT."),
    ],
)
def test_what_reads_it_needs_a_review_and_is_not_reused(
    api: APIClient, verify: Verify, change_and_sync: Sql, change: str, reason: str
) -> None:
    touched, other = verify(), verify(SALARIES)
    change_and_sync(change)
    shown = api.get(f"/api/v1/verified-queries/{touched.pk}").json()
    assert (shown["state"], shown["review_reason"]) == ("needs_review", reason)
    assert VerifiedQuery.objects.get(pk=other.pk).state == VerifiedQueryState.APPROVED
    assert ask(api, SHIPPED[0])["verified"] is False
    assert ask(api, SALARIES[0])["verified"] is True
    assert reason in AuditEvent.objects.get(action="verified_query.needs_review").record


def test_other_changes_of_the_schema_leave_the_mark(api: APIClient, verify: Verify, change_and_sync: Sql) -> None:
    verify()
    change_and_sync("ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE orders RENAME COLUMN amount TO total;")
    assert ask(api, SHIPPED[0])["verified"] is True


def test_it_is_approved_again_once_it_fits_again(
    api: APIClient, verify: Verify, change_and_sync: Sql, as_alice: Principal
) -> None:
    verified = verify()
    change_and_sync("ALTER TABLE orders RENAME COLUMN country TO land")
    with pytest.raises(AppError):
        approve_verified_query(VerifiedQuery.objects.get(pk=verified.pk), principal=as_alice)
    change_and_sync("ALTER TABLE orders RENAME COLUMN land TO country")
    assert ask(api, SHIPPED[0])["verified"] is False  # nobody looked at it again
    approve_verified_query(VerifiedQuery.objects.get(pk=verified.pk), principal=as_alice)
    found = api.get(f"/api/v1/verified-queries/{verified.pk}").json()
    assert (found["state"], found["review_reason"]) == ("approved", None)
    assert ask(api, SHIPPED[0])["verified"] is True


def test_it_is_looked_at_when_it_is_used_too(api: APIClient, verify: Verify, source: DataSource) -> None:
    """As where the work after a sync was cut short."""
    verified = verify()
    VerifiedQuery.objects.filter(pk=verified.pk).update(read_types={"orders": {"country": "VARCHAR(2)"}})
    assert ask(api, SHIPPED[0])["verified"] is False
    assert VerifiedQuery.objects.get(pk=verified.pk).state == VerifiedQueryState.APPROVED


def test_one_that_was_retired_meanwhile_stays_so(verify: Verify, source: DataSource) -> None:
    verified = verify()
    VerifiedQuery.objects.filter(pk=verified.pk).update(state=VerifiedQueryState.RETIRED)
    SchemaColumn.objects.filter(name="country").delete()
    DataSource.objects.filter(pk=source.pk).update(schema_version="another")
    review_after_sync(DataSource.objects.get(pk=source.pk))
    assert VerifiedQuery.objects.get(pk=verified.pk).state == VerifiedQueryState.RETIRED
