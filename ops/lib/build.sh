# shellcheck shell=bash
# Builds the programs of this checkout. Which ones is the caller's business; so
# is what happens to them. A caller has sourced steps.sh.

# build CARGO-ARGUMENTS...: builds by ACURATE_PROFILE and sets BIN to the folder
# of the programs.
build() {
    local profile=${ACURATE_PROFILE:-release} target=${CARGO_TARGET_DIR:-$ROOT/target}
    [[ $target == /* ]] || target=$ROOT/$target
    case $profile in
        release) BIN=$target/release ;;
        dev) BIN=$target/debug ;;
        *) die "ACURATE_PROFILE is '$profile'" "It is release or dev." ;;
    esac
    say "Building ($profile); the first time takes some minutes"
    run_group env -C "$ROOT" CARGO_TARGET_DIR="$target" cargo build --profile "$profile" "$@" ||
        die "the build failed; its messages are above"
}
