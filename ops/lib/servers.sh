# shellcheck shell=bash
# The four servers of ops/up: PostgreSQL, Redis, the API and the worker, each
# started where it does not run, and stopped in the reverse order. The folder
# they live in is run-directory.sh's.

SERVERS=(postgres redis api worker)

# Sets PG_PORT, REDIS_PORT and API_PORT: those of what runs, or those asked for.
choose_ports() {
    PG_PORT=${ACURATE_PG_PORT:-54321} REDIS_PORT=${ACURATE_REDIS_PORT:-63790} API_PORT=${ACURATE_PORT:-8000}
    local asked="$PG_PORT $REDIS_PORT $API_PORT" port
    for port in $asked; do
        [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || die "not a port: $port" \
            "ACURATE_PG_PORT, ACURATE_REDIS_PORT and ACURATE_PORT are numbers from 1 to 65535."
    done
    if any_runs && [ -s "$RUN/ports" ]; then
        read -r PG_PORT REDIS_PORT API_PORT <"$RUN/ports"
        [ "$PG_PORT $REDIS_PORT $API_PORT" = "$asked" ] ||
            say "What runs keeps its ports ($PG_PORT, $REDIS_PORT, $API_PORT); to change them: ops/down first"
    fi
    printf '%s\n' "$PG_PORT $REDIS_PORT $API_PORT" >"$RUN/ports"
}

any_runs() {
    local name
    for name in "${SERVERS[@]}"; do
        if is_running "$name"; then return 0; fi
    done
    return 1
}

all_run() {
    local name
    for name in "${SERVERS[@]}"; do
        is_running "$name" || return 1
    done
}

# check_port SERVER PORT VARIABLE: ends the script where a stranger has it.
check_port() {
    is_running "$1" || ! port_is_taken "$2" ||
        die "port $2 for $1 is taken by a program that ops/up did not start" "Choose another one: $3=... ops/up"
}

check_ports() {
    check_port postgres "$PG_PORT" ACURATE_PG_PORT
    check_port redis "$REDIS_PORT" ACURATE_REDIS_PORT
    check_port api "$API_PORT" ACURATE_PORT
}

# log_of NAME: its path, emptied into NAME.1 where it has grown over 10 MB.
log_of() {
    local file=$RUN/log/$1
    touch -- "$file"
    if [ "$(stat -c %s -- "$file")" -gt 10485760 ]; then
        mv -- "$file" "$file.1"
        touch -- "$file"
    fi
    printf '%s\n' "$file"
}

# not_started NAME LOG...: shows why, and ends the script.
not_started() {
    local name=$1 log
    shift
    for log in "$@"; do
        if [ -s "$RUN/log/$log" ]; then
            say "--- the last lines of .run/log/$log"
            tail -n 20 -- "$RUN/log/$log" >&2
        fi
    done
    die "$name did not start"
}

# True once PostgreSQL runs. Where the last one was killed, its children hold
# the shared memory for a moment and the next server refuses to start.
try_postgres() {
    local log
    log=$(log_of postgres.log)
    for _ in {1..5}; do
        if postgres_start "$DATA/postgres" "$PG_PORT" "$log" \
            shared_buffers=256MB max_wal_size=2GB max_connections=200; then
            return 0
        fi
        port_is_taken "$PG_PORT" && return 1
        sleep 1
    done
    return 1
}

start_postgres() {
    local password
    if is_running postgres; then return; fi
    say "Starting PostgreSQL on 127.0.0.1:$PG_PORT"
    password=$(secret_in "$RUN/secret/postgres")
    as_service test -d "$DATA/postgres" || postgres_create "$DATA/postgres" "$password"
    as_service test ! -e "$DATA/postgres/postmaster.pid" || postgres_drop_stale_lock "$DATA/postgres"
    STARTED+=(postgres)
    try_postgres || not_started PostgreSQL postgres.log
    make_database "$password" "$(secret_in "$RUN/secret/database")"
}

# make_database SUPERUSER-PASSWORD PASSWORD: the role and the database, where
# they are not there. Not a superuser: the application needs no such right.
make_database() {
    PGPASSWORD=$1 "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres \
        -v ON_ERROR_STOP=1 >/dev/null <<SQL
SET log_min_error_statement = panic;
SELECT 'CREATE ROLE acurate LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'acurate')\gexec
ALTER ROLE acurate PASSWORD '$2';
SELECT 'CREATE DATABASE acurate OWNER acurate' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'acurate')\gexec
SQL
}

start_redis() {
    local password
    if is_running redis; then return; fi
    say "Starting Redis on 127.0.0.1:$REDIS_PORT"
    password=$(secret_in "$RUN/secret/redis")
    as_service mkdir -p -- "$DATA/redis"
    redis_configure "$RUN/redis.conf" "$REDIS_PORT" "$password" "$DATA/redis" \
        "appendonly yes" "appendfsync everysec"
    STARTED+=(redis)
    redis_start "$RUN/redis.conf" "$REDIS_PORT" "$password" "$(log_of redis.log)" || not_started Redis redis.log
}

# What the application's own programs are told, as the README's table says.
export_settings() {
    local database redis
    database=$(secret_in "$RUN/secret/database")
    redis=$(secret_in "$RUN/secret/redis")
    secret_in "$RUN/secret/server" >/dev/null
    export ACURATE_DATABASE_URL=postgres://acurate:$database@127.0.0.1:$PG_PORT/acurate
    export ACURATE_REDIS_URL=redis://default:$redis@127.0.0.1:$REDIS_PORT/
    export ACURATE_SECRET_FILE=$RUN/secret/server
    export ACURATE_BIND=127.0.0.1:$API_PORT
    export ACURATE_PUBLIC_URL=${ACURATE_PUBLIC_URL:-http://127.0.0.1:$API_PORT}
    export ACURATE_MAIL_DIR=$RUN/mail
}

# start_program NAME SUBCOMMAND: the API or the worker. It writes and rotates
# its log itself; only what it says before and beside that is kept here.
start_program() {
    local name=$1
    if is_running "$name"; then return; fi
    say "Starting the $name"
    STARTED+=("$name")
    touch -- "$RUN/log/$name.log"
    SPAWN_OUTPUT=/dev/null spawn "$name" "$(log_of "$name.err")" \
        env ACURATE_LOG_FILE="$RUN/log/$name.log" "$BIN/acurate-$name" "$2"
}

# TERM lets a program finish or hand back its work.
stop_server() {
    case $1 in
        api | worker) stop "$1" 30 TERM ;;
        redis) redis_stop ;;
        postgres) postgres_stop ;;
    esac
}

# stop_servers NAME...: in the reverse order of SERVERS.
stop_servers() {
    local index name status=0 wanted=" $* "
    for ((index = ${#SERVERS[@]} - 1; index >= 0; index--)); do
        name=${SERVERS[index]}
        if [[ $wanted == *" $name "* ]]; then
            if is_running "$name"; then say "Stopping $name"; fi
            stop_server "$name" || status=1
        fi
    done
    return "$status"
}
