"""The trigger that links audit events looks in our schema first: a temporary table of the log's name cannot stand in
for it, so whoever holds the running role cannot show it another last event."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_key_last_chars")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION link_audit_event() SET search_path = pg_catalog, public, pg_temp",
            "ALTER FUNCTION link_audit_event() RESET search_path",
        )
    ]
