# shellcheck shell=bash
# What every script of this folder starts from: where the checkout is, how to
# speak to the user, and which account runs the servers. Sourced, never run.
# What a script does with servers is in the other files of this folder.

set -euo pipefail

# The checkout, whatever the caller's working directory and symbolic links are.
ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

[ -r /proc/self/stat ] || {
    printf '%s\n' "${0##*/}: this script needs Linux (it reads /proc)" >&2
    exit 1
}

# Settings of the caller's own PostgreSQL are not for the servers here.
unset "${!PG@}"

say() { printf '%s\n' "$*" >&2; }

# die MESSAGE [ADVICE...]: ends the script; advice says what to do about it.
die() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

have() { command -v -- "$1" >/dev/null 2>&1; }

am_root() { [ "$(id -u)" -eq 0 ]; }

# 256 random bits as 64 hexadecimal digits: safe in a URL and in a config file.
random_secret() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# Prints the secret kept in FILE, made at the first call. Written under another
# name and renamed, so that a crash never leaves half a secret behind.
secret_in() {
    local file=$1
    if [ ! -s "$file" ]; then
        (umask 077 && random_secret >"$file.new")
        mv -- "$file.new" "$file"
    fi
    cat -- "$file"
}

# True when something accepts connections on the loopback PORT.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_until SECONDS CONDITION...: polls every 100 ms; false when time is up.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# Sets SERVICE_USER to the account of the servers: empty for an ordinary user,
# who runs them as himself. PostgreSQL refuses to run as root, so root borrows
# the account that the package made.
find_service_user() {
    SERVICE_USER=
    am_root || return 0
    id -u postgres >/dev/null 2>&1 || die "PostgreSQL does not run as root, and there is no account 'postgres'" \
        "Make one: useradd --system --user-group postgres"
    SERVICE_USER=postgres
}

# Sets SERVICE_COMMAND to what runs a command as that account, in place (same
# process id), with DEATH_SIGNAL set to come when the script dies.
set_service_command() {
    SERVICE_COMMAND=(setpriv)
    if [ -n "${DEATH_SIGNAL:-}" ]; then
        SERVICE_COMMAND+=(--pdeathsig "$DEATH_SIGNAL")
    fi
    if [ -n "$SERVICE_USER" ]; then
        SERVICE_COMMAND+=("--reuid=$SERVICE_USER" "--regid=$(id -g "$SERVICE_USER")" --init-groups)
    fi
    # Without an option setpriv only reports an error.
    [ ${#SERVICE_COMMAND[@]} -gt 1 ] || SERVICE_COMMAND=(env)
    SERVICE_COMMAND+=(--)
}

# Runs a command as the servers' account, from a directory that it can enter.
as_service() {
    local SERVICE_COMMAND DEATH_SIGNAL=
    set_service_command
    (cd / && exec "${SERVICE_COMMAND[@]}" "$@")
}

# True when the servers' account can keep its files in DIRECTORY.
service_can_use() {
    as_service test -w "$1" && as_service test -x "$1"
}
