#!/bin/sh
# Configures a new PostgreSQL server as primary with one synchronous standby: a COMMIT returns after both flushed it to disk.
# Run it once, as a superuser, while the server runs; the postgres image runs it from /docker-entrypoint-initdb.d.
# Environment: variables of psql, PGDATA, REPLICATION_PASSWORD_FILE.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$(cat "$REPLICATION_PASSWORD_FILE")" <<'SQL'
CREATE ROLE replicator REPLICATION LOGIN PASSWORD :'password';
-- Retains WAL for the standby, up to max_slot_wal_keep_size.
SELECT pg_create_physical_replication_slot('standby');
-- Effective after the next reload or start: a COMMIT then waits until the standby is connected.
ALTER SYSTEM SET synchronous_standby_names = 'standby';
SQL
printf 'host replication replicator all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
