"""Conversations of the cast."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.principal import Principal
from apps.datasources.models import DataSource
from apps.queries.models import Conversation, Query, Status

Make = Callable[..., Conversation]


@pytest.fixture
def remembered() -> Make:
    """A conversation in which these questions were asked and answered."""

    def make(principal: Principal, source: DataSource, *questions: str, **fields: Any) -> Conversation:
        conversation: Conversation = Conversation.objects.create(
            organization=principal.organization, user=principal.user, data_source=source, title=(questions or ("",))[0]
        )
        for question in questions:
            Query.objects.create(
                organization=principal.organization, user=principal.user, data_source=source, question=question,
                conversation=conversation, status=Status.ANSWERED, **fields,
            )  # fmt: skip
        return conversation

    return make
