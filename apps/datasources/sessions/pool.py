"""A source's pooled connections, for sessions with a server: few idle, bounded at work, tried when taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from apps.common.errors import AppError
from apps.datasources.errors import SourceBusy, SourceUnavailable, SqlFailed
from apps.datasources.sessions.places import AT_ONCE_IN_A_SOURCE, WAIT_SECONDS, Places

CONNECT_TIMEOUT_SECONDS = 5
_KEPT_OPEN = 2
_RECYCLE_SECONDS = 1_800

Action = Callable[[Any], None]


class ConnectionPool:
    """Connections of the driver's, made by `connect`.

    `ping` raises for one that is dead, `reset` makes a used one as new, `drop` closes one in an unknown state without
    waiting for it. `failures` are the driver's errors that mean that there is no connection.
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Any],
        ping: Action,
        reset: Action,
        drop: Action,
        failures: tuple[type[Exception], ...],
    ) -> None:
        self._places = Places()
        self._reset, self._drop = reset, drop
        self._failures: tuple[type[Exception], ...] = (*failures, sqlalchemy.exc.SQLAlchemyError, OSError, ValueError)
        self._pool = QueuePool(
            connect,
            pool_size=_KEPT_OPEN,
            max_overflow=AT_ONCE_IN_A_SOURCE - _KEPT_OPEN,
            timeout=WAIT_SECONDS,
            recycle=_RECYCLE_SECONDS,
            reset_on_return=None,
        )

        def look(connection: Any, record: Any, proxy: Any) -> None:
            try:
                ping(connection)
            except failures as error:
                raise sqlalchemy.exc.DisconnectionError from error

        event.listen(self._pool, "checkout", look)

    @contextmanager
    def taken(self) -> Iterator[Any]:
        """One connection for the length of a piece of work. After an error other than the SQL's own it is dropped.

        Raises: SourceUnavailable, SourceBusy, or what `connect` raises of ours.
        """
        with self._places.taken():
            pooled = self._checked_out()
            connection = pooled.driver_connection
            try:
                try:
                    yield connection
                except SqlFailed:
                    self._reset(connection)
                    raise
                self._reset(connection)
            except SqlFailed:
                raise
            except BaseException as error:
                with suppress(*self._failures):
                    self._drop(connection)
                pooled.invalidate()
                if isinstance(error, self._failures) and not isinstance(error, AppError):
                    raise SourceUnavailable from error
                raise
            finally:
                pooled.close()

    def close(self) -> None:
        self._pool.dispose()

    def forget(self) -> None:
        """In a forked child: the parent's connections are the parent's."""
        self._pool = self._pool.recreate()
        self._places = Places()

    def _checked_out(self) -> Any:
        try:
            return self._pool.connect()
        except AppError:
            raise
        except sqlalchemy.exc.TimeoutError as error:
            raise SourceBusy from error
        except self._failures as error:
            raise SourceUnavailable from error
