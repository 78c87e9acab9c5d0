# shellcheck shell=bash
# The throw-away PostgreSQL, Redis and SMTP servers of the tests, in a
# directory of their own under the system's one for temporary files, on free
# loopback ports, without durability. What runs against them is ops/test's.

# A directory that the servers' account can enter; not everyone's TMPDIR is.
make_test_directory() {
    local base
    for base in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
        TEST_DIR=$(mktemp -d "$base/acurate-test.XXXXXXXX") || continue
        mkdir -m 0755 "$TEST_DIR/pid" "$TEST_DIR/mail" "$TEST_DIR/data"
        if [ -n "$SERVICE_USER" ]; then
            chmod 0711 "$TEST_DIR"
            chown "$SERVICE_USER:" "$TEST_DIR/data"
        fi
        if service_can_use "$TEST_DIR/data"; then return; fi
        rm -rf -- "$TEST_DIR"
    done
    TEST_DIR=
    die "found no directory for the throw-away servers" "Set TMPDIR to one that the account '${SERVICE_USER:-$(id -un)}' can enter."
}

# with_free_port START...: calls START with a port until the server runs. One
# that another process took meanwhile costs a try.
with_free_port() {
    local try
    for try in {1..5}; do
        PORT=$(free_port)
        if "$@"; then return 0; fi
        say "try $try of 5: port $PORT did not serve"
    done
    return 1
}

test_postgres() {
    # The death signal ends the server even where the script is killed.
    local SPAWN_OPTIONS=(--pdeathsig INT)
    postgres_start "$TEST_DIR/data/postgres" "$PORT" "$TEST_DIR/postgres.log" \
        fsync=off full_page_writes=off synchronous_commit=off wal_level=minimal max_wal_senders=0 \
        shared_buffers=256MB max_wal_size=4GB max_connections=400
}

test_redis() {
    local SPAWN_OPTIONS=(--pdeathsig TERM)
    (umask 077 && redis_configuration "$PORT" "$1" "$TEST_DIR/data" >"$TEST_DIR/redis.conf")
    printf '%s\n' 'save ""' "appendonly no" >>"$TEST_DIR/redis.conf"
    redis_start "$TEST_DIR/redis.conf" "$PORT" "$TEST_DIR/redis.log"
}

test_mail() {
    local SPAWN_OPTIONS=(--pdeathsig TERM)
    mail_start "$TEST_DIR/mail" "$TEST_DIR/smtp.port" "$TEST_DIR/smtp.log"
}

show_log_and_die() {
    tail -n 30 -- "$TEST_DIR/$2.log" >&2 || true
    die "the throw-away $1 did not start; its last messages are above"
}

# Starts all three and exports how the tests reach them.
start_test_services() {
    local password
    find_service_user
    make_test_directory
    PID_DIR=$TEST_DIR/pid
    password=$(random_secret)
    postgres_create "$TEST_DIR/data/postgres" "$password"
    with_free_port test_postgres || show_log_and_die PostgreSQL postgres
    export ACURATE_TEST_DATABASE_URL=postgres://postgres:$password@127.0.0.1:$PORT/postgres
    with_free_port test_redis "$password" || show_log_and_die Redis redis
    export ACURATE_TEST_REDIS_URL=redis://default:$password@127.0.0.1:$PORT/
    test_mail || show_log_and_die "SMTP server" smtp
    export ACURATE_TEST_SMTP_URL=smtp://127.0.0.1:$(<"$TEST_DIR/smtp.port")
    export ACURATE_TEST_MAIL_DIR=$TEST_DIR/mail
}

# Stops what runs of the three and removes every file; safe at any moment.
stop_test_services() {
    [ -n "${TEST_DIR:-}" ] || return 0
    mail_stop || true
    redis_stop || true
    postgres_stop || true
    rm -rf -- "$TEST_DIR"
    TEST_DIR=
}
