"""How sure an answer must be: the data source's own word, else its organization's, else the installation's."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, Organization, User
from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.datasources.services import sync_data_source
from apps.queries.models import Status
from apps.queries.services import Request, ask_here

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]
QUESTION = "How many orders are there?"


def status_of(principal: Principal, source: DataSource, question: str = QUESTION) -> Status:
    return Status(ask_here(principal=principal, request=Request(question, source, {"engine": "builtin"})).status)


@pytest.mark.parametrize(
    ("of_source", "of_organization", "expected"),
    [
        (None, None, Status.ANSWERED),
        (None, 1.0, Status.CANNOT_ANSWER),
        (0.0, 1.0, Status.ANSWERED),
        (1.0, 0.0, Status.CANNOT_ANSWER),
    ],
)
def test_the_nearest_threshold_holds(
    as_alice: Principal, source: DataSource, of_source: float | None, of_organization: float | None, expected: Status
) -> None:
    DataSource.objects.filter(pk=source.pk).update(answer_threshold=of_source)
    Organization.objects.filter(pk=as_alice.organization.pk).update(answer_threshold=of_organization)
    as_alice.organization.refresh_from_db()
    assert status_of(as_alice, sync_data_source(DataSource.objects.get(pk=source.pk))) is expected


def test_only_administrators_set_it_and_it_is_audited(
    client_of: ClientOf, source: DataSource, alice: User, bob: User, charlie: User, globex: Organization
) -> None:
    path = f"/api/v1/data-sources/{source.pk}"
    assert client_of(bob).patch(path, {"answer_threshold": 0.9}, format="json").status_code == 403
    assert client_of(charlie).patch(path, {"answer_threshold": 0.9}, format="json").status_code == 404
    assert client_of(alice).patch(path, {"answer_threshold": 0.9}, format="json").json()["answer_threshold"] == 0.9
    assert client_of(alice).patch(path, {"answer_threshold": None}, format="json").json()["answer_threshold"] is None
    changes = AuditEvent.objects.filter(action="data_source.saved", actor=alice)
    assert [json.loads(one.record)["details"]["changed"] for one in changes] == [["answer_threshold"]] * 2


@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", "nan", True, []])
@pytest.mark.parametrize("place", ["data-sources", "organizations"])
def test_it_is_a_number_from_nought_to_one(
    client_of: ClientOf, alice: User, acme: Organization, source: DataSource, place: str, value: Any
) -> None:
    key = source.pk if place == "data-sources" else acme.pk
    answer = client_of(alice).patch(f"/api/v1/{place}/{key}", {"answer_threshold": value}, format="json")
    assert answer.status_code == 400
    assert "answer_threshold" in answer.json()["error"]["details"]


@pytest.mark.parametrize(("month", "status"), [(1, 200), (12, 200), (0, 400), (13, 400), ("4", 400), (4.5, 400)])
def test_a_fiscal_year_begins_in_a_month(
    client_of: ClientOf, alice: User, acme: Organization, month: Any, status: int
) -> None:
    path = f"/api/v1/organizations/{acme.pk}"
    assert client_of(alice).patch(path, {"fiscal_year_start_month": month}, format="json").status_code == status


def test_an_answer_says_which_fiscal_year_it_means(as_alice: Principal, source: DataSource) -> None:
    Organization.objects.filter(pk=as_alice.organization.pk).update(fiscal_year_start_month=4)
    question = "How many orders were placed in fiscal year 2025?"
    query = ask_here(principal=as_alice, request=Request(question, sync_data_source(source), {"engine": "builtin"}))
    assert query.status == Status.ANSWERED
    assert query.last_run is not None
    assert "Fiscal year 2025 runs from 2024-04-01 to 2025-03-31." in query.last_run.assumptions
