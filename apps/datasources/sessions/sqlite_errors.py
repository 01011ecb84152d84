"""SQLite's errors as ours: messages about names in the SQL get out, everything else by its kind only."""

import re
from collections.abc import Mapping

from apps.datasources.errors import SqlFailed

# SQLite's own words for mistakes in the text; what they quote is out of the text.
_ABOUT_THE_SQL = re.compile(
    r"no such (column|table|function|window)|ambiguous column name|near \"|misuse of |wrong number of arguments"
    r"|a GROUP BY clause is required|aggregate functions are not allowed|SELECTs to the left and right"
    r"|\d+(st|nd|rd|th) ORDER BY term|sub-select returns|row value misused|no tables specified"
    r"|table .* has \d+ values for|too many (columns|terms)|cannot join using column|circular reference"
)


def failure_of(error: Mapping[str, str]) -> SqlFailed:
    """The error of ours for what the worker reported: `message` and `condition`."""
    condition = error.get("condition", "")
    message = error.get("message", "")
    if _ABOUT_THE_SQL.match(message):
        return SqlFailed(f"The database says: {message}.", condition=condition)
    if condition == "SQLITE_AUTH":
        return SqlFailed("The session only allows reading.", condition=condition)
    return SqlFailed("The database could not run the SQL.", condition=condition)
