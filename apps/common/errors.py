"""Errors that may be shown. Whatever is not one of these is a bug and answers a plain 500."""

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """An expected failure. `message` is always safe to show to the person who caused it.

    `code` is stable and machine-readable, `status` the HTTP status that fits, `details` names the
    fields at fault where there are any, `retry_after_seconds` fills the Retry-After header.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        self.retry_after_seconds = retry_after_seconds
        self.error_code = code or self.code


class InvalidInput(AppError):
    """What came in does not have the right shape; `details` names the fields."""

    code = "invalid_input"
    status = 400


class NotFound(AppError):
    """Not there, or not yours: the two look the same."""

    code = "not_found"
    status = 404


class Conflict(AppError):
    """The request contradicts what is already recorded."""

    code = "conflict"
    status = 409


class Unavailable(AppError):
    """Something that we depend on does not answer now; trying again may help."""

    code = "unavailable"
    status = 503
