# shellcheck shell=bash
# Finds the programs the scripts need and installs those that are missing, by
# apt where there is apt and the right to use it; elsewhere it says what to
# install. Starts nothing.

# The package manager's name is Debian's; others call these much the same.
packages_of() {
    case $1 in
        postgres) printf '%s\n' "postgresql${PG_MAJOR:+-$PG_MAJOR}" "postgresql-client${PG_MAJOR:+-$PG_MAJOR}" ;;
        redis) printf '%s\n' redis-server ;;
        aiosmtpd) printf '%s\n' python3-aiosmtpd ;;
        compiler) printf '%s\n' gcc libc6-dev ;;
        node) printf '%s\n' nodejs npm ;;
        python) printf '%s\n' python3 python3-venv ;;
    esac
}

# need_programs NAME...: of postgres, redis, aiosmtpd, compiler, node and python; finds each,
# and installs together all that are missing, or names them and ends.
need_programs() {
    local name missing=() packages=()
    for name in "$@"; do
        if "find_$name"; then continue; fi
        missing+=("$name")
        mapfile -t -O "${#packages[@]}" packages < <(packages_of "$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    install_packages "${packages[@]}"
    for name in "${missing[@]}"; do
        "find_$name" || die "$name was installed, but is in none of the usual places" \
            "Put the folder that holds its programs on the PATH."
    done
}

install_packages() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    have apt-get || die "these are missing, by Debian's names: $*" \
        "Install them with this system's package manager and run this again."
    if ! am_root; then
        have sudo || die "these packages are missing: $*" "Run as root: apt-get install -y $*"
        apt=(sudo "${apt[@]}")
    fi
    say "Installing $*"
    (
        # Debian starts a server that it installs; ours must not live in it.
        close_lock
        # Old package lists may do: not a reason to give up.
        "${apt[@]}" update || true
        "${apt[@]}" install -y --no-install-recommends "$@"
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

# Sets PG_BIN to a PostgreSQL server's folder: of version PG_MAJOR or, where
# that is empty, of the newest.
find_postgres() {
    local folder
    while IFS= read -r folder; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ] &&
            [ "${PG_MAJOR:-$(postgres_major "$folder")}" = "$(postgres_major "$folder")" ]; then
            PG_BIN=$folder
            return 0
        fi
    done < <(postgres_folders)
    return 1
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

find_compiler() { have cc; }

find_node() { have node && have npm; }

find_python() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# The version that tests the API's document: another one may find other things.
SCHEMATHESIS=4.32.5

# The version that jobs are compared with.
CELERY=5.7.0

# python_tool NAME FOLDER REQUIREMENT...: installs packages of PyPI into a
# virtual environment below target/, where no other program meets them.
python_tool() {
    local name=$1 folder=$2
    shift 2
    [ ! -e "$folder/installed" ] || return 0
    say "Installing $name"
    {
        python3 -m venv --clear "$folder" &&
            "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" &&
            : >"$folder/installed"
    } >&2 || {
        rm -rf -- "$folder"
        die "$name could not be installed" "Read the messages above; it comes from PyPI."
    }
}

# need_schemathesis: installs it and sets ACURATE_TEST_SCHEMATHESIS.
need_schemathesis() {
    local folder=$ROOT/target/tools/schemathesis-$SCHEMATHESIS
    python_tool "Schemathesis $SCHEMATHESIS" "$folder" "schemathesis==$SCHEMATHESIS"
    export ACURATE_TEST_SCHEMATHESIS=$folder/bin/st
}

# need_celery: installs it and sets CELERY_PYTHON to the Python that has it.
need_celery() {
    local folder=$ROOT/target/tools/celery-$CELERY
    python_tool "Celery $CELERY" "$folder" "celery[redis]==$CELERY"
    CELERY_PYTHON=$folder/bin/python
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

# Puts cargo on the PATH and checks its version against the workspace's. Rust is
# not installed here: its version is the user's choice, and apt's is too old.
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
}
