"""Where a data source is and how to sign in to it, as one value. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from apps.common.errors import InvalidInput


class SourceKind(StrEnum):
    """The kinds of data source that can be run."""

    POSTGRES = "postgres"
    SQLITE = "sqlite"


# Driver options can read files, load code or undo the read-only session, so only these exist.
_OPTIONS: Mapping[SourceKind, frozenset[str]] = MappingProxyType(
    {
        SourceKind.POSTGRES: frozenset({"sslmode", "default_namespace"}),
        SourceKind.SQLITE: frozenset(),
    }
)


@dataclass(frozen=True)
class SourceAddress:
    """One data source's address. `id` names its pool; a changed password or host under the same id makes a new one.

    `host` may be the absolute folder of a Unix socket. `path` is the absolute path of a file, for kinds that are files.
    """

    id: str
    kind: SourceKind
    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", SourceKind(self.kind))
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        unknown = sorted(set(self.options) - _OPTIONS[self.kind])
        if unknown:
            raise InvalidInput(f"Unknown option: {unknown[0]}.", details={"options": unknown})

    @property
    def dialect(self) -> str:
        """The name of its SQL, as sqlglot calls it."""
        return self.kind.value

    @property
    def default_namespace(self) -> str | None:
        """The schema in which unqualified names are looked up; None where the kind has none."""
        if self.kind is SourceKind.POSTGRES:
            return self.options.get("default_namespace", "public")
        return None

    def key(self) -> tuple[object, ...]:
        """All that makes a connection: equal keys may share a pool."""
        parts = (self.id, self.kind, self.host, self.port, self.database, self.user, self.password, self.path)
        return (*parts, tuple(sorted(self.options.items())))
