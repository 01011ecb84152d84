"""What we know about a data source beyond its schema."""

from django.db import models

from apps.accounts.tenancy import OrganizationOwned
from apps.datasources.models import DataSource


class IndexedValue(OrganizationOwned):
    """One distinct value of one text column, so that a question can name it."""

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="indexed_values")
    table = models.CharField(max_length=300, help_text="Full name, with the namespace where there is one.")
    column = models.CharField(max_length=150)
    value = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["organization", "data_source"])]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} = {self.value}"
