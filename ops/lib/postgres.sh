# shellcheck shell=bash
# A private PostgreSQL server: made, started on one loopback port, stopped.
# No Unix socket, passwords always. Callers have called need_postgres and
# find_service_user; they decide where the data is and how durable.

# postgres_create DATA PASSWORD: an empty cluster with the superuser postgres.
# Made under another name and renamed, so that what exists is whole.
postgres_create() {
    local data=$1 password=$2
    as_service rm -rf -- "$data.new" "$data.password"
    printf '%s\n' "$password" | as_service sh -c 'umask 077 && cat >"$1"' sh "$data.password"
    as_service "$PG_BIN/initdb" --pgdata="$data.new" --username=postgres --pwfile="$data.password" \
        --auth=scram-sha-256 --locale=C.UTF-8 --encoding=UTF8 --no-sync >/dev/null
    as_service rm -f -- "$data.password"
    as_service mv -- "$data.new" "$data"
}

postgres_answers() { "$PG_BIN/pg_isready" --quiet --host=127.0.0.1 --port="$1" --dbname=postgres --username=postgres; }

postgres_settled() { postgres_answers "$1" || has_stopped postgres; }

# postgres_start DATA PORT LOG [setting=value...]: returns once the server
# answers; false when it ended or did not answer within a minute.
# SPAWN_OPTIONS are setpriv's.
postgres_start() {
    local data=$1 port=$2 log=$3 settings=() AS_SERVICE
    shift 3
    as_service_command ${SPAWN_OPTIONS[@]+"${SPAWN_OPTIONS[@]}"}
    while [ $# -gt 0 ]; do
        settings+=(-c "$1")
        shift
    done
    spawn postgres "$log" ${AS_SERVICE[@]+"${AS_SERVICE[@]}"} "$PG_BIN/postgres" -D "$data" \
        -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
        -c logging_collector=off -c jit=off "${settings[@]}"
    wait_until 60 postgres_settled "$port"
    is_running postgres
}

# INT ends sessions and checkpoints; QUIT leaves a recovery to the next start.
postgres_stop() { stop postgres 30 INT QUIT; }
