"""Opening a clarification, or its next turn."""

from django.db import transaction

from apps.clarification.choosing import Ask
from apps.clarification.models import Clarification
from apps.clarification.services import ask_on, open_clarification
from apps.queries.models import Query
from apps.queries.steps.understanding import Understanding


@transaction.atomic
def ask_back(query: Query, ask: Ask, understanding: Understanding) -> Clarification:
    """The clarification that the query now waits for."""
    dialect = understanding.access.schema.dialect
    if query.clarification is not None:
        return ask_on(query.clarification, ask, dialect)
    return open_clarification(organization=query.organization, user=query.user, ask=ask, dialect=dialect)
