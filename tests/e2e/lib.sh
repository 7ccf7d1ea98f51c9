# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What every story is told with: a temporary directory, the real processes on port 0, clients, and
# expectations. A story sources this file, says what should be and what is, and ends; when an
# expectation fails it stops there, with everybody's log.
#
#   RDV_BIN=build/dev/bin tests/e2e/01-slides.sh       by hand
#
# It waits for conditions, each with a deadline, and never for time to pass; it ends only what it
# has started.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RDV_BIN=$(cd "${RDV_BIN:-$here/../../build/dev/bin}" && pwd)
story=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/rdv-$story.XXXXXX")
DEADLINE=${RDV_DEADLINE:-60} # seconds, for everything that is waited for

demo_psk=0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
guest_psk=FF02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
crlf=$'\r\n'

# The card cannot be traced, which LeakSanitizer needs.
card_sanitizer="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

card_under=() # a command that runs the card, where a story needs one

declare -A pid_of=()

# --- the end of a story ----------------------------------------------------------------------------

show_logs() {
    local f
    for f in "$work"/*.log "$work"/*.out; do
        [ -s "$f" ] || continue
        printf -- '--- %s\n' "${f##*/}"
        tail -c 20000 "$f" | LC_ALL=C tr -c '\11\12\40-\176' '?'
    done
}

# The reason stands below the logs, where it is looked for first.
fail() {
    printf '%s.sh:%s: %s\n' "$story" "${BASH_LINENO[-2]}" "$*" >"$work/reason"
    exit 1
}

# What a story has put up beside processes and files; called when those are gone. Stories replace it.
take_down() {
    :
}

clean_up() {
    local status=$? name
    trap - EXIT
    set +e
    for name in "${!pid_of[@]}"; do
        kill -KILL "${pid_of[$name]}" 2>/dev/null
        wait "${pid_of[$name]}" 2>/dev/null
    done
    take_down
    if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
        show_logs
        echo "--- $story failed ($status)"
        cat "$work/reason" 2>/dev/null
    fi >&2
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP INT TERM

# Ends a story: everybody stops in good order, and no sanitizer has a complaint.
the_end() {
    stop_all
    echo "$story: good"
}

# --- conditions ------------------------------------------------------------------------------------

# until_true WHAT COMMAND...: the command succeeds, soon.
until_true() {
    local what=$1 end=$((SECONDS + DEADLINE))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "$what: not within $DEADLINE s"
        sleep 0.01
    done
}

expect_equal() { # GOT WANT WHAT
    [ "$1" = "$2" ] || fail "$3: got $(printf %q "$1"), wanted $(printf %q "$2")"
}

# expect_has FILE TEXT: as it stands, in one line.
expect_has() {
    grep -aqF -- "$2" "$1" || fail "${1##*/} does not say \"$2\""
}

expect_has_not() {
    ! grep -aqF -- "$2" "$1" || fail "${1##*/} says \"$2\""
}

# expect_log NAME TEXT: said soon.
expect_log() {
    until_true "$1's log saying \"$2\"" grep -aqF -- "$2" "$work/$1.log"
}

# expect_log_times NAME N TEXT: said soon, in so many lines.
expect_log_times() {
    until_true "$1's log saying $2 times \"$3\"" says_times "$@"
}

says_times() {
    [ "$(grep -acF -- "$3" "$work/$1.log")" -eq "$2" ]
}

more_than() { # N TEXT FILE: more lines of the file have the text
    [ "$(grep -c -- "$2" "$3")" -gt "$1" ]
}

# expect_status WANT COMMAND...: its output is in $work/command.out.
expect_status() {
    local want=$1 status=0
    shift
    timeout "$DEADLINE" "$@" >"$work/command.out" 2>&1 </dev/null || status=$?
    [ "$status" -eq "$want" ] || fail "$* ended with $status, wanted $want"
}

# --- processes -------------------------------------------------------------------------------------

# start NAME READY COMMAND...: in the background, its output in NAME.log; waits for the file READY.
start() {
    local name=$1 ready=$2
    shift 2
    rm -f "$ready"
    "$@" >>"$work/$name.log" 2>&1 </dev/null &
    pid_of[$name]=$!
    until_true "$name" started_or_gone "$name" "$ready"
    [ -s "$ready" ] || fail "$name did not start"
}

started_or_gone() {
    [ -s "$2" ] || ! is_running "$1"
}

is_running() {
    kill -0 "${pid_of[$1]}" 2>/dev/null
}

# stop NAME [SIGNAL]: it must end in good order, unless it is killed.
stop() {
    local name=$1 signal=${2:-TERM} status=0 pid=${pid_of[$1]} watch
    kill -s "$signal" "$pid" 2>/dev/null || fail "$name is gone already"
    # A process that does not end is killed, and its status then tells.
    (
        trap - EXIT
        end=$((SECONDS + DEADLINE))
        while kill -0 "$pid" 2>/dev/null; do
            [ "$SECONDS" -lt "$end" ] || kill -s KILL "$pid"
            sleep 0.02
        done
    ) 2>/dev/null &
    watch=$!
    { wait "$pid" || status=$?; } 2>/dev/null # the shell would tell of a kill
    wait "$watch" || true
    unset "pid_of[$name]"
    if [ "$signal" = KILL ]; then
        expect_equal "$status" 137 "$name's status when killed"
    else
        expect_equal "$status" 0 "$name's status"
    fi
    if grep -aqE 'runtime error:|(Address|Leak|Thread|UndefinedBehavior)Sanitizer' "$work/$name.log"; then
        fail "$name: a sanitizer complains"
    fi
}

stop_all() {
    local name
    for name in "${!pid_of[@]}"; do
        stop "$name"
    done
}

se_card() {
    ASAN_OPTIONS=$card_sanitizer "$RDV_BIN/se-card" "$@"
}

# Demonstration cards in $work/cards.
make_demo_cards() {
    local sen
    for sen in "${@:-key1.com}"; do
        se_card init --dir "$work/cards" --sen "$sen" --demo >>"$work/init.log" 2>&1 ||
            fail "se-card init: $sen"
    done
}

# start_card [OPTION...]: serves $work/cards as "card".
start_card() {
    start card "$work/card.ready" "${card_under[@]}" env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run \
        --dir "$work/cards" --listen "unix:$work/card.sock" --ready-file "$work/card.ready" \
        --workers 2 "$@"
}

# start_front [OPTION...]: as "front"; $front is then its address.
start_front() {
    start front "$work/front.ready" "$RDV_BIN/rdv-server" --listen "${front:-127.0.0.1:0}" \
        --cards "unix:$work/card.sock" --ready-file "$work/front.ready" "$@"
    front=$(cat "$work/front.ready")
}

# --- clients ---------------------------------------------------------------------------------------

# The real one. Options as s_client takes them; text for the card on standard input. $from is the
# address of this machine it comes from (127.0.0.2, ...), where a story needs several.
s_client() {
    timeout "$DEADLINE" openssl s_client -connect "$front" ${from:+-bind "$from:0"} "$@"
}

# talk IDENTITY PSK LINE...: a session; what the card answers, carriage returns and all. It ends
# with ?02, and in good order.
talk() {
    local identity=$1 psk=$2
    shift 2
    printf '%s\r\n' "$@" '?02' |
        s_client -quiet -servername "${sen:-key1.com}" -psk_identity "$identity" -psk "$psk" \
            2>"$work/s_client.log" || fail "s_client: a session as $identity did not end well"
}

# expect_refused IDENTITY PSK [OPTION...]: no session; s_client says why in s_client.log.
expect_refused() {
    local status=0
    printf '?00\r\n?02\r\n' |
        s_client -quiet -servername "${sen:-key1.com}" -psk_identity "$1" -psk "$2" "${@:3}" \
            >"$work/refused.out" 2>"$work/s_client.log" || status=$?
    expect_equal "$status" 1 "s_client's status as $1"
    [ ! -s "$work/refused.out" ] || fail "$1: refused, and yet answered"
}

as_root() {
    talk root "${root_psk:-$demo_psk}" "$@"
}

as_guest() {
    talk guest "$guest_psk" "$@"
}

# in_words LINE...: what root is answered, without carriage returns, in $work/words.
in_words() {
    as_root "$@" | tr -d '\r' >"$work/words"
}

# said KEY: its value in the last answer of in_words, where it needs no quotes.
said() {
    sed -n "s/^\\(.* \\)\\{0,1\\}$1=\\([^ ]*\\).*/\\2/p" "$work/words" | head -n 1
}

# root_does LINE...: each is answered OK.
root_does() {
    in_words "$@"
    expect_equal "$(grep -c '^OK$' "$work/words")" $# "OK to $* ($(grep '^ERR' "$work/words"))"
}

# copy_database: of key1.com as it is now, to $copy; nobody else may open what the card has open.
n_copies=0
copy_database() {
    n_copies=$((n_copies + 1))
    copy=$work/cards/key1.com/copy$n_copies
    root_does "!backup copy$n_copies"
}

# of_database SQL: what the last copy says.
of_database() {
    sqlite3 "$copy" "$1"
}

# all_but_audit: the database as text, without the audit, what counts its rows, and the counter.
all_but_audit() {
    copy_database
    of_database ".dump $(of_database "SELECT group_concat(name, ' ') FROM sqlite_master WHERE type = 'table'
        AND name NOT IN ('audit', 'state', 'sqlite_sequence')")" | sed 's/^PRAGMA.*//'
    rm "$copy"
}

# expect_welcome IDENTITY PSK: it logs in.
expect_welcome() {
    expect_equal "$(talk "$1" "$2" '?00' | tr -d '\r')" 'RDV keystore 0.1' "a session as $1"
}

# expect_talk WHO WANTED LINE...: the answers are exactly these lines, CR LF after each.
expect_talk() {
    local who=$1 want=$2 line got
    shift 2
    # One character more than the answer keeps the shell from eating line ends.
    got=$("$who" "$@" && echo .)
    line=${want//$'\n'/$crlf}$crlf.
    [ "$got" = "$line" ] || fail "$who $*: got $(printf %q "$got"), wanted $(printf %q "$line")"
}

# What only our own client does: see tests/support/probe.c.
probe() {
    "$RDV_BIN/probe" --at "$front" --deadline "${DEADLINE}000" "$@" 2>"$work/probe.log" ||
        fail "probe $*: $(tail -n 1 "$work/probe.log")"
}

# The same beside the story, as NAME; `join NAME` waits for its good end.
probe_beside() {
    local name=$1
    shift
    "$RDV_BIN/probe" --at "$front" --deadline "${DEADLINE}000" "$@" >"$work/$name.out" \
        2>"$work/$name.log" &
    pid_of[$name]=$!
}

join() {
    wait "${pid_of[$1]}" || fail "$1: $(tail -n 1 "$work/$1.log")"
    unset "pid_of[$1]"
}

# The guest of the slides, enabled.
make_guest() {
    expect_talk as_root "guest
$guest_psk
OK" '?06guest' "?A0$guest_psk" '?A501'
}

# The tool, with a home of its own.
rdv() {
    HOME=$work/home XDG_CONFIG_HOME='' timeout "$DEADLINE" "$RDV_BIN/rdv" "$@"
}

# A key file that only its owner can read; its path.
key_file() { # NAME KEY
    printf '%s\n' "$2" >"$work/$1.psk"
    echo "$work/$1.psk"
}

# expect_rdv WANTED-STATUS WANTED-OUTPUT ARGUMENT...: what it says goes to rdv.log.
expect_rdv() {
    local status=0 got
    got=$(rdv "${@:3}" 2>"$work/rdv.log" </dev/null) || status=$?
    expect_equal "$status" "$1" "the status of rdv ${*:3}"
    expect_equal "$got" "$2" "what rdv ${*:3} writes"
}

# --- files -----------------------------------------------------------------------------------------

# State of every file below a directory: name, mode, content. An empty write-ahead log is as good
# as none: SQLite makes one when it looks into a database.
fingerprint() {
    (cd "$1" && find . -type f ! \( -name '*-wal' -size 0 \) -exec stat -c '%n %a %s' {} + -exec sha256sum {} + | sort)
}

hex_of() { # of text
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# expect_no_bytes DIR HEX WHAT: no file below holds these bytes.
expect_no_bytes() {
    local f
    while IFS= read -r f; do
        ! od -An -v -tx1 "$f" | tr -d ' \n' | grep -qiF "$2" || fail "$f holds $3"
    done < <(find "$1" -type f)
}
