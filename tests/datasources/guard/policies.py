"""Small tables under a policy, and the same tables as they would be if they held only what the policy shows."""

from apps.datasources.access import Access, Mask, MaskKind, Restriction
from apps.datasources.schema import Column, ColumnType, Schema, Table

NAMESPACES = {"postgres": "public", "sqlite": None}
COLUMNS = {
    "customers": {"id": "integer", "name": "text", "email": "text", "country": "text", "salary": "integer"},
    "orders": {"id": "integer", "customer_id": "integer", "amount": "integer", "country": "text"},
    "products": {"id": "integer", "name": "text", "amount": "integer"},
}
ROWS = {
    "customers": [
        (1, "Ada", "ada@acme.example", "DE", 5),
        (2, "Bo", "bo@acme.example", "FR", 6),
        (3, "Cy", "cy", "DE", 7),
        (4, "Di", None, None, 8),
        (5, "Ed", "ed@acme.example", "DE", None),
    ],
    "orders": [
        (1, 1, 10, "DE"),
        (2, 1, 20, "FR"),
        (3, 2, 30, "DE"),
        (4, 3, None, "DE"),
        (5, None, 50, None),
        (6, 5, 10, "DE"),
    ],
    "products": [(1, "Ada", 10), (2, "Bo", 20), (3, None, None)],
}
# What the policy below leaves of them, worked out by hand.
SEEN_COLUMNS = {
    "customers": {"id": "integer", "name": "text", "email": "text", "country": "text"},
    "orders": {"id": "integer", "customer_id": "integer", "amount": "integer"},
    "products": COLUMNS["products"],
}
SEEN_ROWS = {
    "customers": [
        (1, "Ada", "****mple", None),
        (3, "Cy", "****", None),
        (5, "Ed", "****mple", None),
    ],
    "orders": [(1, 1, 10), (3, 2, 30), (4, 3, None), (6, 5, 10)],
    "products": ROWS["products"],
}
TYPES = {"integer": ColumnType.INTEGER, "text": ColumnType.TEXT}


def schema(dialect: str, columns: dict[str, dict[str, str]] = SEEN_COLUMNS) -> Schema:
    """The tables with these columns."""
    namespace = NAMESPACES[dialect]
    tables = tuple(
        Table(name, tuple(Column(one, TYPES[kind], kind) for one, kind in held.items()), namespace=namespace)
        for name, held in columns.items()
    )
    return Schema(dialect, tables, default_namespace=namespace)


def policied(dialect: str, country: str = "DE") -> Access:
    """Customers and orders of one country; no salaries, no countries of orders; e-mail and country masked."""
    namespace, values = NAMESPACES[dialect], (("country", country),)
    return Access(
        schema(dialect),
        restrictions=(
            Restriction(
                "customers",
                namespace,
                tuple(SEEN_COLUMNS["customers"]),
                (("email", Mask(MaskKind.LAST_FOUR)), ("country", Mask(MaskKind.NULL))),
                "country = :country",
                values,
            ),
            Restriction("orders", namespace, tuple(SEEN_COLUMNS["orders"]), (), "country = :country", values),
        ),
        policy="of the tests",
    )


def ddl(columns: dict[str, dict[str, str]]) -> list[str]:
    """The statements that make these tables."""
    return [
        f"CREATE TABLE {name} ({', '.join(f'{one} {kind}' for one, kind in held.items())})"
        for name, held in columns.items()
    ]


def inserts(rows: dict[str, list[tuple[object, ...]]]) -> list[str]:
    """The statements that fill them."""
    return [
        f"INSERT INTO {name} VALUES ({', '.join(map(_literal, row))})" for name, held in rows.items() for row in held
    ]


def _literal(value: object) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"
