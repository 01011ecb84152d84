"""Errors of SQLite and DuckDB as ours: messages about names in the SQL get out, everything else by its kind only."""

import re
from collections.abc import Mapping

from apps.datasources.errors import SqlFailed

# The engines' own words for mistakes in the text; what they quote is out of the text.
_ABOUT_THE_SQL = {
    "sqlite": re.compile(
        r"no such (column|table|function|window)|ambiguous column name|near \"|misuse of |wrong number of arguments"
        r"|a GROUP BY clause is required|aggregate functions are not allowed|SELECTs to the left and right"
        r"|\d+(st|nd|rd|th) ORDER BY term|sub-select returns|row value misused|no tables specified"
        r"|table .* has \d+ values for|too many (columns|terms)|cannot join using column|circular reference"
    ),
    "duckdb": re.compile(
        r"(Binder Error: (Referenced (column|table)|Ambiguous reference|Table .* does not have a column|column )"
        r"|Catalog Error: (Table|Scalar Function|Aggregate Function|Function) with name \S+ does not exist"
        r"|Parser Error: syntax error)"
    ),
}
_REFUSED = {"sqlite": {"SQLITE_AUTH"}, "duckdb": {"Permission"}}


def failure_of(engine: str, error: Mapping[str, str]) -> SqlFailed:
    """The error of ours for what the child reported: `message` and `condition`."""
    condition = error.get("condition", "")
    message = error.get("message", "").partition("\n")[0]  # further lines name what else there is
    if _ABOUT_THE_SQL[engine].match(message):
        told = re.sub(r"^\w+ Error: ", "", message).rstrip(".!")
        return SqlFailed(f"The database says: {told}.", condition=condition)
    if condition in _REFUSED[engine]:
        return SqlFailed("The session only allows reading.", condition=condition)
    return SqlFailed("The database could not run the SQL.", condition=condition)
