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


class TooManyColumns(AppError):
    """The SQL brings more columns than it may: cut off, they would be another answer."""

    code = "too_many_columns"
    status = 422

    def __init__(self, found: int, most: int) -> None:
        super().__init__(f"The SQL brings {found} columns; at most {most} are shown. Name the ones that you need.")


class Cancelled(AppError):
    """Somebody asked to stop."""

    code = "cancelled"
    status = 409

    def __init__(self) -> None:
        super().__init__("The SQL was cancelled.")


class SourceUnsafe(AppError):
    """A session's settings are not as asked; the log says which."""

    code = "source_unsafe"
    status = 503

    def __init__(self) -> None:
        super().__init__("The data source does not keep the settings that make it safe to read; it is not used.")


class SourceBusy(Unavailable):
    """Too much is at work in this source, or in all of them together."""

    code = "source_busy"

    def __init__(self) -> None:
        super().__init__("The data source is busy; try again soon.", retry_after_seconds=5)


class SourceCanWrite(AppError):
    """The role may write, or nobody has looked yet."""

    code = "source_can_write"
    status = 409


class DriverMissing(AppError):
    """The kind of data source needs a package that is not installed."""

    code = "driver_missing"
    status = 501

    def __init__(self, kind: str) -> None:
        super().__init__(f"Data sources of the kind {kind} need `pip install -r requirements/{kind}.in`.")
