"""What the platform would do with an engine's readings: the journey's own guard, first look and choice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apps.clarification.choosing import Ask, Chosen, Policy, Probed, choose_reading, plausible
from apps.clarification.readings import Reading
from apps.common.errors import AppError
from apps.datasources.access import Access
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.execution import Limits, execute
from apps.datasources.guard import UnsafeSql, check_sql
from apps.datasources.results import ResultSet
from apps.datasources.schema import Schema

from .outcome import Status

ROW_CAP = 100_000
BYTES = 256 * 1024 * 1024
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Decision:
    """What would happen, and every reading that the guard lets through with its rows (None where it fails)."""

    status: Status
    probed: tuple[Probed, ...]

    @property
    def best(self) -> Probed | None:
        """The likeliest reading, answered with or not."""
        return self.probed[0] if self.probed else None


def decide(readings: Sequence[Reading], *, schema: Schema, file: Path, threshold: float) -> Decision:
    """Judge, run and choose as for a person's query, with all rows so that results can be compared."""
    address = SourceAddress(id=f"evaluation:{file}", kind=SourceKind.SQLITE, path=str(file.resolve()))
    checked = [one for reading in readings if (one := _checked(reading, schema)) is not None]
    probed = tuple(replace(one, result=_rows(one, address)) for one in checked)
    if not probed:
        return Decision(Status.DECLINED if not readings else Status.FAILED, ())
    rivals = {id(one) for one in plausible([one.reading for one in probed])}
    choice = choose_reading([one for one in probed if id(one.reading) in rivals], Policy(threshold))
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


def _checked(reading: Reading, schema: Schema) -> Probed | None:
    try:
        sql = reading.tree.sql(dialect=schema.dialect)
        return Probed(reading, check_sql(sql, dialect=schema.dialect, access=Access(schema), row_limit=ROW_CAP))
    except UnsafeSql:
        return None


def _rows(one: Probed, address: SourceAddress) -> ResultSet | None:
    limits = Limits(rows=ROW_CAP, bytes=BYTES, timeout_seconds=TIMEOUT_SECONDS)
    try:
        return execute(one.safe_sql, address, limits=limits)
    except AppError:
        return None
