"""People of Acme who ask an ambiguous question of the sample, and the rules that come of their answers."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import Organization, Role, User
from apps.accounts.services import add_member
from apps.clarification.models import Rule, RuleState
from apps.datasources.models import DataSource
from tests.conftest import PASSWORD

REVENUE = "What is our revenue?"
OTHERS = ("total  REVENUE by country", "total revenue in Germany")
ClientOf = Callable[[User], APIClient]
Asked = Callable[..., Any]


SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, country TEXT, ordered_on DATE,
  invoiced_revenue NUMERIC, received_revenue NUMERIC);
INSERT INTO orders VALUES
  (1, 'Contoso', 'Germany', '2025-02-01', 100, 90), (2, 'Fabrikam', 'Germany', '2025-07-09', 250, 200),
  (3, 'Initech', 'France', '2024-03-01', 70, 70);
CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, office TEXT);
INSERT INTO staff VALUES (1, 'Ann', 'Berlin'), (2, 'Ben', 'Paris');
"""


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source of two small tables with two revenues."""
    path = tmp_path_factory.mktemp("sources") / "revenues.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    return path


@pytest.fixture
def dana(acme: Organization) -> User:
    """An analyst beside Alice."""
    user = User.objects.create_user("dana@acme.example", PASSWORD)
    add_member(organization=acme, user=user, role=Role.ANALYST)
    return user


@pytest.fixture
def api(client_of: ClientOf, alice: User, source: DataSource) -> APIClient:
    return client_of(alice)


def ask(api: APIClient, question: str = REVENUE, **more: Any) -> Any:
    """The query as it stands once it has ended or asks back."""
    body = {"question": question, "data_source": "sample", "engine": "builtin", **more}
    answer = api.post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=20"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def choose(api: APIClient, asked: Any, label: str, **more: Any) -> Any:
    """The query after this option of the open question was taken."""
    question = asked["clarification"]["questions"][0]
    option = next(one["id"] for one in question["options"] if one["label"] == label)
    answers = [{"question_id": question["id"], "option_id": option}]
    address = f"/api/v1/clarifications/{asked['clarification']['id']}/answers"
    answer = api.post(address, {"answers": answers, **more}, format="json", headers={"Prefer": "wait=20"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def rules(api: APIClient, **wanted: Any) -> Any:
    return api.get("/api/v1/rules", wanted).json()["results"]


def asked_without_the_rule(api: APIClient, other: APIClient) -> Any:
    """A question that asks back of `other`, as its organization has no rule for a moment."""
    [rule] = rules(api)
    Rule.objects.filter(pk=rule["id"]).update(state=RuleState.REVOKED)
    asked = ask(other)
    Rule.objects.filter(pk=rule["id"]).update(state=RuleState.APPROVED)
    return asked
