"""The fixed SQL that says, in words, what a PostgreSQL role may do beside reading. No rows: nothing.

TEMPORARY tables do not count: every role may make them, they are gone with the session, and READ ONLY forbids them.
"""

_OWN = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
# The role and all that it may become by SET ROLE, whether it has their rights without that or not.
_ROLES = "pg_roles AS m WHERE pg_has_role(m.oid, 'MEMBER')"
_MOST = 20

_ROLE = """
    SELECT what FROM pg_roles AS r, LATERAL (VALUES
        (r.rolsuper, 'is a superuser'), (r.rolcreaterole, 'may create roles'), (r.rolcreatedb, 'may create databases'),
        (r.rolreplication, 'may replicate')
    ) AS v (holds, what)
    WHERE r.rolname = current_user AND v.holds
"""
_MEMBERSHIPS = """
    SELECT 'is a member of ' || m.rolname FROM pg_roles AS m JOIN pg_roles AS r ON r.rolname = current_user
    WHERE NOT r.rolsuper AND m.rolname IN (
        'pg_write_all_data', 'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files',
        'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription', 'pg_database_owner'
    ) AND pg_has_role(r.oid, m.oid, 'MEMBER')
"""
_MIGHTY_ROLES = """
    SELECT 'may become ' || m.rolname || ', who is a superuser' FROM pg_roles AS m, pg_roles AS r
    WHERE r.rolname = current_user AND m.oid <> r.oid AND m.rolsuper AND NOT r.rolsuper
          AND pg_has_role(r.oid, m.oid, 'MEMBER')
"""
_DATABASE = f"""
    SELECT 'may create schemas in the database'
    WHERE EXISTS (SELECT FROM {_ROLES} AND has_database_privilege(m.oid, current_database(), 'CREATE'))
"""  # noqa: S608
_SCHEMAS = f"""
    SELECT 'may create in the schema ' || n.nspname FROM pg_namespace AS n
    WHERE {_OWN} AND EXISTS (SELECT FROM {_ROLES} AND has_schema_privilege(m.oid, n.oid, 'CREATE'))
    ORDER BY n.nspname LIMIT {_MOST}
"""  # noqa: S608
_TABLES = f"""
    SELECT n.nspname || '.' || c.relname || ': ' || concat_ws(', ',
        CASE WHEN p.owns THEN 'owner' END, CASE WHEN p.inserts THEN 'INSERT' END,
        CASE WHEN p.updates THEN 'UPDATE' END, CASE WHEN p.deletes THEN 'DELETE' END,
        CASE WHEN p.truncates THEN 'TRUNCATE' END, CASE WHEN p.triggers THEN 'TRIGGER' END)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, LATERAL (SELECT
        pg_has_role(c.relowner, 'MEMBER') AS owns,
        bool_or(has_any_column_privilege(m.oid, c.oid, 'INSERT')) AS inserts,
        bool_or(has_any_column_privilege(m.oid, c.oid, 'UPDATE')) AS updates,
        bool_or(has_table_privilege(m.oid, c.oid, 'DELETE')) AS deletes,
        bool_or(has_table_privilege(m.oid, c.oid, 'TRUNCATE')) AS truncates,
        bool_or(has_table_privilege(m.oid, c.oid, 'TRIGGER')) AS triggers
        FROM {_ROLES}
    ) AS p
    WHERE {_OWN} AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
          AND (p.owns OR p.inserts OR p.updates OR p.deletes OR p.truncates OR p.triggers)
    ORDER BY n.nspname, c.relname LIMIT {_MOST}
"""  # noqa: S608
_SEQUENCES = f"""
    SELECT 'may advance the sequence ' || n.nspname || '.' || c.relname
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {_OWN} AND CASE WHEN c.relkind = 'S' THEN EXISTS (
        SELECT FROM {_ROLES} AND has_sequence_privilege(m.oid, c.oid, 'USAGE, UPDATE')) END
    ORDER BY n.nspname, c.relname LIMIT {_MOST}
"""  # noqa: S608

GRANTS = (_ROLE, _MEMBERSHIPS, _MIGHTY_ROLES, _DATABASE, _SCHEMAS, _TABLES, _SEQUENCES)
