# shellcheck shell=bash
# What every script of this folder starts from: where the checkout is, how to
# speak to the user, and which account runs the servers. Sourced, never run.
# What a script does with servers is in the other files of this folder.

set -euo pipefail

# The checkout, whatever the caller's working directory and symbolic links are.
ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

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

# A loopback port nobody listens on now, below the kernel's ephemeral range so
# that no outgoing connection takes it before the server does.
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

# Sets AS_SERVICE to the command that runs what follows it as that account,
# in place (same process id). Further arguments are options of setpriv.
as_service_command() {
    AS_SERVICE=(setpriv "$@")
    if [ -n "$SERVICE_USER" ]; then
        AS_SERVICE+=("--reuid=$SERVICE_USER" "--regid=$(id -g "$SERVICE_USER")" --init-groups)
    fi
    AS_SERVICE+=(--)
    # setpriv without an option is an error of usage, and not needed.
    [ ${#AS_SERVICE[@]} -gt 2 ] || AS_SERVICE=()
}

# Runs a command as the servers' account, from a directory that it can enter.
as_service() {
    local AS_SERVICE
    as_service_command
    (cd / && exec ${AS_SERVICE[@]+"${AS_SERVICE[@]}"} "$@")
}

# True when the servers' account can keep its files below DIRECTORY.
service_can_use() {
    as_service test -w "$1" && as_service test -x "$1"
}
