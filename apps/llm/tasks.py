"""Doorbells of models: each message wakes a worker, the row says whether work is left."""

import uuid

from celery import shared_task

from apps.accounts.row_security import across_organizations
from apps.llm.registry_writes import carry_out_grade
from apps.llm.self_test.grading import GRADE_SECONDS


@shared_task(time_limit=GRADE_SECONDS + 60)
def grade_model_task(grade_id: str) -> None:
    """Put the self-test to a model, unless somebody else did."""
    with across_organizations("models are the installation's"):
        carry_out_grade(uuid.UUID(grade_id))
