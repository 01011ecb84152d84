"""Names of tables and columns in SQL of ours: always quoted, and only here. No Django here."""

from sqlglot import exp

from apps.common.errors import InvalidInput
from apps.datasources.schema import Table


def identifier(name: str) -> exp.Identifier:
    """The name as a node that is written quoted. Raises InvalidInput for a name that no engine can have."""
    if not name or "\0" in name:
        raise InvalidInput("This is no name of a table or column.")
    return exp.to_identifier(name, quoted=True)


def quoted(name: str, dialect: str) -> str:
    """The name as it stands in SQL of that dialect."""
    return identifier(name).sql(dialect=dialect)


def reference(table: Table) -> exp.Table:
    """The table as a node, in its namespace where it has one."""
    return exp.table_(identifier(table.name), db=identifier(table.namespace) if table.namespace else None)
