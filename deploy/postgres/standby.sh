#!/bin/sh
# Copies the primary to PGDATA at the first start, then runs PostgreSQL as its standby.
# Environment: PGDATA, PRIMARY_HOST, PRIMARY_PORT, REPLICATION_PASSWORD_FILE; arguments are passed to PostgreSQL.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    PGPASSWORD=$(cat "$REPLICATION_PASSWORD_FILE")
    export PGPASSWORD
    # application_name is the name in synchronous_standby_names of the primary.
    pg_basebackup --pgdata="$PGDATA" --write-recovery-conf --wal-method=stream --checkpoint=fast --slot=standby \
        --dbname="host=$PRIMARY_HOST port=${PRIMARY_PORT:-5432} user=replicator application_name=standby connect_timeout=5"
    unset PGPASSWORD
    chmod 700 "$PGDATA"
    # After a promotion there is no standby to wait for.
    printf "synchronous_standby_names = ''\n" >> "$PGDATA/postgresql.auto.conf"
fi
exec postgres "$@"
