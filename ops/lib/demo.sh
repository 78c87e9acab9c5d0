# shellcheck shell=bash
# Asks the API whether it is ready, and tells the user where everything is.
# Reads .run/demo.json, which acurate-ops writes, without a JSON program: a
# fresh machine has none.

# True when `GET /api/health/ready/` answers 200 on PORT. In Bash itself, as
# curl may be missing.
api_is_ready() (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'GET /api/health/ready/ HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&3
    IFS= read -r -t 10 status <&3
    [[ $status == HTTP/1.*' 200'* ]]
) 2>/dev/null

# json_string KEY TEXT: prints the string at KEY of a flat JSON object. The
# demo's strings hold nothing that JSON escapes.
json_string() {
    [[ $2 =~ \"$1\"[[:space:]]*:[[:space:]]*\"(([^\"\\]|\\.)*)\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# Prints role, email and password of each account in FILE: of each object that
# holds no other one, whatever its strings hold.
print_accounts() {
    local text account object='\{([^{}"]|"([^"\\]|\\.)*")*\}'
    text=$(<"$1")
    while [[ $text =~ $object ]]; do
        account=${BASH_REMATCH[0]}
        text=${text#*"$account"}
        printf '    %-18s %-36s %s\n' "$(json_string role "$account")" "$(json_string email "$account")" \
            "$(json_string password "$account")"
    done
}

# print_summary HEADLINE HOW-TO-STOP
print_summary() {
    local url=http://127.0.0.1:$API_PORT
    printf '\n%s\n' "$1"
    printf '  %-10s %s\n' API "$url" Documents "$url/docs"
    if [ -n "${ACURATE_SMTP_URL:-}" ]; then
        printf '  %-10s %s\n' Mail "by ACURATE_SMTP_URL"
    else
        printf '  %-10s %s\n' Mail "$RUN/mail/*.eml"
    fi
    printf '  %-10s %s\n' Logs "$RUN/log" Stop "$2"
    if [ -s "$RUN/demo.json" ]; then
        printf '  %s\n' "Demo sign-ins ($RUN/demo.json)"
        print_accounts "$RUN/demo.json"
    fi
    printf '\n'
}
