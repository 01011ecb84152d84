"""Where a data source is and how to sign in to it, as one value. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from apps.common.errors import InvalidInput
from apps.common.hosts import PUBLIC_ONLY, HostPolicy
from apps.datasources.options import check_options


class SourceKind(StrEnum):
    """The kinds of data source that can be run."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"
    DUCKDB = "duckdb"
    TSQL = "tsql"
    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"
    TRINO = "trino"

    @property
    def is_file(self) -> bool:
        """A file of this machine rather than a server."""
        return self in (SourceKind.SQLITE, SourceKind.DUCKDB)

    @property
    def has_host(self) -> bool:
        """A server that is named by its host; Snowflake and BigQuery are named by an account."""
        return self in (SourceKind.POSTGRES, SourceKind.MYSQL, SourceKind.TSQL, SourceKind.TRINO)


# The schema in which each kind looks up unqualified names, where the options name none.
_DEFAULT_NAMESPACES: Mapping[SourceKind, str] = MappingProxyType(
    {
        SourceKind.POSTGRES: "public",
        SourceKind.DUCKDB: "main",
        SourceKind.TSQL: "dbo",
        SourceKind.SNOWFLAKE: "PUBLIC",
    }
)


@dataclass(frozen=True)
class SourceAddress:
    """One data source's address. `id` names its pool; a changed password or host under the same id makes a new one.

    `host` may be the absolute folder of a Unix socket where `hosts` allows it: every connect is checked against
    `hosts` anew. `path` is the absolute path of a file, for kinds that are files.
    """

    id: str
    kind: SourceKind
    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    hosts: HostPolicy = PUBLIC_ONLY

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", SourceKind(self.kind))
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        wrong = check_options(self.kind.value, self.options)
        if wrong:
            raise InvalidInput(wrong[0], details={"options": wrong})

    @property
    def dialect(self) -> str:
        """The name of its SQL, as sqlglot calls it."""
        return self.kind.value

    @property
    def default_namespace(self) -> str | None:
        """The schema in which unqualified names are looked up; None where the kind has none."""
        if self.kind in (SourceKind.MYSQL, SourceKind.BIGQUERY):
            return self.database
        named = self.options.get("default_namespace")
        return str(named) if named else _DEFAULT_NAMESPACES.get(self.kind)

    def key(self) -> tuple[object, ...]:
        """All that makes a connection: equal keys may share a pool."""
        parts = (self.id, self.kind, self.host, self.port, self.database, self.user, self.password, self.path)
        return (*parts, tuple(sorted(self.options.items())), self.hosts)
