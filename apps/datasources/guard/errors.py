"""Why the guard says no: one closed list of codes, one exception."""

from enum import StrEnum

from apps.common.errors import AppError


class Refusal(StrEnum):
    """Every reason for which a statement is refused. Clients may rely on these names."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    FORBIDDEN_CHARACTER = "forbidden_character"
    EXECUTABLE_COMMENT = "executable_comment"
    CANNOT_PARSE = "cannot_parse"
    NOT_ONE_STATEMENT = "not_one_statement"
    NOT_A_SELECT = "not_a_select"
    FORBIDDEN_NODE = "forbidden_node"
    FORBIDDEN_FUNCTION = "forbidden_function"
    UNKNOWN_TABLE = "unknown_table"
    UNKNOWN_COLUMN = "unknown_column"
    UNSTABLE_TEXT = "unstable_text"
    UNKNOWN_DIALECT = "unknown_dialect"


class UnsafeSql(AppError):
    """The guard refuses this statement. `error_code` is one of `Refusal`; the message names the part at fault."""

    code = "unsafe_sql"
    status = 422

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message, code=refusal.value)
        self.refusal = refusal
