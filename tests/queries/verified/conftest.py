"""A small source of Acme's, people who ask it, and verified queries of it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.datasources.services import sync_data_source
from apps.knowledge.models import VerifiedQuery
from apps.knowledge.verified_queries import approve_verified_query, propose_verified_query
from tests.queries.rules.conftest import dana

__all__ = ["dana"]

ClientOf = Callable[[User], APIClient]
Verify = Callable[..., VerifiedQuery]
Sql = Callable[..., None]

SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, country TEXT, shipped_on DATE, amount INTEGER);
INSERT INTO orders VALUES (1, 'Germany', '2024-02-01', 100), (2, 'Germany', '2025-07-09', 250),
  (3, 'France', '2025-03-01', 70), (4, 'France', '2025-04-01', 30), (5, 'Spain', '2025-05-01', 5);
CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, salary INTEGER);
INSERT INTO staff VALUES (1, 'Ann', 4000), (2, 'Ben', 5000);
"""
SHIPPED = (
    "How many orders were shipped to Germany in 2024?",
    "SELECT count(*) AS shipped FROM orders "
    "WHERE country = 'Germany' AND shipped_on >= '2024-01-01' AND shipped_on < '2025-01-01'",
)
SALARIES = ("What do we pay in salaries?", "SELECT sum(salary) FROM staff")


@pytest.fixture
def shop(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_FOLDERS = [f"*={tmp_path}"]
    path = tmp_path / "shop.sqlite"
    run(path, SHOP)
    return path


def run(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


@pytest.fixture
def sample_file(shop: Path) -> Path:
    return shop


@pytest.fixture
def change_and_sync(shop: Path, source: DataSource) -> Sql:
    """Changes the source's tables, then reads its schema anew."""

    def now(script: str) -> None:
        run(shop, script)
        sync_data_source(DataSource.objects.select_related("organization").get(pk=source.pk))

    return now


@pytest.fixture
def verify(as_alice: Principal, source: DataSource) -> Verify:
    """Has Alice propose and approve a question with its SQL."""

    def now(pair: tuple[str, str] = SHIPPED, *, approved: bool = True) -> VerifiedQuery:
        made = propose_verified_query(principal=as_alice, source=source, question=pair[0], sql=pair[1])
        return approve_verified_query(made, principal=as_alice) if approved else made

    return now


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def ask(api: APIClient, question: str, **more: Any) -> Any:
    body = {"question": question, "data_source": "sample", "engine": "builtin", **more}
    answer = api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"})
    assert answer.status_code == 200, answer.content
    return answer.json()
