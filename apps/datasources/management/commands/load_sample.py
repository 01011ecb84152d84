"""`manage.py load_sample`: the sample company's data, and organizations with people who may ask it."""

import secrets
from argparse import ArgumentParser
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.row_security import across_organizations
from apps.accounts.services import add_member, create_organization
from apps.datasources.credentials import decrypt
from apps.datasources.locations import folders_of
from apps.datasources.models import DataSource, Kind
from apps.datasources.sample import load_postgres, write_sqlite
from apps.datasources.services import create_data_source, sync_data_source, update_data_source

DATABASE, READER = "parley_sample", "parley_sample_reader"


class Person(NamedTuple):
    """Somebody who may ask the sample."""

    email: str
    name: str
    organization: str
    role: Role


PEOPLE = (
    Person("alice@acme.example", "Alice", "acme", Role.OWNER),
    Person("bob@acme.example", "Bob", "acme", Role.VIEWER),
    Person("charlie@globex.example", "Charlie", "globex", Role.OWNER),
)
ORGANIZATIONS = {"acme": "Acme", "globex": "Globex"}
PASSWORD = "ask-me-anything"  # noqa: S105  (a demo's password, printed by the demo; production settings refuse it)


class Command(BaseCommand):
    help = "Load the sample data source (PostgreSQL and SQLite) for the organizations Acme and Globex."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--admin-url", help="address of a PostgreSQL superuser; default: the embedded server's")

    def handle(self, *, admin_url: str | None, **_: Any) -> None:
        if not hasattr(settings, "SAMPLE_ADMIN_URL"):
            raise CommandError("The sample brings people with a known password; it is for local settings only.")
        address = admin_url or settings.SAMPLE_ADMIN_URL
        with across_organizations("the sample belongs to two organizations"):
            self._load(address)

    def _load(self, address: str) -> None:
        organizations = {slug: self._organization(slug) for slug in ORGANIZATIONS}
        self._make_admin()
        password = self._reader_password(organizations["acme"])
        loaded = load_postgres(address, database=DATABASE, reader=READER, reader_password=password)
        for organization in organizations.values():
            self._postgres_source(organization, address, password)
            self._sqlite_source(organization)
        self.stdout.write(f"Sample data source: {len(loaded.counts)} tables, {loaded.row_count:,} rows.")

    def _organization(self, slug: str) -> Organization:
        people = [(self._user(one.email, one.name), one.role) for one in PEOPLE if one.organization == slug]
        organization = Organization.objects.filter(slug=slug).first()
        if organization is None:
            organization = create_organization(name=ORGANIZATIONS[slug], slug=slug, owner=people[0][0])
        for user, role in people:
            if not Membership.objects.for_org(organization).filter(user=user).exists():
                add_member(organization=organization, user=user, role=role)
        return organization

    def _user(self, email: str, name: str) -> User:
        return User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, name=name)

    def _make_admin(self) -> None:
        if not User.objects.filter(email="admin@parley.example").exists():
            User.objects.create_superuser("admin@parley.example", PASSWORD, name="Admin")

    def _reader_password(self, organization: Organization) -> str:
        """The reader's password as stored with an earlier load, else a new one."""
        known = DataSource.objects.for_org(organization).filter(name="sample").first()
        return (decrypt(known) if known else "") or secrets.token_urlsafe(24)

    def _postgres_source(self, organization: Organization, address: str, password: str) -> None:
        parts = conninfo_to_dict(address)
        fields = {
            "label": "Sample company", "kind": Kind.POSTGRES, "host": parts["host"], "port": parts.get("port"),
            "database": DATABASE, "username": READER, "password": password,
        }  # fmt: skip
        self._keep(organization, "sample", fields)

    def _sqlite_source(self, organization: Organization) -> None:
        file = folders_of(organization.slug)[0] / "sample.sqlite"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_sqlite(file)
        fields = {"label": "Sample company (small, SQLite)", "kind": Kind.SQLITE, "database": str(file)}
        self._keep(organization, "sample-sqlite", fields)

    def _keep(self, organization: Organization, name: str, fields: dict[str, Any]) -> None:
        source = DataSource.objects.for_org(organization).filter(name=name).first()
        if source is None:
            source = create_data_source(organization=organization, name=name, is_of_installation=True, **fields)
        elif any(str(getattr(source, key)) != str(value) for key, value in fields.items() if key != "password"):
            source = update_data_source(source, is_of_installation=True, **fields)
        if source.synced_at is None or (source.kind != Kind.SQLITE and source.role_checked_at is None):
            sync_data_source(source)
