"""What can go wrong while a customer's database works. Messages never hold hosts, users, paths, values or SQL."""

from apps.common.errors import AppError, Unavailable


class SourceUnavailable(Unavailable):
    """The data source cannot be reached or does not let us in: one message for all causes, so it tells nobody why."""

    code = "source_unavailable"

    def __init__(self) -> None:
        super().__init__("The data source cannot be reached with the settings that it has.")


class SqlTimeout(AppError):
    """The SQL took longer than it may."""

    code = "sql_timeout"
    status = 504

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(f"The SQL took longer than {timeout_seconds:g} seconds and was stopped.")


class SqlFailed(AppError):
    """The database refused or could not finish the SQL. `condition` is the engine's own code for why."""

    code = "sql_failed"
    status = 422

    def __init__(self, message: str, *, condition: str = "") -> None:
        super().__init__(message, details={"condition": condition} if condition else None)
        self.condition = condition


class Cancelled(AppError):
    """Somebody asked to stop."""

    code = "cancelled"
    status = 409

    def __init__(self) -> None:
        super().__init__("The SQL was cancelled.")
