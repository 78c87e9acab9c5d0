# shellcheck shell=bash
# Runs commands so that a signal to the script ends them at once and whole,
# with every process they began; they get TERM where the script is killed.
# Which commands is the script's business.

# Marks the processes of this run, for end_marked_processes to find.
RUN_MARK=OPS_RUN=$$-$(random_secret)

# run_group COMMAND...: in a process group of its own, without the terminal's
# input. A Ctrl-C reaches the script's trap, which ends the group.
run_group() {
    local status=0
    set -m
    (
        trap - EXIT INT TERM HUP
        close_lock
        exec setpriv --pdeathsig TERM -- env "$RUN_MARK" "$@" </dev/null
    ) &
    GROUP=$!
    set +m
    wait "$GROUP" || status=$?
    GROUP=
    return "$status"
}

# run_attached COMMAND...: with the terminal's input and its Ctrl-C, for
# something to talk to. Returns when the command has ended, not before.
run_attached() {
    local status=0
    # Bash would let a background command ignore Ctrl-C.
    setpriv --pdeathsig TERM -- env --default-signal=INT,QUIT "$RUN_MARK" "$@" <&0 &
    ATTACHED=$!
    wait "$ATTACHED" || status=$?
    while kill -0 "$ATTACHED" 2>/dev/null; do
        status=0
        wait "$ATTACHED" || status=$?
    done
    ATTACHED=
    return "$status"
}

# Ends the group that runs, if any: asks, waits ten seconds, kills.
end_group() {
    local group=${GROUP:-}
    [ -n "$group" ] || return 0
    kill -s TERM -- "-$group" 2>/dev/null || true
    wait_until 10 group_has_ended "$group" || kill -s KILL -- "-$group" 2>/dev/null || true
    GROUP=
}

group_has_ended() { ! kill -0 -- "-$1" 2>/dev/null; }

# Kills what the run's commands left behind, wherever it moved to: a process
# keeps the mark in its environment.
end_marked_processes() {
    local environment pid
    while IFS= read -r environment; do
        pid=${environment#/proc/}
        pid=${pid%/environ}
        say "killing process $pid, which the run left: $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null || true)"
        kill -s KILL "$pid" 2>/dev/null || true
    done < <(grep -slzxF -e "$RUN_MARK" /proc/[0-9]*/environ || true)
}
