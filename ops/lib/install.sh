# shellcheck shell=bash
# Finds the programs the scripts need and installs those that are missing, by
# apt where there is apt and the right to use it; elsewhere it says what to
# install. Starts nothing.

# Installs Debian PACKAGES for PURPOSE, or says how and ends.
install_packages() {
    local purpose=$1 apt=(env DEBIAN_FRONTEND=noninteractive apt-get)
    shift
    have apt-get || die "$purpose is missing" \
        "Install it with this system's package manager (Debian calls it: $*) and run this again."
    if ! am_root; then
        have sudo || die "$purpose is missing, and installing it takes root" "Run as root: apt-get install -y $*"
        apt=(sudo "${apt[@]}")
    fi
    say "Installing $purpose: $*"
    (
        # Debian starts a server that it installs; ours must not live in it.
        close_lock
        # Old package lists may do: not a reason to give up.
        "${apt[@]}" update -qq || true
        "${apt[@]}" install -y -qq --no-install-recommends "$@"
    ) >&2 || die "apt could not install: $*" "Read its messages above, or run as root: apt-get install -y $*"
}

# Prints the folders that may hold a PostgreSQL server, the newest version
# first: Debian and Fedora keep the servers of each version off the PATH.
postgres_folders() {
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
    if have pg_config; then pg_config --bindir; fi
    if have postgres; then dirname -- "$(readlink -f -- "$(command -v postgres)")"; fi
}

# Prints the major version of the server in FOLDER.
postgres_major() {
    local version
    version=$("$1/postgres" --version)
    version=${version#postgres (PostgreSQL) }
    printf '%s\n' "${version%%[!0-9]*}"
}

# find_postgres MAJOR: sets PG_BIN to a PostgreSQL server's folder, of that
# version or, where MAJOR is empty, the newest.
find_postgres() {
    local folder
    while IFS= read -r folder; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ] &&
            [ "${1:-$(postgres_major "$folder")}" = "$(postgres_major "$folder")" ]; then
            PG_BIN=$folder
            return 0
        fi
    done < <(postgres_folders)
    return 1
}

# need_postgres MAJOR: of that version, or of any where MAJOR is empty.
need_postgres() {
    if find_postgres "$1"; then return; fi
    install_packages "PostgreSQL" "postgresql${1:+-$1}" "postgresql-client${1:+-$1}"
    find_postgres "$1" || die "PostgreSQL${1:+ $1} was installed, but initdb, postgres and psql are in none of the usual places" \
        "Put the folder that holds them on the PATH."
}

# Sets REDIS_SERVER. Valkey is the same server under the name of its fork.
find_redis() {
    local name
    for name in redis-server valkey-server; do
        if have "$name"; then
            REDIS_SERVER=$(command -v "$name")
            return 0
        fi
    done
    return 1
}

need_redis() {
    if find_redis; then return; fi
    install_packages "Redis" redis-server
    find_redis || die "Redis was installed, but redis-server is not on the PATH"
}

# Sets MAIL_PYTHON to a Python that has aiosmtpd: the system's own first, as
# the first python3 on the PATH may be another one, without the module.
find_aiosmtpd() {
    for MAIL_PYTHON in /usr/bin/python3 python3; do
        if have "$MAIL_PYTHON" && "$MAIL_PYTHON" -c 'import aiosmtpd' 2>/dev/null; then
            return 0
        fi
    done
    return 1
}

need_aiosmtpd() {
    if find_aiosmtpd; then return; fi
    install_packages "the test mail server" python3-aiosmtpd
    find_aiosmtpd || die "python3-aiosmtpd was installed, but python3 cannot import aiosmtpd"
}

# Prints the oldest Rust that the workspace names.
wanted_rust() {
    local line
    while IFS= read -r line; do
        if [[ $line =~ ^rust-version[[:space:]]*=[[:space:]]*\"([0-9.]+)\" ]]; then
            printf '%s\n' "${BASH_REMATCH[1]}"
        fi
    done <"$ROOT/Cargo.toml"
}

# Puts cargo on the PATH and checks its version against the workspace's.
need_cargo() {
    local wanted found
    wanted=$(wanted_rust)
    have cargo || PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
    have cargo || die "Rust is missing" "Install Rust $wanted or newer from https://rustup.rs and run this again."
    found=$(cd -- "$ROOT" && cargo --version) || die "cargo does not start"
    found=${found#cargo }
    found=${found%%[ -]*}
    [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
        die "Rust $found is too old, $wanted or newer is needed" "Run: rustup update stable"
    have cc || install_packages "a C compiler and linker" gcc libc6-dev
}
