"""Customers' databases and their schemas as last read."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from apps.accounts.models import Membership, Role
from apps.accounts.tenancy import OrganizationOwned, OrganizationQuerySet
from apps.common.shares import check_share
from apps.datasources.schema import ColumnType

MOST_CACHE_SECONDS = 86_400


class Kind(models.TextChoices):
    """The engines that we can read; the last four through extras, see docs/data-sources.md."""

    POSTGRES = "postgres", "PostgreSQL"
    MYSQL = "mysql", "MySQL or MariaDB"
    SQLITE = "sqlite", "SQLite"
    DUCKDB = "duckdb", "DuckDB"
    TSQL = "tsql", "SQL Server"
    SNOWFLAKE = "snowflake", "Snowflake"
    BIGQUERY = "bigquery", "BigQuery"
    TRINO = "trino", "Trino"


class Privacy(models.TextChoices):
    """What models are told of a source's data; each level allows what those before it do."""

    SCHEMA = "schema", "Names and types only"
    SAMPLES = "samples", "Sample values, and values that a question names"
    RESULTS = "results", "Rows of results as well"


class DataSourceQuerySet(OrganizationQuerySet["DataSource"]):
    def active(self) -> "DataSourceQuerySet":
        return self.filter(is_active=True)


class DataSource(OrganizationOwned):
    """A database that we may read. `credentials` holds the encrypted password; it is never shown again."""

    name = models.SlugField(max_length=60, validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$")])
    label = models.CharField(max_length=150, blank=True)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    database = models.CharField(max_length=500, help_text="Database name, or the file of an SQLite or DuckDB source.")
    username = models.CharField(max_length=150, blank=True)
    credentials = models.TextField(blank=True, editable=False)
    options = models.JSONField(default=dict, blank=True)
    allowed_functions = models.JSONField(
        default=list,
        blank=True,
        help_text='Names of functions that may be called beside the usual ones, such as ["sales.net_price"].',
    )
    write_override = models.CharField(
        max_length=500, blank=True, help_text="Why a role that can write may be used. Empty: it may not."
    )
    writes = models.JSONField(default=list, blank=True, editable=False)
    role_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    clarification_enabled = models.BooleanField(default=True)
    answer_threshold = models.FloatField(
        null=True,
        blank=True,
        validators=[check_share],
        help_text="Least confidence for an answer here, 0 to 1; empty takes the organization's.",
    )
    result_cache_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_CACHE_SECONDS)],
        help_text="How old rows of an answer may be; 0 reads them anew each time, empty takes the installation's.",
    )
    privacy_level = models.CharField(
        max_length=10,
        choices=Privacy,
        blank=True,
        help_text="What models are told of the data here; empty takes the installation's.",
    )
    schema_version = models.CharField(max_length=32, blank=True, editable=False)
    default_namespace = models.CharField(max_length=150, blank=True, editable=False)
    plain_types = models.JSONField(default=list, editable=False)
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    sync_error = models.CharField(max_length=500, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = DataSourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="data_source_name_unique")]

    def __str__(self) -> str:
        return self.label or self.name


class SchemaTable(OrganizationOwned):
    """A table of a data source as last read."""

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="tables")
    namespace = models.CharField(max_length=150, blank=True)
    name = models.CharField(max_length=150)
    comment = models.TextField(blank=True)
    row_count = models.BigIntegerField(null=True)
    is_view = models.BooleanField(default=False)
    primary_key = models.JSONField(default=list)
    unique_keys = models.JSONField(default=list)
    foreign_keys = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "namespace", "name"], name="schema_table_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


class SchemaColumn(OrganizationOwned):
    """A column of such a table, in the table's own order."""

    table = models.ForeignKey(SchemaTable, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=150)
    type = models.CharField(max_length=12, choices=[(one.value, one.value) for one in ColumnType])
    native_type = models.CharField(max_length=150, blank=True)
    nullable = models.BooleanField(default=True)
    comment = models.TextField(blank=True)
    samples = models.JSONField(default=list)
    distinct_count = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "table", "name"], name="schema_column_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def _everything() -> dict[str, list[str]]:
    return {"except": []}


class AccessPolicy(OrganizationOwned):
    """What a role, or one member, may see of a data source: `tables` and `rules` have the form of `policies.rules`.

    One policy decides for a person: their own, else their role's, else that of the nearest role above it that has one.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="policies")
    role = models.CharField(max_length=10, choices=Role, blank=True)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    tables = models.JSONField(default=_everything)
    rules = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "access policies"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "data_source", "role"],
                condition=models.Q(membership__isnull=True),
                name="access_policy_role_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "data_source", "membership"],
                condition=models.Q(membership__isnull=False),
                name="access_policy_member_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(membership__isnull=True, role__in=Role.values)
                | models.Q(membership__isnull=False, role=""),
                name="access_policy_role_or_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.data_source} for {self.membership or self.role}"
