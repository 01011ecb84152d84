"""An evaluation worked on in this process, for commands: no worker is needed, and one that has it is waited for."""

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from apps.accounts.models import Organization
from apps.common.connections import release_connection
from apps.queries.evaluations.models import Evaluation
from apps.queries.evaluations.work import take_evaluation, work_on

PAUSE_SECONDS = 1.0


def finish_here(organization: Organization, pk: uuid.UUID, *, progress: Callable[[int, int], None]) -> Evaluation:
    """The evaluation once it has ended. `progress` hears how many of how many cases are finished.

    Raises: LeaseLost if somebody cancels it.
    """
    while True:
        evaluation = _now(organization, pk)
        if evaluation.state.is_final:
            return evaluation
        row: Any = evaluation  # of with_progress
        tell = partial(_told, progress, row.finished, evaluation.total)
        tell(0)
        taken = take_evaluation(organization, pk)
        if taken is None:
            release_connection()
            time.sleep(PAUSE_SECONDS)
        else:
            work_on(taken, seconds=None, progress=tell)


def _told(progress: Callable[[int, int], None], before: int, total: int, more: int) -> None:
    progress(before + more, total)


def _now(organization: Organization, pk: uuid.UUID) -> Evaluation:
    found: Evaluation = Evaluation.objects.for_org(organization).with_progress().get(pk=pk)
    return found
