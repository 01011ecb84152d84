"""The database numbers and links audit events, so that no writer can forge or fork a chain."""

from django.db import migrations

MAKE = """
CREATE FUNCTION link_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(NEW.organization_id::text, ''), 0));
    IF NEW.organization_id IS NULL THEN
        SELECT number, digest INTO last FROM accounts_auditevent
            WHERE organization_id IS NULL ORDER BY number DESC LIMIT 1;
    ELSE
        SELECT number, digest INTO last FROM accounts_auditevent
            WHERE organization_id = NEW.organization_id ORDER BY number DESC LIMIT 1;
    END IF;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous_digest := coalesce(last.digest, '');
    NEW.digest := encode(sha256(convert_to(NEW.previous_digest || NEW.record, 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER link_audit_event BEFORE INSERT ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION link_audit_event();
"""
UNMAKE = """
DROP TRIGGER link_audit_event ON accounts_auditevent;
DROP FUNCTION link_audit_event();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_log")]

    operations = [migrations.RunSQL(MAKE, UNMAKE)]
