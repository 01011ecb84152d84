"""Rows that leave in a file, charged before they leave."""

from collections.abc import Iterator

from django.utils import timezone

from apps.accounts.models import Measure
from apps.accounts.quotas import Payer, charge, give_back
from apps.accounts.row_security import organization_scope
from apps.common.connections import release_connection
from apps.common.ids import uuid7
from apps.datasources.results import Row


class ExportAccount:
    """The charge of one download: what is known to come at once, what comes beyond it before it is handed on.

    A download that is broken off gets back what it did not hand on; one whose process dies does not.
    """

    def __init__(self, payer: Payer, expected: int) -> None:
        """Raises QuotaExceeded if the expected rows go beyond a quota."""
        self._payer = payer
        self._reference = f"export:{uuid7()}"
        self._parts = 0
        self._charged = 0
        self._handed_on = 0
        self._charged_on = timezone.localdate()  # only what was expected can be left over, and that is charged now
        self._charge(expected)

    def counted(self, batches: Iterator[list[Row]]) -> Iterator[list[Row]]:
        """The same batches. Raises QuotaExceeded in their middle, which ends the download short of its rows."""
        for rows in batches:
            beyond = self._handed_on + len(rows) - self._charged
            if beyond > 0:
                self._charge(beyond)
            self._handed_on += len(rows)
            yield rows

    def settle(self) -> None:
        """Give back what was charged and not handed on, once."""
        unused, self._charged = self._charged - self._handed_on, self._handed_on
        with organization_scope(self._payer.organization.pk):
            give_back(
                self._payer, Measure.ROWS_EXPORTED, unused,
                reference=f"{self._reference}:unused", charged_on=self._charged_on,
            )  # fmt: skip
        release_connection()

    def _charge(self, rows: int) -> None:
        self._parts += 1
        with organization_scope(self._payer.organization.pk):  # the request that began the download may have ended
            charge(self._payer, Measure.ROWS_EXPORTED, rows, reference=f"{self._reference}:{self._parts}")
        self._charged += rows
        release_connection()
