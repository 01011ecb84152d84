"""MySQL's errors as ours: only what the person wrote and the kind of failure get out, never values or places."""

import pymysql

from apps.common.errors import AppError
from apps.datasources.errors import SourceUnavailable, SqlFailed

# Their messages quote only the SQL itself.
_ABOUT_THE_SQL = frozenset({1052, 1054, 1055, 1060, 1064, 1066, 1111, 1140, 1222, 1241, 1242, 1247, 1248, 1582})
# These also name the database, so they get words of ours.
_IN_OUR_WORDS = {
    1046: "A table in the SQL has no database.",
    1142: "The role may not do that.",
    1143: "The role may not read a column in the SQL.",
    1146: "A table in the SQL does not exist.",
    1305: "A function in the SQL does not exist.",
    1630: "A function in the SQL does not exist.",
}
_ONLY_READING = frozenset({1223, 1290, 1792, 1227, 1148, 1235, 3948, 4166})
# No connection, or none left: client errors (2000 and up), sign-in, limits of connections, shutdown.
_UNAVAILABLE = frozenset(
    {1040, 1042, 1043, 1044, 1045, 1049, 1053, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1203, 1226}
)
_TIMEOUTS = frozenset({1317, 1969, 3024, 1205})


def is_timeout(error: pymysql.MySQLError) -> bool:
    """Whether the server ended the statement for its time."""
    return _code(error) in _TIMEOUTS


def failure_of(error: pymysql.MySQLError) -> AppError:
    """The error of ours for this one."""
    code = _code(error)
    if not code or code in _UNAVAILABLE or 2000 <= code < 3000:
        return SourceUnavailable()
    if code in _ABOUT_THE_SQL:
        return SqlFailed(f"The database says: {str(error.args[1])[:500]}.", condition=str(code))
    if code in _ONLY_READING:
        return SqlFailed("The session only allows reading.", condition=str(code))
    return SqlFailed(_IN_OUR_WORDS.get(code, "The database could not run the SQL."), condition=str(code))


def _code(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0
