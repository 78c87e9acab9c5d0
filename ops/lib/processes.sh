# shellcheck shell=bash
# Starts servers in the background and stops exactly those. A pid file holds
# the process id, its start time and the boot it belongs to, so that an id
# which the kernel gave to another process since is never signalled.
# Callers set PID_DIR. What a server's arguments are is not decided here.

# Prints "boot-id start-time" of process PID, which no later process shares;
# false when it has ended.
process_identity() {
    local stat boot fields
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    boot=$(</proc/sys/kernel/random/boot_id)
    # The command name, in parentheses, may hold spaces: count from behind it.
    read -ra fields <<<"${stat##*) }"
    # A zombie has ended and only waits for its parent.
    [ "${fields[0]}" != Z ] || return 1
    printf '%s %s\n' "$boot" "${fields[19]}"
}

# write_pid_file NAME PID
write_pid_file() {
    local identity
    identity=$(process_identity "$2") || return 1
    printf '%s %s\n' "$2" "$identity" >"$PID_DIR/$1.new"
    mv -- "$PID_DIR/$1.new" "$PID_DIR/$1"
}

# Prints the process id of server NAME if it still runs.
running_pid() {
    local pid identity
    { read -r pid identity <"$PID_DIR/$1"; } 2>/dev/null || return 1
    [ "$(process_identity "$pid")" = "$identity" ] || return 1
    printf '%s\n' "$pid"
}

is_running() { running_pid "$1" >/dev/null; }

has_stopped() { ! is_running "$1"; }

# A lock that outlived the script in one of its servers would hold up the next.
close_lock() { [ -z "${LOCK_FD:-}" ] || exec {LOCK_FD}>&-; }

# spawn NAME LOG COMMAND...: starts a server in a session of its own (a Ctrl-C
# at the terminal is for the script, which stops servers in order). The child
# writes its own pid file before it becomes the server, so that no crash of the
# script leaves a server that nobody knows. COMMAND must not fork; it reads
# SPAWN_INPUT, or nothing, and writes to SPAWN_OUTPUT, or to LOG.
spawn() {
    local name=$1 log=$2
    shift 2
    rm -f -- "$PID_DIR/$name"
    (
        trap - EXIT INT TERM HUP
        write_pid_file "$name" "$BASHPID" || exit 1
        close_lock
        cd /
        exec setsid "$@" <"${SPAWN_INPUT:-/dev/null}" >>"${SPAWN_OUTPUT:-$log}" 2>>"$log"
    ) &
    wait_until 10 is_known "$name" "$!"
    # Whoever waits for the server says how it ended; Bash need not.
    disown "$!" 2>/dev/null || true
}

is_known() { [ -e "$PID_DIR/$1" ] || ! kill -0 "$2" 2>/dev/null; }

# stop NAME SECONDS SIGNAL...: sends each signal in turn, waiting up to SECONDS
# for the end after each, and KILL at last. Does nothing where NAME has ended.
stop() {
    local name=$1 seconds=$2 signal pid
    shift 2
    for signal in "$@" KILL; do
        pid=$(running_pid "$name") || break
        if [ "$signal" = KILL ]; then say "$name did not stop within $seconds seconds, killing it"; fi
        kill -s "$signal" "$pid" 2>/dev/null || true
        wait_until "$seconds" has_stopped "$name" || true
    done
    if pid=$(running_pid "$name"); then
        say "$name (process $pid) could not be stopped"
        return 1
    fi
    rm -f -- "$PID_DIR/$name"
}
