# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Beside lib.sh: real brokers, real subscribers, and the bridge.

command -v mosquitto >/dev/null && command -v mosquitto_sub >/dev/null || {
    echo "skipped: no mosquitto here"
    exit 77
}

bridge_psk=1A2C3E4F5061728394A5B6C7D8E9FA0B1C2D3E4F5A6B7C8D9EAFB0C1D2E3F405

# --- brokers ---------------------------------------------------------------------------------------

declare -A port_of=()

# start_broker NAME [LINE...]: mosquitto cannot take any port there is, so one is guessed, outside
# of those that the system gives to clients, until it is free. A broker that has had one keeps it.
# The lines go into its configuration, those that begin with "global " before the listener.
start_broker() {
    local name=$1 try line
    shift
    for try in $(seq 30); do
        [ -n "${port_of[$name]-}" ] || port_of[$name]=$((20000 + RANDOM % 12000))
        mkdir -p "$work/$name.store"
        {
            echo "user $(id -un)"
            printf '%s\n' "$@" | sed -n 's/^global //p'
            echo "listener ${port_of[$name]} 127.0.0.1"
            echo 'set_tcp_nodelay true'
            printf '%s\n' "$@" | grep -v '^global ' || true
            printf '%s\n' "$@" | grep -qE '^(allow_anonymous|password_file)' || echo 'allow_anonymous true'
        } >"$work/$name.conf"
        : >"$work/$name.log"
        mosquitto -c "$work/$name.conf" >>"$work/$name.log" 2>&1 </dev/null &
        pid_of[$name]=$!
        until_true "$name" broker_runs_or_gone "$name"
        ! is_running "$name" || return 0
        wait "${pid_of[$name]}" || true
        grep -q 'Address already in use' "$work/$name.log" || fail "$name did not start"
        unset "port_of[$name]"
    done
    fail "no port for $name after $try tries"
}

broker_runs_or_gone() {
    grep -q 'version .* running' "$work/$1.log" || ! is_running "$1"
}

# Keeps what it has when it ends, and when it is sent SIGUSR1, in the directory $work/NAME.store. (At each
# change it would write all of it, and be slow.)
keeping() { # NAME
    printf '%s\n' 'global persistence true' "global persistence_location $work/$1.store/" \
        'global autosave_interval 0' 'global max_queued_messages 1000000' 'global max_inflight_messages 200'
}

# start_network BROKER: between the bridge and it, as "network", which is then the broker that the bridge
# is to connect to. Stopped with SIGSTOP, it swallows everything.
start_network() {
    start network "$work/network.ready" "$RDV_BIN/cutter" "127.0.0.1:${port_of[$1]}" "$work/network.ready" 0
    port_of[network]=$(sed 's/.*://' "$work/network.ready")
}

# What brokers want to see: a file with a line that only its owner may read.
secret_file() { # NAME TEXT
    printf '%s\n' "$2" >"$work/$1"
    echo "$work/$1"
}

# authority NAME; certificate NAME AUTHORITY EXTENSIONS: in $work/NAME.pem, with the key in NAME.key.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -keyout "$work/$1.key" -out "$work/$1.pem" 2>>"$work/openssl.log" || fail "authority $1"
}

certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$work/$1.key" -out "$work/$1.csr" 2>>"$work/openssl.log" &&
        openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -CAcreateserial \
            -days 2 -extfile <(printf '%s\n' "$3") -out "$work/$1.pem" 2>>"$work/openssl.log" ||
        fail "certificate $1"
}

# --- subscribers -----------------------------------------------------------------------------------

# What a subscriber writes for a message: topic, retained, content type, expiry, user properties,
# payload in hex, with a bar between.
FORMAT='%t|%r|%C|%E|%P|%x'

declare -A broker_of=()

# subscribe NAME BROKER [OPTION...]: beside the story, with a session that the broker keeps; goes on
# when it has subscribed. What comes is written to NAME.log, among other lines.
subscribe() {
    local name=$1 broker=$2 before
    shift 2
    touch "$work/$name.log"
    before=$(grep -c SUBACK "$work/$name.log" || true)
    stdbuf -oL mosquitto_sub -p "${port_of[$broker]}" -V 5 -q 1 -c -x 4294967295 -i "$name" -t 'rdv/#' -t "end/$name" \
        -F "$FORMAT" -d "$@" >>"$work/$name.log" 2>&1 </dev/null &
    pid_of[$name]=$!
    broker_of[$name]=$broker
    until_true "$name subscribed" more_than "$before" SUBACK "$work/$name.log"
}

# A subscriber goes to sleep when all that the broker has for it has come: mosquitto_sub may hang when
# it is told to end while it takes a message.
stop_subscriber() { # NAME
    local end="end-of-$1-$RANDOM"
    mosquitto_pub -p "${port_of[${broker_of[$1]}]}" -V 5 -q 1 -t "end/$1" -m "$end" || fail 'mosquitto_pub'
    until_true "the last message for $1" grep -aqF "$(hex_of "$end")" "$work/$1.log"
    stop "$1"
}

# A subscriber whose broker goes first does not end in good order.
the_end() {
    local name
    for name in "${!pid_of[@]}"; do
        [ ! -v "broker_of[$name]" ] || stop "$name"
    done
    stop_all
    echo "$story: good"
}

# messages NAME [TOPIC]: what a subscriber has got, in order; of topics with this in them.
messages() {
    grep -a "^rdv/[^|]*${2-}[^|]*|" "$work/$1.log" || true
}

# got NAME N [TOPIC]: so many at least.
got() {
    [ "$(messages "$1" "${3-}" | wc -l)" -ge "$2" ]
}

# newest NAME TOPIC PAYLOAD: the last one of a topic.
newest() {
    [ "$(messages "$1" "$2" | tail -n 1 | cut -d '|' -f 6)" = "$3" ]
}

# newest_entry NAME: it has the last one of the log.
newest_entry() {
    local last
    last=$(whole_log | tail -n 1 | sed 's/.* \(seq=[0-9]*\) .*/\1/')
    messages "$1" | grep -qF "|${last/=/:} n:"
}

# --- the bridge ------------------------------------------------------------------------------------

make_bridge_account() {
    root_does "!guest add bridge rights=publish psk=$bridge_psk"
    key_file bridge "$bridge_psk" >/dev/null
}

# The bridge's command line, for a broker, in $bridge_command. $at is another way to it than
# mqtt://127.0.0.1, where a story needs one.
command_of_bridge() { # NAME BROKER [OPTION...]
    bridge_command=("$RDV_BIN/rdv-bridge" --from "shellS://${sen:-key1.com}@$front" --identity bridge
        --psk-file "$work/bridge.psk" --broker "${at:-mqtt://127.0.0.1}:${port_of[$2]}"
        --ready-file "$work/$1.ready" "${@:3}")
}

# start_bridge BROKER [OPTION...]: as "bridge", or as $bridge; goes on when both sides are there.
start_bridge() {
    local name=${bridge:-bridge}
    command_of_bridge "$name" "$@"
    start "$name" "$work/$name.ready" "${bridge_command[@]}"
}

# The same, without waiting.
bridge_beside() {
    local name=${bridge:-bridge}
    command_of_bridge "$name" "$@"
    rm -f "$work/$name.ready"
    "${bridge_command[@]}" >>"$work/$name.log" 2>&1 </dev/null &
    pid_of[$name]=$!
}

# expect_kept_out NAME BROKER WHY OPTION...: a bridge with these options does not reach the broker,
# says why, once, and goes on trying.
expect_kept_out() {
    local name=$1
    bridge=$name bridge_beside "$2" "${@:4}"
    expect_log "$name" "$3"
    is_running "$name" || fail "$name: a broker that cannot be reached ends it"
    stop "$name"
    [ ! -e "$work/$name.ready" ] || fail "$name: kept out, and yet ready"
}

# expect_idle NAME: since it was started it has done next to nothing.
expect_idle() {
    local stat busy age
    stat=$(sed 's/.*) //' "/proc/${pid_of[$1]}/stat")
    busy=$(($(cut -d ' ' -f 12 <<<"$stat") + $(cut -d ' ' -f 13 <<<"$stat")))
    age=$(($(cut -d ' ' -f 1 /proc/uptime | tr -d .) - $(cut -d ' ' -f 20 <<<"$stat")))
    [ $((busy * 20)) -lt "$age" ] || fail "$1 was busy for $busy of $age hundredths of a second"
}

# --- what must be ----------------------------------------------------------------------------------

# The card's log as the bridge would publish it from the start: topic seq=N n=N bytes=N.
whole_log() {
    "$RDV_BIN/rdv-bridge" --from "shellS://${sen:-key1.com}@$front" --identity bridge \
        --psk-file "$work/bridge.psk" --dry-run --republish-from 1
}

# The last number of the log is acknowledged: nothing is left to carry.
all_carried() {
    local last
    last=$(whole_log | tail -n 1 | sed 's/.* seq=\([0-9]*\) .*/\1/')
    in_words '!consumer show bridge'
    [ "$(said seq)" = "${last:-0}" ]
}

# What a subscriber has got is the log: every entry, those of a topic in their order (unless the second
# word is "unordered"), and what came more than once the same each time.
arrived() { # NAME [unordered]
    whole_log >"$work/whole.log.txt"
    messages "$1" | awk -F '|' -v log_file="$work/whole.log.txt" -v ordered="${2:-ordered}" '
        BEGIN {
            while ((getline line < log_file) > 0) {
                split(line, part, " ")
                sub("seq=", "", part[2]); sub("n=", "", part[3])
                in_log[part[2]] = part[1] " " part[3]
            }
        }
        $1 ~ /\/(record\/..|card)$/ {
            split($5, pair, " ")
            seq = pair[1]; sub("seq:", "", seq)
            n = pair[2]; sub("n:", "", n)
            if (in_log[seq] != $1 " " n) { print "not of the log: " $1 " " $5; bad = 1 }
            if (seq in bytes && bytes[seq] != $6) { print "other bytes: " $1 " " $5; bad = 1 }
            if (ordered == "ordered" && !(seq in bytes) && n + 0 <= last[$1] + 0) { print "out of order: " $1 " " $5; bad = 1 }
            bytes[seq] = $6
            if (n + 0 > last[$1] + 0) last[$1] = n
        }
        END {
            for (seq in in_log) if (!(seq in bytes)) { print "missing: seq=" seq " " in_log[seq]; bad = 1 }
            exit bad
        }' >"$work/arrived.out"
}

# The same, soon.
expect_arrived() { # NAME [unordered]
    local end=$((SECONDS + DEADLINE))
    until all_carried && arrived "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "$1 has not got the log: $(head -n 3 "$work/arrived.out")"
        sleep 0.1
    done
}

# judge NAME WANTED-STATUS [OPTION...]: what rdv verify says of all that a subscriber has got is in
# $work/verdicts.
judge() {
    local name=$1 want=$2 status=0 key
    shift 2
    key=$(as_root '?0A' | tr -d '\r')
    messages "$name" | cut -d '|' -f 1,6 | tr '|' ' ' |
        rdv verify --card-key "$key" "$@" >"$work/verdicts" 2>"$work/verify.log" || status=$?
    expect_equal "$status" "$want" "what rdv verify says of $name: $(tail -n 1 "$work/verify.log") $(grep -vE '^(VALID|REPEATED|UNSIGNED|FILLED) ' "$work/verdicts" | head -n 3)"
}

# Everything the subscriber has got is signed, in order and whole, and nothing else came but the
# bridge's own words.
expect_good_feed() { # NAME [OPTION...]
    judge "$1" 0 --from-start --heads "${@:2}"
    ! grep -avE '^(VALID|REPEATED|UNSIGNED) ' "$work/verdicts" || fail "$1: not all is well"
}

# The newest head of each record is with a subscriber.
heads_came() { # NAME
    local ask record envelope
    in_words '!head'
    mapfile -t ask < <(sed -n 's/^record=\(..\) .*/!head \1/p' "$work/words")
    in_words "${ask[@]}"
    expect_equal "$(grep -c ' envelope=' "$work/words")" ${#ask[@]} 'heads'
    while read -r record envelope; do
        newest "$1" "head/$record" "${envelope,,}" || return 1
    done < <(sed -n 's/^record=\(..\) .* envelope=\(.*\)/\1 \2/p' "$work/words")
}

# What `probe write` was told is written has all reached the subscriber: signed, each
# record's in the order it was written in, nothing missing, and the bridge says that it is there.
expect_all_came() { # NAME
    expect_arrived "$1"
    until_true 'the heads' heads_came "$1"
    until_true 'the status' newest "$1" status "$(hex_of online)"
    expect_good_feed "$1" --content
    sed -nE 's/^(VALID|REPEATED) +record\/(..) .* "([0-9]{10}).*/\1 \2 \3/p' "$work/verdicts" >"$work/values"
    awk '$1 == "VALID" { if ($3 + 0 <= last[$2]) exit 1; last[$2] = $3 + 0 }' "$work/values" ||
        fail "$1: values of a record are not in their order"
    cut -d ' ' -f 2,3 "$work/values" | sort -u >"$work/came"
    sort -u "$work/state.acked" >"$work/acked"
    [ -s "$work/acked" ] || fail 'nothing was acknowledged'
    comm -23 "$work/acked" "$work/came" >"$work/not-come"
    [ ! -s "$work/not-come" ] || fail "$1: $(wc -l <"$work/not-come") acknowledged values are missing: $(head -n 3 "$work/not-come")"
}

# begin_posts N [OPTION of the probe...]: so many sessions post, until end_posts; what they were told
# is written stands in $work/state.acked.
begin_posts() {
    rm -f "$work/begun" "$work/enough"
    DEADLINE=170 probe_beside writers "${@:2}" write "$1" "$work/state" "$work/begun" "$work/enough"
    until_true 'posts of all sessions' test -e "$work/begun"
}

acknowledged() { # N: so many posts at least
    [ "$(wc -l <"$work/state.acked")" -ge "$1" ]
}

more_posts() { # N
    until_true "$1 posts more" acknowledged $(($(wc -l <"$work/state.acked") + $1))
}

end_posts() {
    touch "$work/enough"
    join writers
}

# post N [RECORD]...: so many posts by root, in turn to these records, each answered OK.
posted=0
post() {
    local n=$1 i records
    shift
    records=("${@:-0A}")
    for ((i = 1; i <= n; i++)); do
        posted=$((posted + 1))
        printf 'Z%spost %d\r\n' "${records[i % ${#records[@]}]}" "$posted"
    done >"$work/posts"
    printf '?02\r\n' >>"$work/posts"
    s_client -quiet -servername "${sen:-key1.com}" -psk_identity root -psk "$demo_psk" <"$work/posts" \
        2>"$work/s_client.log" | tr -d '\r' >"$work/posted" || fail 'posting'
    expect_equal "$(grep -c '^OK$' "$work/posted")" "$n" 'posts that were acknowledged'
}
