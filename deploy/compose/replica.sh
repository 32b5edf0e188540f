#!/bin/sh
# A base backup at the first start, then what the image would have run.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # pg_basebackup writes the password into the data directory (primary_conninfo),
  # so that the standby can stream.
  PGPASSWORD=$(cat /run/secrets/replicator)
  export PGPASSWORD
  pg_basebackup --host=primary --username=replicator --pgdata="$PGDATA" \
    --slot=replica --write-recovery-conf --wal-method=stream --checkpoint=fast
  unset PGPASSWORD
  chmod 0700 "$PGDATA"
fi
exec "$@"
