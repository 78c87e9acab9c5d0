# shellcheck shell=bash
# A private Redis server: started on one loopback port with a password, stopped.
# Callers have called need_redis and find_service_user.

# redis_configuration PORT PASSWORD DATA: on standard output. The password
# travels in a file, as command lines are there for everyone to read.
redis_configuration() {
    printf '%s\n' "bind 127.0.0.1" "protected-mode yes" "port $1" "requirepass $2" "dir $3" \
        "daemonize no" "maxmemory-policy noeviction"
}

# True when the server answers, be it only that it wants the password.
redis_answers() {
    local answer
    {
        exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'PING\r\n' >&3 && IFS= read -r -t 5 answer <&3
    } 2>/dev/null && [[ $answer == -NOAUTH* ]]
}

redis_settled() { (redis_answers "$1") || has_stopped redis; }

# redis_start CONFIGURATION PORT LOG: returns once the server answers; false
# when it ended or did not answer within a minute. The file is handed over as
# standard input, so the servers' account needs no right to read it.
redis_start() {
    local configuration=$1 port=$2 log=$3 AS_SERVICE
    as_service_command ${SPAWN_OPTIONS[@]+"${SPAWN_OPTIONS[@]}"}
    SPAWN_INPUT=$configuration spawn redis "$log" ${AS_SERVICE[@]+"${AS_SERVICE[@]}"} "$REDIS_SERVER" -
    wait_until 60 redis_settled "$port"
    is_running redis
}

redis_stop() { stop redis 30 TERM; }
