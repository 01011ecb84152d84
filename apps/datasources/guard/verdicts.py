"""Remembers what the guard said, released and refused alike, for as long as neither policy nor schema changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields

from apps.datasources.access import Access
from apps.datasources.guard.errors import Refusal, UnsafeSql
from apps.datasources.guard.safe_sql import SafeSql

MOST_VERDICTS = 4_096
MOST_BYTES = 16 * 1024 * 1024
# What an entry weighs beside its texts, roughly.
_OVERHEAD_BYTES = 500


@dataclass(frozen=True, slots=True)
class _Refused:
    """A refusal and what caused it, such as the parser's words, without the tracebacks and with them the frames."""

    refusal: Refusal
    message: str
    cause: BaseException | None


class VerdictCache:
    """The most recently used verdicts, bounded in number and in bytes. Shared by threads."""

    def __init__(self, most: int = MOST_VERDICTS, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._verdicts: OrderedDict[Hashable, tuple[SafeSql | _Refused, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._verdicts)

    @property
    def bytes(self) -> int:
        """About how much memory the verdicts take."""
        return self._bytes

    def judge(self, sql: str, key: Hashable, check: Callable[[], SafeSql]) -> SafeSql:
        """The verdict on this text under this key: remembered, or else what `check` says. Raises UnsafeSql."""
        full_key = (sql, key)
        with self._lock:
            found = self._verdicts.get(full_key)
            if found:
                self._verdicts.move_to_end(full_key)
        if found is None:
            verdict = _verdict(check)
            self._keep(full_key, verdict, _weight(sql, verdict))
        else:
            verdict = found[0]
        if isinstance(verdict, _Refused):
            raise UnsafeSql(verdict.refusal, verdict.message) from verdict.cause
        return verdict

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._verdicts.clear()
            self._bytes = 0

    def _keep(self, key: Hashable, verdict: SafeSql | _Refused, weight: int) -> None:
        if weight > self._most_bytes:
            return
        with self._lock:
            replaced = self._verdicts.pop(key, None)
            self._bytes += weight - (replaced[1] if replaced else 0)
            self._verdicts[key] = (verdict, weight)
            while len(self._verdicts) > self._most or self._bytes > self._most_bytes:
                self._bytes -= self._verdicts.popitem(last=False)[1][1]


def fingerprint(access: Access | None) -> Hashable:
    """All of an access that a verdict may depend on, cheap to compare: its schema counts by its version."""
    if access is None:
        return None
    schema = access.schema
    others = (getattr(access, field.name) for field in fields(access) if field.compare and field.name != "schema")
    return (schema.dialect, schema.version, schema.default_namespace, *others)


def _verdict(check: Callable[[], SafeSql]) -> SafeSql | _Refused:
    try:
        return check()
    except UnsafeSql as error:
        return _Refused(error.refusal, error.message, _bare(error.__cause__))


def _bare(cause: BaseException | None) -> BaseException | None:
    if cause is not None:
        cause.__cause__ = cause.__context__ = None
        cause.with_traceback(None)
    return cause


def _weight(sql: str, verdict: SafeSql | _Refused) -> int:
    """Bytes, counting four for each character: the widest that Python keeps."""
    text = verdict.text if isinstance(verdict, SafeSql) else verdict.message
    return 4 * (len(sql) + len(text)) + _OVERHEAD_BYTES
