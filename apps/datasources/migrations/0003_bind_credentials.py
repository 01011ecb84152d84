"""Binds each stored password to the row that holds it; those of before were bound to none."""

from typing import Any

from django.db import migrations

from apps.accounts.row_security import across_organizations
from apps.datasources.credentials import rotate


def bind(apps: Any, schema_editor: Any) -> None:
    with across_organizations("every stored password gets its new form"):
        rows = apps.get_model("datasources", "DataSource").objects.using(schema_editor.connection.alias)
        for source in rows.exclude(credentials="").iterator():
            if not source.credentials.startswith("v2:"):
                source.credentials = rotate(source)
                source.save(update_fields=["credentials"])


class Migration(migrations.Migration):
    dependencies = [("datasources", "0002_more_kinds_and_roles")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
