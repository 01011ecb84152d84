"""Gives the values that were indexed before keys were kept their keys."""

from itertools import islice
from typing import Any

from django.db import migrations

from apps.accounts.row_security import across_organizations
from apps.knowledge.values import value_key

BATCH = 5_000


def fill(apps: Any, schema_editor: Any) -> None:
    with across_organizations("every indexed value gets its key"):
        values = apps.get_model("knowledge", "IndexedValue").objects.using(schema_editor.connection.alias)
        rows = values.filter(key="").only("id", "value").iterator(chunk_size=BATCH)
        while batch := list(islice(rows, BATCH)):
            for row in batch:
                row.key = value_key(row.value)[:400]
            values.bulk_update(batch, ["key"])


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_value_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
