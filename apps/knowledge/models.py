"""What we know about a data source beyond its schema."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Left, Right

from apps.accounts.tenancy import OrganizationOwned
from apps.datasources.models import DataSource

ENDS = 4  # letters at either end of a key that a misspelled one still shares with it


class IndexedValue(OrganizationOwned):
    """One distinct value of one text column, so that a question can name it.

    `key` is what spellings of one value share, see `values.value_key`; rows of before are given theirs by a migration.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="indexed_values")
    table = models.CharField(max_length=300, help_text="Full name, with the namespace where there is one.")
    column = models.CharField(max_length=150)
    value = models.CharField(max_length=200)
    key = models.CharField(max_length=400, default="", editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "data_source", "key"], name="indexed_value_key"),
            models.Index("organization", "data_source", Left("key", ENDS), name="indexed_value_start"),
            models.Index("organization", "data_source", Right("key", ENDS), name="indexed_value_end"),
            models.Index("organization", "data_source", "table", "column", name="indexed_value_place"),
            GinIndex(
                models.Func("key", models.Value(" "), function="string_to_array", output_field=models.TextField()),
                name="indexed_value_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} = {self.value}"
