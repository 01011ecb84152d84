"""What the platform would do with an engine's readings: the journey's own guard, first look and choice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.clarification.choosing import Ask, Chosen, Policy, Probed, Problem, choose_reading, plausible
from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.datasources.errors import SqlTimeout
from apps.datasources.guard import UnsafeSql

from .database import Database
from .outcome import Status


@dataclass(frozen=True)
class Decision:
    """What would happen, and every reading that the guard lets through with its rows (None where it fails)."""

    status: Status
    probed: tuple[Probed, ...]

    @property
    def best(self) -> Probed | None:
        """The likeliest reading, answered with or not."""
        return self.probed[0] if self.probed else None


def decide(readings: Sequence[Reading], *, database: Database, policy: Policy) -> Decision:
    """Judge, run and choose as for a person's query, with all rows so that results can be compared."""
    checked = [one for reading in readings if (one := _checked(reading, database)) is not None]
    probed = tuple(_looked_at(one, database) for one in checked)
    if not probed:
        return Decision(Status.FAILED if readings else Status.DECLINED, ())
    rivals = {id(one) for one in plausible([one.reading for one in probed])}
    choice = choose_reading([one for one in probed if id(one.reading) in rivals], policy)
    if isinstance(choice, Ask):
        return Decision(Status.ASKED, probed)
    if not isinstance(choice, Chosen):
        return Decision(Status.DECLINED, probed)
    return Decision(Status.ANSWERED if choice.probed.result is not None else Status.FAILED, probed)


def decide_without_rows(readings: Sequence[Reading], threshold: float) -> Status:
    """The same where there are no rows to compare: readings that part at a point of the question count as different."""
    if not readings:
        return Status.DECLINED
    near = plausible(readings)
    parted = [one for one in near if one.choices and set(one.choices) != set(near[0].choices)]
    if parted and near[0].choices and near[0].score + sum(one.score for one in parted) >= threshold:
        return Status.ASKED
    return Status.ANSWERED if near[0].score >= threshold else Status.DECLINED


def _checked(reading: Reading, database: Database) -> Probed | None:
    try:
        return Probed(reading, database.check(reading.tree.sql(dialect=database.schema.dialect)))
    except UnsafeSql:
        return None


def _looked_at(one: Probed, database: Database) -> Probed:
    try:
        return replace(one, result=database.run(one.safe_sql))
    except SqlTimeout:
        return replace(one, problem=Problem.UNSEEN)
    except AppError:
        return replace(one, problem=Problem.BROKEN)
