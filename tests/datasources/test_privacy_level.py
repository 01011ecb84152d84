"""What models are told of a data source: said by those who may change it, on record, the installation's otherwise."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import AuditEvent, User
from apps.datasources.access import Access
from apps.datasources.models import DataSource, Privacy
from apps.datasources.stored_schema import load_schema
from apps.llm.privacy import PrivacyLevel
from apps.queries.steps.understanding import context_of

pytestmark = pytest.mark.django_db


def test_the_levels_are_those_that_models_are_asked_by() -> None:
    assert [*Privacy.values] == [*PrivacyLevel]


def test_who_may_change_the_source_says_the_level_and_it_is_on_record(
    source: DataSource, alice: User, bob: User, charlie: User, client_of: Callable[[User], APIClient]
) -> None:
    path, body = f"/api/v1/data-sources/{source.pk}", {"privacy_level": "results"}
    assert client_of(bob).patch(path, body, format="json").status_code == 403
    assert client_of(charlie).patch(path, body, format="json").status_code == 404
    assert client_of(alice).patch(path, body, format="json").json()["privacy_level"] == "results"
    assert client_of(alice).patch(path, {"privacy_level": "all"}, format="json").status_code == 400
    assert client_of(alice).patch(path, {"privacy_level": ""}, format="json").json()["privacy_level"] == ""
    saved = AuditEvent.objects.filter(action="data_source.saved").order_by("-id")[:2]
    assert [json.loads(one.record)["details"]["changed"] for one in saved] == [["privacy_level"]] * 2


@pytest.mark.parametrize(("own", "level"), [("", "samples"), ("schema", "schema"), ("results", "results")])
def test_a_sources_own_level_goes_before_the_installations(
    own: str, level: str, source: DataSource, settings: Any
) -> None:
    settings.PARLEY = settings.PARLEY.model_copy(update={"model_privacy": PrivacyLevel.SAMPLES})
    source.privacy_level = own
    context = context_of("How many?", source, Access(load_schema(source)), fiscal_year_start_month=1)
    assert context.privacy == level
