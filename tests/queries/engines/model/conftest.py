"""A replay server as the installation's model, and questions asked of it through the whole journey."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
import structlog

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries import leases
from apps.queries.models import Query
from apps.queries.services import Request, ask_here
from tests.model_server import ModelServer, replies
from tests.model_server.fixtures import dead_url

__all__ = ["dead_url"]
KEY = "sk-this-key-must-never-be-shown"


@pytest.fixture(autouse=True)
def _lease_is_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that renews it cannot see rows of a test's open transaction."""
    monkeypatch.setattr(leases, "RENEWAL_SECONDS", 60.0)


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., ModelServer]]:
    """Starts a replay server and makes it the installation's model."""
    with ExitStack() as stack:

        def start(*script: dict[str, Any]) -> ModelServer:
            server = stack.enter_context(ModelServer(replies(script)))
            configure(settings, model_base_url=server.url)
            return server

        yield start


def configure(settings: Any, **values: Any) -> None:
    """The installation's settings with a model, and with what else is given."""
    known = {
        "model_name": "small", "model_price_in": Decimal("2.50"), "model_price_out": Decimal(10),
        "model_api_key": type(settings.PARLEY).model_validate({"model_api_key": KEY}).model_api_key,
    }  # fmt: skip
    settings.PARLEY = settings.PARLEY.model_copy(update={**known, **values})


@pytest.fixture
def ask(as_alice: Principal, source: DataSource) -> Callable[..., Query]:
    """Asks a question in this process and gives the query with its outcome."""

    def now(question: str, **options: Any) -> Query:
        with structlog.contextvars.bound_contextvars(correlation_id="correlation-0001"):
            return ask_here(principal=as_alice, request=Request(question, source, options))

    return now
