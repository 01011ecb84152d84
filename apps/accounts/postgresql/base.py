"""Django's PostgreSQL backend, with each connection's settings kept at the scope of the code that uses it."""

from collections.abc import Callable
from typing import Any

from django_prometheus.db.backends.postgresql import base

from apps.accounts.row_security import EVERYTHING, current_scope

RUNNING_ROLE = "parley_running"
OWNER_ALIAS = "owner"
_TAKE_ROLE = "SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = %s"
_SET_SCOPE = "SELECT set_config('parley.organization', %s, false), set_config('parley.across', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]  # the package has no types
    """Before each statement, the connection is told the scope if it last heard of another.

    What a connection was told is forgotten where the server may have forgotten it too: a roll-back undoes a setting
    that its transaction made, and a connection out of the pool was somebody else's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: str | None = None
        self.execute_wrappers.append(self._in_scope)

    def _in_scope(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        scope = current_scope()
        if self._told != scope:
            self._tell(scope)
        return execute(sql, params, many, context)

    def _tell(self, scope: str) -> None:
        organization, across = ("", "on") if scope == EVERYTHING else (scope, "off")
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_SET_SCOPE, [organization, across])
        self._told = scope

    def get_new_connection(self, conn_params: Any) -> Any:
        self._told = None
        connection = super().get_new_connection(conn_params)
        if self.alias != OWNER_ALIAS and connection.info.parameter_status("is_superuser") == "on":
            self._step_down(connection)
        return connection

    @staticmethod
    def _step_down(connection: Any) -> None:
        """A superuser passes by every policy, so one that is to run the platform takes a role that cannot.

        Before the first migration that role does not exist; nor do the rows.
        """
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_ROLE, [RUNNING_ROLE])
        if not connection.autocommit:
            connection.commit()

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        self._told = current_scope()  # a failed transaction takes no statement before its roll-back
        super()._savepoint_rollback(sid)
        self._told = None
