# shellcheck shell=bash
# A private Redis server: started on one loopback port with a password, stopped.
# Callers have called need_programs and find_service_user; they decide how durable.

# redis_configure FILE PORT PASSWORD DATA [LINE...]: the password travels in a
# file of ours, as command lines are there for everyone to read.
redis_configure() {
    local file=$1 port=$2 password=$3 data=$4
    shift 4
    (umask 077 && printf '%s\n' "bind 127.0.0.1" "protected-mode yes" "port $port" "requirepass $password" \
        "dir \"$data\"" "daemonize no" "maxmemory-policy noeviction" "$@" >"$file.new")
    mv -- "$file.new" "$file"
}

# redis_answers PORT PASSWORD: true when our server, not another one on this
# port, has loaded its data: only ours knows the password.
redis_answers() (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'AUTH %s\r\nPING\r\n' "$2" >&3
    IFS= read -r -t 5 signed_in <&3 && IFS= read -r -t 5 pong <&3
    [[ $signed_in == +OK* && $pong == +PONG* ]]
) 2>/dev/null

redis_settled() { redis_answers "$@" || has_stopped redis; }

# redis_start CONFIGURATION PORT PASSWORD LOG: returns once the server answers;
# false when it ended or did not answer within a minute. The configuration is
# its standard input, so the servers' account needs no right to read the file.
redis_start() {
    local configuration=$1 port=$2 password=$3 log=$4 SERVICE_COMMAND
    set_service_command
    SPAWN_INPUT=$configuration spawn redis "$log" "${SERVICE_COMMAND[@]}" "$REDIS_SERVER" -
    wait_until 60 redis_settled "$port" "$password" || redis_stop
    is_running redis
}

redis_stop() { stop redis 30 TERM; }
