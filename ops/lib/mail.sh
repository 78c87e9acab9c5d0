# shellcheck shell=bash
# The tests' SMTP server (../mail/smtp-server.py): started and stopped.
# Callers have called need_programs.

mail_settled() { [ -s "$1" ] || has_stopped smtp; }

# mail_start DIRECTORY PORT-FILE LOG: takes a free port and files what it
# accepts in DIRECTORY; false when it ended or did not listen within a minute.
# It runs as the caller, who reads the mail, and ends with the script.
mail_start() {
    spawn smtp "$3" setpriv --pdeathsig TERM -- "$MAIL_PYTHON" "$ROOT/ops/mail/smtp-server.py" \
        --port 0 --dir "$1" --port-file "$2"
    wait_until 60 mail_settled "$2" || mail_stop
    is_running smtp
}

mail_stop() { stop smtp 10 TERM; }
