"""A benchmark's PostgreSQL dump, loaded into a database of its own on a server for such things, and dropped again."""

import uuid
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from apps.common.errors import InvalidInput

from .postgres_source import PostgresSource


class PostgresDump(PostgresSource):
    """Schema, values and rows of one dump. `server_url` is of a role that may make databases."""

    def __init__(self, dump: Path, server_url: str) -> None:
        super().__init__(server_url, f"parley_evaluation_{uuid.uuid4().hex[:12]}")
        self._on_server(SQL("CREATE DATABASE {} TEMPLATE template0"))
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(dump.read_text(encoding="utf-8").encode())
                connection.execute("ANALYZE")
        except (psycopg.Error, OSError, UnicodeDecodeError) as error:
            self.close()
            raise InvalidInput(f"{dump.name} cannot be loaded: {type(error).__name__}.") from error

    def close(self) -> None:
        """Drop the database with whatever still reads it."""
        super().close()
        self._on_server(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"))

    def _on_server(self, statement: SQL) -> None:
        try:
            with psycopg.connect(self._server_url, autocommit=True) as connection:
                connection.execute(statement.format(Identifier(self._name)))
        except psycopg.OperationalError as error:
            raise InvalidInput("The PostgreSQL server for the dumps cannot be reached.") from error
