# shellcheck shell=bash
# Finds the programs the scripts need and installs those that are missing, by
# apt where there is apt and the right to use it; elsewhere it says what to
# install. Starts nothing.

# Installs Debian PACKAGES for PURPOSE, or says how and ends.
install_packages() {
    local purpose=$1 sudo=()
    shift
    have apt-get || die "$purpose is missing" "Install it with this system's package manager (Debian calls it: $*) and run this again."
    if ! am_root; then
        have sudo || die "$purpose is missing, and installing it takes root" "Run as root: apt-get install -y $*"
        sudo=(sudo)
    fi
    say "Installing $purpose: $*"
    ${sudo[@]+"${sudo[@]}"} apt-get update -qq >&2 &&
        ${sudo[@]+"${sudo[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        die "apt could not install: $*" "Read its messages above, or run as root: apt-get install -y $*"
}

# Sets PG_BIN to the newest PostgreSQL server's folder. Debian keeps the
# servers of each version off the PATH.
find_postgres() {
    local candidate candidates=()
    PG_BIN=
    while IFS= read -r candidate; do
        candidates+=("$candidate")
    done < <(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV)
    if have pg_config; then candidates+=("$(pg_config --bindir)"); fi
    if have postgres; then candidates+=("$(dirname -- "$(readlink -f -- "$(command -v postgres)")")"); fi
    for candidate in "${candidates[@]}"; do
        if [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ] && [ -x "$candidate/psql" ]; then
            PG_BIN=$candidate
            return 0
        fi
    done
    return 1
}

need_postgres() {
    find_postgres && return
    install_packages "PostgreSQL" postgresql postgresql-contrib
    find_postgres || die "PostgreSQL was installed, but initdb, postgres and psql are in none of the usual places" \
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
    find_redis && return
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
    find_aiosmtpd && return
    install_packages "the test mail server" python3-aiosmtpd
    find_aiosmtpd || die "python3-aiosmtpd was installed, but python3 cannot import aiosmtpd"
}

# Puts cargo on the PATH and checks its version against the workspace's.
need_cargo() {
    local line wanted='' found
    have cargo || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    while IFS= read -r line; do
        if [[ $line =~ ^rust-version[[:space:]]*=[[:space:]]*\"([0-9.]+)\" ]]; then wanted=${BASH_REMATCH[1]}; fi
    done <"$ROOT/Cargo.toml"
    have cargo || die "Rust is missing" "Install Rust $wanted or newer from https://rustup.rs and run this again."
    found=$(cd -- "$ROOT" && cargo --version) || die "cargo does not start"
    found=${found#cargo }
    found=${found%%[ -]*}
    [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
        die "Rust $found is too old, $wanted or newer is needed" "Run: rustup update stable"
    have cc || install_packages "a C compiler and linker" gcc libc6-dev
}
