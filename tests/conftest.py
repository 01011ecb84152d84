"""The cast of every test: Alice owns Acme, Bob may only view Acme, Charlie is at Globex; each has an SQLite source."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases
from rest_framework.test import APIClient

from apps.accounts.models import Membership, Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.row_security import across_organizations
from apps.accounts.services import add_member
from apps.accounts.services.token_families import begin_family
from apps.datasources.models import DataSource
from apps.datasources.sample import write_sqlite
from apps.llm.registry_rows import forget_registered_models
from apps.llm.retrying import RetryPolicy
from apps.queries.models import Query, Status
from config.embedded import ensure_services_for
from tests.first_sync import synced_source
from tests.prompt_watch import PASSWORD, PromptWatch, watching


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tells_values(why): a data source of the test lets models see values")
    ensure_services_for(["manage.py", "test"])


@pytest.fixture(scope="session")
def whole_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources") / "sample.sqlite"
    write_sqlite(path)
    return path


@pytest.fixture(scope="session")
def sample_file(whole_sample: Path) -> Path:
    """The file behind the data source `sample`; some folders have a smaller one."""
    return whole_sample


@pytest.fixture(autouse=True)
def _sample_folder_is_allowed(sample_file: Path, settings: object) -> None:
    settings.SOURCE_FOLDERS = [f"*={sample_file.parent}"]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
    request: pytest.FixtureRequest,
) -> Iterator[None]:
    """The test database, made and migrated by the owner of its tables; the tests run as the platform does."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["owner"])
        owner, running = connections["owner"], connections["default"]
        running.creation.set_as_test_mirror(owner.settings_dict)
        with owner.cursor() as cursor:  # emptying tables between tests is not the platform's right
            role = owner.ops.quote_name(running.settings_dict["USER"])
            cursor.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {role}")
            database = owner.ops.quote_name(owner.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")  # no test outlives a power cut
        owner.close()
    yield
    with django_db_blocker.unblock():
        with running.cursor() as cursor:  # threads that ended with a test may have left theirs in use
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        running.close()
        running.close_pool()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def prompt_watch(whole_sample: Path) -> Iterator[PromptWatch]:
    """Hears every request to every replay server of the whole run."""
    with watching(whole_sample) as made:
        yield made


@pytest.fixture(autouse=True)
def _no_prompt_tells_what_it_must_not(prompt_watch: PromptWatch, request: pytest.FixtureRequest, settings: Any) -> Any:
    yield from prompt_watch.checked(settings, tells_values=lambda: request.node.get_closest_marker("tells_values"))


@pytest.fixture(autouse=True)
def _tests_look_across_organizations(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test prepares and compares; a request or task inside it enters one organization like anywhere.

    A test without the database looks at no rows at all.
    """
    has_database = {"db", "transactional_db"} & {*request.fixturenames} or request.node.get_closest_marker("django_db")
    with across_organizations("a test") if has_database else nullcontext():
        yield
    forget_registered_models()


@pytest.fixture(autouse=True)
def _example_names_mean_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a name server, and none reaches beyond this machine."""

    def resolve(name: str) -> list[str]:
        if name.endswith(".example") or name == "localhost":
            return ["127.0.0.1"]
        raise OSError(f"{name} is not looked up in tests")

    monkeypatch.setattr("apps.common.hosts.system_resolver", resolve)


@pytest.fixture(autouse=True)
def _a_model_that_failed_is_soon_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question's own pauses are seconds long; tests/llm/test_retrying.py holds what they are."""
    quick = partial(RetryPolicy, first_seconds=0.01, longest_seconds=0.02)
    monkeypatch.setattr("apps.llm.services.RetryPolicy", quick)


@pytest.fixture(autouse=True)
def _no_minute_ends_in_the_middle_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count by the clock's minutes: a test that sends 61 calls sends them in one."""
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _empty_cache(settings: Any) -> Iterator[None]:
    yield
    if settings.RATELIMIT_ENABLE:
        cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@acme.example", PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@acme.example", PASSWORD, name="Bob")


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie@globex.example", PASSWORD, name="Charlie")


@pytest.fixture
def acme(alice: User, bob: User) -> Organization:
    organization = owned_organization("Acme", alice)
    add_member(organization=organization, user=bob, role=Role.VIEWER)
    return organization


@pytest.fixture
def globex(charlie: User) -> Organization:
    return owned_organization("Globex", charlie)


def owned_organization(name: str, owner: User) -> Organization:
    """An organization that was always there: nobody's act, so the audit log begins empty."""
    organization = Organization.objects.create(name=name, slug=name.lower())
    add_member(organization=organization, user=owner, role=Role.OWNER)
    return organization


@pytest.fixture
def as_alice(acme: Organization, alice: User) -> Principal:
    return Principal(Membership.objects.get(organization=acme, user=alice))


@pytest.fixture
def source(acme: Organization, sample_file: Path) -> DataSource:
    return synced_source(acme, sample_file)


@pytest.fixture
def globex_source(globex: Organization, sample_file: Path) -> DataSource:
    return synced_source(globex, sample_file)


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    """An API client that sends the person's access token."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {begin_family(user).access}")
        return client

    return make


@pytest.fixture
def reads_of_a_longer_list(
    acme: Organization, alice: User, source: DataSource
) -> Callable[[Callable[[], Any]], list[int]]:
    """How many reads a list of queries costs with two of them, and with twenty."""

    def count(show: Callable[[], Any]) -> list[int]:
        costs = []
        for more in (2, 18):
            Query.objects.bulk_create(
                Query(organization=acme, user=alice, data_source=source, question="q", status=Status.ANSWERED)
                for _ in range(more)
            )
            with CaptureQueriesContext(connection) as captured:
                assert show().status_code == 200
            costs.append(len(captured))
        return costs

    return count
