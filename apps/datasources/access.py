"""What one person may read of one data source, as plain values for the guard. No Django here."""

from dataclasses import dataclass

from apps.datasources.schema import Schema


@dataclass(frozen=True)
class Access:
    """`schema` holds only what this person may see: what is not in it does not exist for them.

    `functions` are names that an administrator allowed for this source beside the dialect's own list,
    in lower case, with their schema where they have one ("sales.net_price").
    """

    schema: Schema
    functions: frozenset[str] = frozenset()
