"""What was chosen at the same words before: it weighs which question to ask, and never changes an answer.

A person's own choices count for more than those of others in the organization, which nobody has reviewed.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.clarification.models import ClarificationQuestion
from apps.clarification.questions import Habits
from apps.clarification.readings import ChoiceField, Point

KEPT = timedelta(days=365)
WEIGHT_OF_OTHERS = 0.25
MOST = 5.0


def habits_at(points: Collection[Point], *, organization: Organization, user: User | None, source: Any) -> Habits:
    """How often each label was chosen at these points of questions to this data source; at most `MOST` each."""
    if not points:
        return {}
    rows = ClarificationQuestion.objects.for_org(organization).filter(
        phrase__in={phrase for _, phrase in points},
        chosen_label__gt="",
        answered_at__gte=timezone.now() - KEPT,
        clarification__query__data_source=source,
    )
    counted = rows.values_list("field", "phrase", "chosen_label").annotate(
        every=Count("pk"), own=Count("pk", filter=Q(clarification__asked_of=user))
    )
    found: dict[Point, dict[str, float]] = defaultdict(dict)
    for field, phrase, label, every, own in counted:
        if (ChoiceField(field), phrase) in points:
            found[(ChoiceField(field), phrase)][label] = min(MOST, own + WEIGHT_OF_OTHERS * (every - own))
    return found
