"""What may be changed by a statement, as values that can be compared: the server's state and a session's."""

from typing import Any

import psycopg

# A transaction id is taken by whatever writes rows, catalogues, large objects or notifications, committed or not.
_OF_SERVER = """
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text,
           (SELECT md5(string_agg(concat_ws('.', schemaname, sequencename, last_value), ',' ORDER BY 1))
            FROM (SELECT * FROM pg_sequences ORDER BY schemaname, sequencename) AS s),
           (SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = pg_locks.database
            WHERE locktype = 'advisory' AND d.datname = current_database()),
           (SELECT count(*) FROM pg_replication_slots),
           (SELECT count(*) FROM pg_prepared_xacts),
           (SELECT max(stats_reset)::text FROM pg_stat_database),
           pg_conf_load_time()::text,
           pg_walfile_name(pg_current_wal_lsn()),
           (SELECT md5(string_agg(name, ',' ORDER BY name)) FROM pg_ls_dir('.') AS name),
           (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'canary')
"""
_OF_SESSION = """
    SELECT (SELECT md5(string_agg(name || '=' || setting, ',' ORDER BY name)) FROM pg_settings),
           (SELECT count(*) FROM pg_prepared_statements WHERE from_sql),
           (SELECT string_agg(name, ',') FROM pg_cursors WHERE NOT name = ''),
           (SELECT string_agg(name, ',') FROM pg_listening_channels() AS name),
           pg_my_temp_schema()::text, current_user, session_user
"""

State = tuple[Any, ...]


def server_state(connection: "psycopg.Connection[Any]") -> State:
    """The state of the server and of the connection's database; reading it changes nothing."""
    row = connection.execute(_OF_SERVER).fetchone()
    assert row is not None
    return tuple(row)


def session_state(connection: "psycopg.Connection[Any]") -> State:
    """The state of this connection's own session."""
    row = connection.execute(_OF_SESSION).fetchone()
    assert row is not None
    return tuple(row)
