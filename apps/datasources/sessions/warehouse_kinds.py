"""How each engine behind an extra is reached, and what keeps it to reading. None of these ran here on a real engine.

`docs/data-sources.md` says so to people, kind by kind; the drivers are imported when a source of the kind is used.
"""

import json
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from apps.common.hosts import HostRefused, check_host
from apps.datasources.address import SourceAddress, SourceKind
from apps.datasources.errors import SourceUnavailable
from apps.datasources.options import ENCRYPT, OFF, VERIFY
from apps.datasources.sessions.pinned_http import pinned_session
from apps.datasources.sessions.pool import CONNECT_TIMEOUT_SECONDS
from apps.datasources.sessions.warehouse import Profile

_STATEMENT_SECONDS = 300
_SCAN_BYTES = 10 * 1024**3
_GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"


def _connect_tsql(address: SourceAddress) -> Any:
    """By ODBC Driver 18, to an address that was checked; the certificate must be the host's."""
    import pyodbc

    host = _checked(address)
    tls = address.options.get("tls", VERIFY)
    parts = {
        "Driver": "ODBC Driver 18 for SQL Server",
        "Server": f"tcp:{host.addresses[0]},{address.port or 1433}",
        "HostNameInCertificate": host.name,
        "Database": address.database,
        "UID": address.user,
        "PWD": address.password,
        "ApplicationIntent": "ReadOnly",
        "Encrypt": "no" if tls == OFF else "yes",
        "TrustServerCertificate": "yes" if tls in (OFF, ENCRYPT) else "no",
        "MARS_Connection": "no",
        "APP": "parley",
    }
    text = ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in parts.items())
    connection = pyodbc.connect(text, autocommit=False, timeout=CONNECT_TIMEOUT_SECONDS)
    connection.timeout = _STATEMENT_SECONDS
    return connection


def _connect_snowflake(address: SourceAddress) -> Any:
    """To the account that the host names; one statement at a time."""
    import snowflake.connector

    return snowflake.connector.connect(
        account=address.host,
        user=address.user,
        password=address.password,
        database=address.database,
        schema=address.default_namespace,
        warehouse=address.options.get("warehouse"),
        role=address.options.get("role"),
        login_timeout=CONNECT_TIMEOUT_SECONDS,
        network_timeout=_STATEMENT_SECONDS,
        application="parley",
        autocommit=False,
        session_parameters={
            "STATEMENT_TIMEOUT_IN_SECONDS": _STATEMENT_SECONDS,
            "MULTI_STATEMENT_COUNT": 1,
            "ABORT_DETACHED_QUERY": True,
            "TIMEZONE": "UTC",
        },
    )


def _connect_bigquery(address: SourceAddress) -> Any:
    """With the service account's key out of the password, never with credentials that this machine has."""
    from google.cloud import bigquery
    from google.cloud.bigquery import dbapi
    from google.oauth2 import service_account

    credentials = service_account.Credentials.from_service_account_info(
        service_account_key(address.password), scopes=["https://www.googleapis.com/auth/bigquery.readonly"]
    )
    settings = bigquery.QueryJobConfig(
        default_dataset=f"{address.host}.{address.database}",
        maximum_bytes_billed=address.options.get("maximum_bytes_billed", _SCAN_BYTES),
        use_legacy_sql=False,
        job_timeout_ms=_STATEMENT_SECONDS * 1000,
    )
    client = bigquery.Client(project=address.host, credentials=credentials, default_query_job_config=settings)
    return dbapi.connect(client)


def service_account_key(text: str) -> dict[str, Any]:
    """The key, which names Google's own place for tokens and no other. Raises SourceUnavailable."""
    try:
        key = json.loads(text)
        is_usable = key["type"] == "service_account" and key["token_uri"] == _GOOGLE_TOKENS
    except (ValueError, KeyError, TypeError) as error:
        raise SourceUnavailable from error
    if not is_usable:
        raise SourceUnavailable
    return dict(key)


def _connect_trino(address: SourceAddress) -> Any:
    """Over HTTPS to an address that was checked, also for the further addresses that the server's answers name."""
    import trino

    host = _checked(address)
    return trino.dbapi.connect(
        host=host.name,
        port=address.port or 443,
        user=address.user,
        auth=trino.auth.BasicAuthentication(address.user, address.password) if address.password else None,
        catalog=address.options.get("catalog", address.database),
        schema=address.default_namespace,
        http_scheme="https",
        http_session=pinned_session(host, address.port or 443, ssl.create_default_context()),
        session_properties={
            "query_max_run_time": f"{_STATEMENT_SECONDS}s",
            "query_max_execution_time": f"{_STATEMENT_SECONDS}s",
        },
        source="parley",
        request_timeout=CONNECT_TIMEOUT_SECONDS,
        max_attempts=1,
    )


def _checked(address: SourceAddress) -> Any:
    try:
        host = check_host(address.host, address.hosts)
    except HostRefused as error:
        raise SourceUnavailable from error
    if not host.addresses:
        raise SourceUnavailable
    return host


def _cancel(cursor: Any) -> None:
    cursor.cancel()


def _cancel_snowflake(cursor: Any) -> None:
    cursor.abort_query(cursor.sfqid)


def _cancel_bigquery(cursor: Any) -> None:
    if cursor.query_job is not None:
        cursor.query_job.cancel()


_TSQL_GRANTS = (
    "SELECT 'is a member of ' + name FROM sys.server_principals WHERE type = 'R' AND name <> 'public'"
    " AND IS_SRVROLEMEMBER(name) = 1",
    "SELECT 'is a member of ' + name FROM sys.database_principals WHERE type = 'R' AND IS_MEMBER(name) = 1"
    " AND name NOT IN ('public', 'db_datareader', 'db_denydatawriter')",
    "SELECT permission_name + ' on the database' FROM fn_my_permissions(NULL, 'DATABASE') WHERE permission_name"
    " NOT IN ('CONNECT', 'SELECT', 'VIEW DEFINITION', 'VIEW ANY COLUMN MASTER KEY DEFINITION',"
    " 'VIEW ANY COLUMN ENCRYPTION KEY DEFINITION', 'SHOWPLAN', 'VIEW DATABASE STATE',"
    " 'VIEW DATABASE PERFORMANCE STATE')",
    "SELECT TOP 20 p.permission_name + ' on ' + SCHEMA_NAME(o.schema_id) + '.' + o.name FROM sys.objects AS o"
    " CROSS APPLY fn_my_permissions(QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name), 'OBJECT') AS p"
    " WHERE o.is_ms_shipped = 0 AND p.subentity_name = '' AND p.permission_name NOT IN"
    " ('SELECT', 'VIEW DEFINITION', 'REFERENCES', 'VIEW CHANGE TRACKING')",
)

PROFILES: Mapping[SourceKind, Profile] = MappingProxyType(
    {
        SourceKind.TSQL: Profile(
            package="pyodbc",
            connect=_connect_tsql,
            dialect="mssql+pyodbc",
            cancel=_cancel,
            settings=("SET LOCK_TIMEOUT 2000; SET XACT_ABORT ON; SET QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON",),
            read_back=("SELECT @@LOCK_TIMEOUT, SESSIONPROPERTY('QUOTED_IDENTIFIER')", (2000, 1)),
            grants=_TSQL_GRANTS,
        ),
        SourceKind.SNOWFLAKE: Profile(
            package="snowflake.connector",
            connect=_connect_snowflake,
            dialect="snowflake",
            cancel=_cancel_snowflake,
        ),
        SourceKind.BIGQUERY: Profile(
            package="google.cloud.bigquery",
            connect=_connect_bigquery,
            dialect="bigquery",
            cancel=_cancel_bigquery,
        ),
        SourceKind.TRINO: Profile(
            package="trino",
            connect=_connect_trino,
            dialect="trino",
            cancel=_cancel,
        ),
    }
)
