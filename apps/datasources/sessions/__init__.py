"""One session per data source and process, made on first use and dropped when its address changes."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.sessions.base import Session
from apps.datasources.sessions.embedded import EmbeddedSession
from apps.datasources.sessions.mysql import MySqlSession
from apps.datasources.sessions.postgres import PostgresSession
from apps.datasources.sessions.warehouse import WarehouseSession
from apps.datasources.sessions.warehouse_kinds import PROFILES


def _warehouse(address: SourceAddress) -> Session:
    return WarehouseSession(address, PROFILES[address.kind])


_MAKERS: Mapping[SourceKind, Callable[[SourceAddress], Session]] = {
    SourceKind.POSTGRES: PostgresSession,
    SourceKind.MYSQL: MySqlSession,
    SourceKind.SQLITE: EmbeddedSession,
    SourceKind.DUCKDB: EmbeddedSession,
    **dict.fromkeys(PROFILES, _warehouse),
}


class SessionRegistry:
    """Keeps the most recently used sessions of this process open."""

    def __init__(self, most: int = 40) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, tuple[tuple[object, ...], Session]] = OrderedDict()

    def get(self, address: SourceAddress) -> Session:
        """The session for this address; one of the same id but another address is closed."""
        closing: list[Session] = []
        with self._lock:
            key, session = self._sessions.get(address.id, ((), None))
            if session is None or key != address.key():
                if session is not None:
                    closing.append(session)
                session = _MAKERS[address.kind](address)
                self._sessions[address.id] = (address.key(), session)
            self._sessions.move_to_end(address.id)
            while len(self._sessions) > self._most:
                closing.append(self._sessions.popitem(last=False)[1][1])
        for old in closing:
            old.close()
        return session

    def close(self, source_id: str) -> None:
        """Close the session of one data source, for when it is deleted."""
        with self._lock:
            entry = self._sessions.pop(source_id, None)
        if entry:
            entry[1].close()

    def forget(self) -> None:
        """In a forked child: start empty, and leave the parent's connections to the parent."""
        self._lock = threading.Lock()
        for _, session in self._sessions.values():
            session.forget()
        self._sessions.clear()


sessions = SessionRegistry()
os.register_at_fork(after_in_child=sessions.forget)


def session_for(address: SourceAddress) -> Session:
    """This process's session for that address."""
    return sessions.get(address)
