# shellcheck shell=bash
# The folder .run of a checkout: the state of what ops/up started. Secrets,
# pid files, ports, logs, mail, and the data of PostgreSQL and Redis (or, where
# their account cannot enter the checkout, a link to it). Shared by ops/up and
# ops/down; starts and stops nothing.

RUN=$ROOT/.run
PID_DIR=$RUN/pid

# Where root keeps the data of a checkout that the servers' account cannot enter.
outside_data() {
    local digest
    digest=$(printf '%s' "$ROOT" | sha256sum)
    printf '/var/lib/acurate-%s\n' "${digest:0:12}"
}

# Ends the script where .run is another user's or another checkout's: its pid
# files and data would be, too.
check_run_directory() {
    local owner home
    [ -d "$RUN" ] || return 0
    owner=$(stat -c %U -- "$RUN")
    am_root || [ -O "$RUN" ] || die "$RUN belongs to the user $owner" "Run this as $owner or as root."
    [ -s "$RUN/checkout" ] || return 0
    home=$(<"$RUN/checkout")
    [ "$home" = "$ROOT" ] || [ ! -d "$home/.run" ] ||
        die "$RUN is a copy of $home/.run and describes the servers of that checkout" "Delete it: rm -r '$RUN'"
}

make_run_directory() {
    check_run_directory
    [ ! -d "$RUN" ] || [ -O "$RUN" ] ||
        die "$RUN belongs to the user $(stat -c %U -- "$RUN")" "Run this as that user, or first: ops/down --purge"
    mkdir -p -m 0700 -- "$RUN"
    mkdir -p -m 0700 -- "$PID_DIR" "$RUN/log" "$RUN/secret" "$RUN/mail"
    printf '%s\n' "$ROOT" >"$RUN/checkout"
}

make_service_directory() { install -d -m 0700 -o "$SERVICE_USER" -g "$(id -g "$SERVICE_USER")" -- "$1"; }

# Sets DATA to the folder of the servers' data, owned by their account.
make_data_directory() {
    local outside
    if [ ! -e "$RUN/data" ]; then
        rm -f -- "$RUN/data"
        if [ -z "$SERVICE_USER" ]; then
            mkdir -m 0700 -- "$RUN/data"
        else
            # Only to pass through: the files in it stay root's own.
            chmod 0711 "$RUN"
            if as_service test -x "$RUN"; then make_service_directory "$RUN/data"; fi
        fi
    fi
    if [ ! -e "$RUN/data" ]; then
        outside=$(outside_data)
        # Without its passwords, which were in a .run that is gone, it is of no use.
        rm -rf -- "$outside"
        make_service_directory "$outside"
        ln -s -- "$outside" "$RUN/data"
    fi
    DATA=$(readlink -f -- "$RUN/data")
    service_can_use "$DATA" || die "the account '${SERVICE_USER:-$(id -un)}' cannot write to $DATA" \
        "If this checkout was moved: ops/down --purge"
}

# Removes all of it.
purge_run_directory() {
    local data
    if [ -L "$RUN/data" ]; then
        data=$(readlink -- "$RUN/data")
        # Never follow a link that this script did not make.
        if [[ $data =~ ^/var/lib/acurate-[0-9a-f]{12}$ ]]; then rm -rf -- "$data"; fi
    fi
    rm -rf -- "$RUN"
}

# One script at a time starts or stops.
lock_run_directory() {
    exec {LOCK_FD}>"$RUN/lock"
    flock -n "$LOCK_FD" || {
        say "Waiting for another ops/up or ops/down of this checkout"
        flock -w 3600 "$LOCK_FD" || die "another ops/up or ops/down of this checkout does not end"
    }
    [ "$RUN/lock" -ef "/proc/$$/fd/$LOCK_FD" ] || die "$RUN was deleted meanwhile" "Run this again."
}

unlock_run_directory() {
    close_lock
    LOCK_FD=
}
