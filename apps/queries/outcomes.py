"""The ways a query ends without an answer that are nobody's fault."""

from apps.common.errors import AppError


class CannotAnswer(AppError):
    """The data or the words do not suffice; the message says what was missing."""

    code = "cannot_answer"
    status = 422


class Refused(AppError):
    """The question asks for something that Parley never does."""

    code = "refused"
    status = 422


class DeadlinePassed(AppError):
    """The query took longer than the installation allows."""

    code = "deadline_passed"
    status = 504
