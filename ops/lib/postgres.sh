# shellcheck shell=bash
# A private PostgreSQL server: made, started on one loopback port, stopped.
# No Unix socket, passwords always. Callers have called need_programs and
# find_service_user; they decide where the data is and how durable.

# postgres_create DATA PASSWORD: an empty cluster with the superuser postgres.
# Made under another name and renamed, so that what exists is whole.
postgres_create() {
    local data=$1 password=$2
    as_service rm -rf -- "$data.new" "$data.password"
    # shellcheck disable=SC2016 # the inner shell expands it
    printf '%s\n' "$password" | as_service sh -c 'umask 077 && cat >"$1"' sh "$data.password"
    as_service "$PG_BIN/initdb" --pgdata="$data.new" --username=postgres --pwfile="$data.password" \
        --auth=scram-sha-256 --locale=C.UTF-8 --encoding=UTF8 >/dev/null
    as_service rm -f -- "$data.password"
    as_service mv -- "$data.new" "$data"
}

# Removes the lock of a server that died, where the kernel has given its
# process id to something else since: PostgreSQL itself would not dare to.
postgres_drop_stale_lock() {
    local data=$1 pid command
    { read -r pid <"$data/postmaster.pid"; } 2>/dev/null || return 0
    command=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || command=
    [[ $command != *"$data"* ]] || die "a PostgreSQL server (process $pid) already runs on $data" \
        "It was not started from here. Stop it: kill -INT $pid"
    as_service rm -f -- "$data/postmaster.pid"
}

# True when our server, not another one on this port, takes connections: it
# says so in the last line of its lock file.
postgres_answers() {
    local lines
    { mapfile -t lines <"$1/postmaster.pid"; } 2>/dev/null || return 1
    [[ ${lines[0]:-} == "$(running_pid postgres)" && ${lines[7]:-} == ready* ]]
}

postgres_settled() { postgres_answers "$1" || has_stopped postgres; }

# postgres_start DATA PORT LOG [setting=value...]: returns once the server
# answers; false when it ended or did not answer within a minute.
postgres_start() {
    local data=$1 port=$2 log=$3 settings=() SERVICE_COMMAND
    shift 3
    set_service_command
    while [ $# -gt 0 ]; do
        settings+=(-c "$1")
        shift
    done
    spawn postgres "$log" "${SERVICE_COMMAND[@]}" "$PG_BIN/postgres" -D "$data" \
        -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
        -c logging_collector=off -c log_destination=stderr -c jit=off "${settings[@]}"
    wait_until 60 postgres_settled "$data" || postgres_stop
    is_running postgres
}

# INT ends sessions and checkpoints; QUIT leaves a recovery to the next start.
postgres_stop() { stop postgres 30 INT QUIT; }
