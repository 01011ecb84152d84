"""A replay server as the installation's model, and questions asked of it through the whole journey."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
import structlog

from apps.accounts.models import Membership, User
from apps.accounts.principal import Principal
from apps.datasources.models import AccessPolicy, DataSource
from apps.queries.models import Conversation, Query
from apps.queries.services import Request, ask_here
from apps.queries.work import keeper
from tests.model_server import ModelServer, replies
from tests.model_server.fixtures import dead_url
from tests.prompt_watch import KEY, OTHERS, secrets_in

__all__ = ["KEY", "OTHERS", "dead_url", "secrets_in"]
RULES = [
    {
        "table": "customers",
        "columns": {"except": ["credit_limit"]},
        "filter": "country = :land",
        "masks": {"email": {"kind": "fixed", "text": "(not for you)"}},
    }
]
LAND = "Germany"


@pytest.fixture(autouse=True)
def _lease_is_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that renews it cannot see rows of a test's open transaction."""
    monkeypatch.setattr(keeper, "RENEWAL_SECONDS", 60.0)


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
    """The installation's settings with a model that writes SQL and does nothing else, and with what else is given."""
    known = {
        "model_name": "small", "model_agents": "none", "model_price_in": Decimal("2.50"),
        "model_price_out": Decimal(10),
        "model_api_key": type(settings.PARLEY).model_validate({"model_api_key": KEY}).model_api_key,
    }  # fmt: skip
    settings.PARLEY = settings.PARLEY.model_copy(update={**known, **values})


@pytest.fixture
def ask(as_alice: Principal, source: DataSource) -> Callable[..., Query]:
    """Asks a question in this process and gives the query with its outcome."""

    def now(question: str, of: DataSource = source, conversation: Conversation | None = None, **options: Any) -> Query:
        with structlog.contextvars.bound_contextvars(correlation_id="correlation-0001"):
            return ask_here(principal=as_alice, request=Request(question, of, options, conversation))

    return now


@pytest.fixture
def policy(source: DataSource, alice: User) -> AccessPolicy:
    """Alice sees no employees, no credit limits, no e-mail addresses, and only the customers of her country."""
    member = Membership.objects.get(user=alice)
    member.attributes = {"land": LAND}
    member.save()
    made: AccessPolicy = AccessPolicy.objects.create(
        organization=source.organization, data_source=source, membership=member,
        tables={"except": ["employees"]}, rules=RULES,
    )  # fmt: skip
    return made
