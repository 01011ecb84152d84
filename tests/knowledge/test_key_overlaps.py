"""Overlaps in our database: measured at each sync, told to whoever sees both columns whole."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.datasources.services import access_of, sync_data_source
from apps.knowledge.key_overlaps import schema_with_overlaps
from apps.knowledge.models import KeyOverlap
from tests.first_sync import synced_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_FOLDERS = [f"*={tmp_path}"]
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id integer PRIMARY KEY, name text)")
        connection.execute("CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer)")
        connection.executemany("INSERT INTO customers VALUES (?, ?)", [(1, "Ada"), (2, "Bo"), (3, "Cy"), (4, "Di")])
        connection.executemany("INSERT INTO orders VALUES (?, ?)", [(7, 1), (8, 2), (9, 3), (10, 99)])
    connection.close()
    return path


@pytest.fixture
def shop(acme: Organization, file: Path) -> DataSource:
    return synced_source(acme, file)


def known(source: DataSource, user: User) -> list[float]:
    """The shares that an engine is told for this person."""
    principal = Principal(Membership.objects.select_related("user", "organization").get(user=user))
    stored = DataSource.objects.get(pk=source.pk)
    return [one.share for one in schema_with_overlaps(stored, access_of(principal, stored)).overlaps]


def test_a_sync_measures_and_the_next_one_measures_anew(shop: DataSource, file: Path, alice: User) -> None:
    assert known(shop, alice) == [0.75]
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM orders WHERE customer_id = 99")
    connection.close()
    sync_data_source(shop)
    assert known(shop, alice) == [1.0]
    assert KeyOverlap.objects.for_org(shop.organization).count() == 1


def test_a_view_of_the_source_is_prepared_once(shop: DataSource, alice: User) -> None:
    principal = Principal(Membership.objects.select_related("user", "organization").get(user=alice))
    one, other = (schema_with_overlaps(shop, access_of(principal, shop)) for _ in range(2))
    assert one is other


@pytest.mark.parametrize(
    "rule",
    [{"filter": "id < 3"}, {"columns": {"except": ["id"]}}, {"masks": {"id": {"kind": "hash"}}}],
    ids=lambda rule: next(iter(rule)),
)
def test_who_sees_less_is_told_no_share(shop: DataSource, alice: User, bob: User, rule: dict[str, Any]) -> None:
    assert known(shop, bob) == [0.75]
    restrict(shop, rule)
    assert known(shop, bob) == []
    assert known(shop, alice) == [0.75]


def restrict(source: DataSource, rule: dict[str, Any]) -> None:
    AccessPolicy.objects.create(
        organization=source.organization, data_source=source, role=Role.VIEWER, rules=[{"table": "customers", **rule}]
    )


def test_another_organizations_shares_are_its_own(shop: DataSource, charlie: User, globex: Organization) -> None:
    theirs = synced_source(globex, Path(shop.database))
    KeyOverlap.objects.for_org(shop.organization).update(share=0.6)
    assert known(theirs, charlie) == [0.75]
