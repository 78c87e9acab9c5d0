# shellcheck shell=bash
# The throw-away PostgreSQL, Redis and SMTP servers of the tests, in a
# directory of their own under the system's one for temporary files, on free
# loopback ports, without durability. What runs against them is ops/test's.

# Removes the directories of runs that were killed before they could clean up.
sweep_test_directories() {
    local directory
    for directory in "${TMPDIR:-/tmp}"/acurate-test.* /tmp/acurate-test.* /var/tmp/acurate-test.*; do
        if [ -O "$directory" ] && [ ! -L "$directory" ] && PID_DIR=$directory/pid has_stopped run; then
            rm -rf -- "$directory"
        fi
    done
}

# A directory that the servers' account can enter; not everyone's TMPDIR is.
make_test_directory() {
    local base new
    for base in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
        new=$(mktemp -d "$base/new-acurate-test.XXXXXXXX") || continue
        mkdir -- "$new/pid" "$new/mail" "$new/data"
        PID_DIR=$new/pid write_pid_file run "$$"
        # What has this name has an owner, or is for the next run to sweep.
        TEST_DIR=$base/${new##*/new-}
        mv -T -- "$new" "$TEST_DIR"
        PID_DIR=$TEST_DIR/pid
        if [ -n "$SERVICE_USER" ]; then
            chmod 0711 "$TEST_DIR"
            chown "$SERVICE_USER:" "$TEST_DIR/data"
        fi
        if service_can_use "$TEST_DIR/data"; then return; fi
        rm -rf -- "$TEST_DIR"
    done
    TEST_DIR=
    die "found no directory for the throw-away servers" \
        "Set TMPDIR to one that the account '${SERVICE_USER:-$(id -un)}' can enter."
}

# Prints a loopback port nobody listens on now, below the kernel's ephemeral
# range, so that no outgoing connection takes it before the server does.
free_port() {
    local port
    for _ in {1..100}; do
        port=$((10000 + (RANDOM << 15 | RANDOM) % 22000))
        if ! port_is_taken "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
    die "found no free port between 10000 and 32000 on 127.0.0.1"
}

# with_free_port START...: calls START with PORT set until the server runs. A
# port that another process took meanwhile costs a try.
with_free_port() {
    for _ in {1..5}; do
        PORT=$(free_port)
        if "$@"; then return 0; fi
    done
    return 1
}

# The death signals end the servers even where the script itself is killed.

test_postgres() {
    local DEATH_SIGNAL=INT
    postgres_start "$TEST_DIR/data/postgres" "$PORT" "$TEST_DIR/postgres.log" \
        fsync=off full_page_writes=off synchronous_commit=off wal_level=minimal max_wal_senders=0 \
        shared_buffers=256MB max_wal_size=4GB max_connections=400
}

test_redis() {
    local DEATH_SIGNAL=TERM
    redis_configure "$TEST_DIR/redis.conf" "$PORT" "$1" "$TEST_DIR/data" 'save ""' "appendonly no"
    redis_start "$TEST_DIR/redis.conf" "$PORT" "$1" "$TEST_DIR/redis.log"
}

# give_up SERVER NAME: shows why.
give_up() {
    tail -n 30 -- "$TEST_DIR/$2.log" >&2 || true
    die "the throw-away $1 did not start; its last messages are above"
}

# Starts all three and exports how the tests reach them.
start_test_services() {
    local password port
    find_service_user
    sweep_test_directories
    make_test_directory
    password=$(random_secret)
    postgres_create "$TEST_DIR/data/postgres" "$password" || give_up PostgreSQL postgres
    with_free_port test_postgres || give_up PostgreSQL postgres
    export ACURATE_TEST_DATABASE_URL=postgres://postgres:$password@127.0.0.1:$PORT/postgres
    with_free_port test_redis "$password" || give_up Redis redis
    export ACURATE_TEST_REDIS_URL=redis://default:$password@127.0.0.1:$PORT/
    mail_start "$TEST_DIR/mail" "$TEST_DIR/smtp.port" "$TEST_DIR/smtp.log" || give_up "SMTP server" smtp
    port=$(<"$TEST_DIR/smtp.port")
    export ACURATE_TEST_SMTP_URL=smtp://127.0.0.1:$port
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
