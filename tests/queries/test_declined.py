"""What a person reads where Parley gives no answer, over REST and on the page."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.datasources.models import DataSource
from apps.datasources.services import sync_data_source

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], APIClient]

DECLINED = {
    "How many customers churned because of the weather?": ("not_in_data", "I found customers, but nothing that says"),
    "hello, how are you doing my friend?": ("no_data_question", "Ask about what the data holds"),
    "Delete all orders": ("change_request", "never changes anything"),
}


@pytest.mark.parametrize(("question", "expected"), DECLINED.items())
def test_each_kind_has_its_own_code_and_sentence(
    client_of: ClientOf, alice: User, source: DataSource, client: Client, question: str, expected: tuple[str, str]
) -> None:
    sync_data_source(source)
    body = {"question": question, "data_source": source.name, "engine": "builtin"}
    answer = client_of(alice).post("/api/v1/queries", body, format="json", headers={"Prefer": "wait=30"}).json()
    code, sentence = expected
    assert (answer["error"]["code"], sentence in answer["error"]["message"]) == (code, True)
    client.force_login(alice)
    page = client.get(f"/queries/{answer['id']}")
    assert sentence in page.content.decode()
