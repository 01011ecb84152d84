"""What a MySQL role may do beside reading, out of its own grants."""

import re
from typing import Any

import pymysql

# Privileges that change nothing and reach no file.
_READING = frozenset(
    {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "SHOW CREATE ROUTINE", "REFERENCES", "EVENT READ"}
)
_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON (?P<object>.+?) TO .+", re.DOTALL)
_ROLE = re.compile(r"GRANT (?P<roles>`.+) TO .+", re.DOTALL)
_QUOTED = re.compile(r"(`(?:[^`]|``)*`)(?:@(?:`[^`]*`|'[^']*'|\S+?))?(?=,|$)")
_MOST_ROLES = 50


def writes_of(cursor: Any) -> list[str]:
    """In words: each privilege that is more than reading, and on what. Roles are followed, active or not."""
    found: dict[str, None] = {}
    waiting, seen = ["CURRENT_USER()"], set[str]()
    while waiting and len(seen) < _MOST_ROLES:
        grantee = waiting.pop()
        if grantee in seen:
            continue
        seen.add(grantee)
        try:
            lines = _grants_of(cursor, grantee)
        except pymysql.MySQLError:
            found.setdefault(f"whatever the role {grantee} allows, which it may not look up")
            continue
        for line in lines:
            found.update(dict.fromkeys(writes_in(line)))
            waiting += roles_in(line)
    if waiting:
        found.setdefault("whatever its other roles allow")
    return list(found)


def _grants_of(cursor: Any, grantee: str) -> list[str]:
    """The lines of SHOW GRANTS. MariaDB shows a role's to a member only while it is the active one."""
    try:
        cursor.execute(f"SHOW GRANTS FOR {grantee}")
        return [str(row[0]) for row in cursor.fetchall()]
    except pymysql.MySQLError:
        cursor.execute(f"SET ROLE {grantee}")
    try:
        cursor.execute("SHOW GRANTS")
        return [str(row[0]) for row in cursor.fetchall()]
    finally:
        cursor.execute("SET ROLE NONE")


def writes_in(grant: str) -> list[str]:
    """What one line of SHOW GRANTS allows beside reading."""
    match = _GRANT.fullmatch(grant)
    if match is None:
        return []
    named = [re.sub(r"\s*\(.*", "", one.strip(), flags=re.DOTALL) for one in _split(match["privileges"])]
    wrong = [one for one in named if one.upper() not in _READING]
    if "WITH GRANT OPTION" in grant[match.end("object") :]:
        wrong.append("GRANT OPTION")
    return [f"{one} on {match['object']}" for one in wrong]


def roles_in(grant: str) -> list[str]:
    """The roles that one line gives, quoted as the server quotes them."""
    match = _ROLE.fullmatch(grant)
    if match is None or _GRANT.fullmatch(grant):
        return []
    return [one.group(0).strip() for one in _QUOTED.finditer(match["roles"])]


def _split(privileges: str) -> list[str]:
    """At commas outside brackets: SELECT (a, b), UPDATE."""
    return re.split(r",\s*(?![^()]*\))", privileges)
