#!/bin/sh
# Makes a fresh PostgreSQL a primary with one synchronous standby: a COMMIT is answered once both have it on disk.
# Run once, by an administrator, while the server runs; the postgres image does so with what lies in
# /docker-entrypoint-initdb.d. Settings: those of psql, PGDATA, REPLICATION_PASSWORD_FILE.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$(cat "$REPLICATION_PASSWORD_FILE")" <<'SQL'
CREATE ROLE replicator REPLICATION LOGIN PASSWORD :'password';
-- Keeps what the standby has not fetched yet, up to max_slot_wal_keep_size.
SELECT pg_create_physical_replication_slot('standby');
-- Counts from the next reload or start: until the standby is there, a COMMIT waits for it.
ALTER SYSTEM SET synchronous_standby_names = 'standby';
SQL
printf 'host replication replicator all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
