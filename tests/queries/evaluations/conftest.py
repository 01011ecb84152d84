"""Verified queries of Acme's sample source, and evaluations of them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, Role, User
from apps.accounts.principal import Principal
from apps.accounts.services import add_member
from apps.datasources.models import DataSource
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import approve_verified_query, propose_verified_query
from apps.queries.evaluations.here import finish_here
from apps.queries.evaluations.models import Evaluation
from apps.queries.evaluations.services import EvaluationRequest, save_evaluation
from apps.queries.evaluations.settings import settings_in_force
from apps.queries.work import keeper
from tests.conftest import PASSWORD
from tests.queries.evaluations.known_engine import propose_readings

COUNT = ("How many customers are there?", "SELECT count(*) FROM customers")
PRODUCTS = ("How many products are there?", "SELECT count(*) FROM products")
BY_COUNTRY = ("number of customers by country", "SELECT country, count(*) FROM customers GROUP BY country")
# What the engine of these tests reads otherwise than whoever approved it.
OTHERWISE = ("How many employees are there?", "SELECT count(*) + 1000 FROM employees")
Verify = Callable[..., list[VerifiedQuery]]
Evaluate = Callable[..., Evaluation]


SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, country TEXT);
INSERT INTO customers VALUES
  (1, 'Contoso', 'post@contoso.example', 'Germany'), (2, 'Fabrikam', 'post@fabrikam.example', 'Germany'),
  (3, 'Initech', 'post@initech.example', 'France');
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price REAL);
INSERT INTO products VALUES (1, 'Lantern', 12.5), (2, 'Tent', 199.0);
CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT, salary REAL);
INSERT INTO employees VALUES (1, 'Ann', 4000.0), (2, 'Bob', 5000.0);
"""


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source of three small tables, which is read anew for every test."""
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    return path


@pytest.fixture(autouse=True)
def known_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in engine of these tests."""
    for place in ("evaluations.work", "management.commands.evaluate"):
        monkeypatch.setattr(f"apps.queries.{place}.propose_readings", propose_readings)


@pytest.fixture
def dana(acme: Organization) -> User:
    """An analyst beside Alice."""
    user = User.objects.create_user("dana@acme.example", PASSWORD)
    add_member(organization=acme, user=user, role=Role.ANALYST)
    return user


@pytest.fixture
def verify(as_alice: Principal, source: DataSource) -> Verify:
    """Has Alice propose and approve these pairs of question and SQL."""

    def now(*pairs: tuple[str, str], approved: bool = True) -> list[VerifiedQuery]:
        made = [
            propose_verified_query(principal=as_alice, source=source, question=question, sql=sql)
            for question, sql in pairs
        ]
        return [approve_verified_query(one, principal=as_alice) for one in made] if approved else made

    return now


@pytest.fixture
def evaluate(as_alice: Principal, source: DataSource) -> Evaluate:
    """Evaluates the source as Alice, with the settings in force but for those given; the row as it is afterwards."""

    def now(runs: int = 1, includes_proposed: bool = False, by: Principal = as_alice, **named: Any) -> Evaluation:
        source.refresh_from_db()
        found = settings_in_force(by.organization, source, engine="builtin")
        settings = type(found)(**{**found.__dict__, **named})
        request = EvaluationRequest(source, settings, runs, includes_proposed)
        saved = save_evaluation(principal=by, request=request)
        return finish_here(by.organization, saved.pk, progress=lambda finished, total: None)

    return now


@pytest.fixture(autouse=True)
def _lease_is_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that renews it cannot see rows of a test's open transaction."""
    monkeypatch.setattr(keeper, "RENEWAL_SECONDS", 60.0)


@pytest.fixture
def api(client_of: Callable[[User], APIClient], alice: User, source: DataSource) -> APIClient:
    return client_of(alice)
