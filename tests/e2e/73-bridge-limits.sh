#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Several brokers; the birth, and the death of a bridge that is killed; what a broker does not answer
# is not acknowledged, and no more of it is on its way than was agreed; what it finds too large is left
# out, and written down.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

make_demo_cards
start_card
start_front
make_bridge_account
start_broker one
start_broker two

cursor() {
    in_words '!consumer show bridge'
    said seq
}

# --- several brokers ---------------------------------------------------------------------------------

and_two=(--broker "mqtt://127.0.0.1:${port_of[two]}")
stop one
subscribe at-two two
start_bridge one "${and_two[@]}"
expect_log bridge "broker mqtt://127.0.0.1:${port_of[one]}: "
post 5 0A 0B
expect_arrived at-two
start_broker one
subscribe at-one one
stop at-two
stop two KILL
until_true 'the other broker' got at-one 1 status
post 5 0A 0B
until_true 'the last entry' newest_entry at-one
expect_equal "$(messages at-one record | cut -d '|' -f 5 | sort -t : -k 2n | uniq | tail -n 5 | head -n 1)" 'seq:6 n:4' \
    'the first that only the other one has got'

# --- birth and death ---------------------------------------------------------------------------------

expect_equal "$(messages at-one status | tail -n 1 | cut -d '|' -f 6)" "$(hex_of online)" 'the status'
stop bridge KILL
until_true 'the death' newest at-one status "$(hex_of offline)"
subscribe late one
until_true 'the last will' newest late status "$(hex_of offline)"
expect_equal "$(messages late status | cut -d '|' -f 2-5)" '1|text/plain||' 'the last will for who comes late'
start_bridge one
until_true 'the birth' newest late status "$(hex_of online)"
stop bridge
until_true 'the end' newest late status "$(hex_of offline)"

# --- a broker that does not answer -------------------------------------------------------------------

# Bytes that the broker has not read.
unread() {
    ss -Htn "sport = :${port_of[one]}" | awk '{ n += $2 } END { print n + 0 }'
}

unread_are() { # AT-LEAST
    [ "$(unread)" -ge "$1" ]
}

# expect_on_way MESSAGES: of entries; one is larger than 300 bytes, and smaller than 400.
expect_on_way() {
    local was=$1
    until_true "$1 messages" unread_are $(($1 * 300))
    expect_equal "$(cursor)" "$before" 'the cursor, before the broker has said anything'
    [ "$(unread)" -lt $(($1 * 400)) ] || fail "$(unread) bytes are on their way, for $was messages"
}

for how in '1 --window 4' '4 --window 4' '3 --per-record 3'; do
    read -r records option number <<<"$how"
    start_bridge one "$option" "$number"
    until_true 'what is retained' all_carried
    before=$(cursor)
    kill -STOP "${pid_of[one]}"
    if [ "$option" = --per-record ]; then
        post 40 0A
    else
        post 40 $(printf '%02X ' $(seq 10 $((9 + records))))
    fi
    expect_on_way "$records"
    kill -CONT "${pid_of[one]}"
    until_true 'the rest' all_carried
    stop bridge
done
judge at-one 0

# --- what is too large -------------------------------------------------------------------------------

long=$(printf 'x%.0s' {1..700})

all_left_out=0

# leaves_out NAME LINE...: with this configuration a broker has all but the long ones.
leaves_out() {
    local name=$1 first left_out
    shift
    start_broker "$name" "$@"
    subscribe "at-$name" "$name"
    first=$(($(cursor) + 1))
    all_left_out=$((all_left_out + 2))
    start_bridge "$name"
    root_does '!post 0A short' "!post 0A $long" '!post 0B short' "!post 2C $long" '!post 0A short'
    until_true 'the rest' all_carried
    until_true 'the last entry' newest_entry "at-$name"
    expect_equal "$(messages "at-$name" record | grep -o 'seq:[0-9]*' | grep -xE "seq:($(seq -s '|' "$first" $((first + 4))))")" \
        "$(printf 'seq:%d\n' "$first" $((first + 2)) $((first + 4)))" "what $name has got"
    expect_log_times bridge "$all_left_out" 'is too large for the broker, and left out'
    in_words '!audit 1 50'
    grep 'action="consumer skip"' "$work/words" >"$work/skips"
    expect_equal "$(wc -l <"$work/skips")" "$all_left_out" 'rows of the audit'
    for left_out in $((first + 1)) $((first + 3)); do
        expect_has "$work/skips" "actor=bridge action=\"consumer skip\" target=bridge result=ok detail=\"seq=$left_out: too large for the broker\""
    done
    stop bridge
    # It is not tried again, although it is the last of its record.
    start_bridge "$name"
    root_does '!post 0D short'
    until_true 'the last entry' newest_entry "at-$name"
    expect_equal "$(messages "at-$name" record/2C)" '' 'what is left of 2C'
    expect_log_times bridge "$all_left_out" 'is too large for the broker, and left out'
    stop bridge
    judge "at-$name" 1
    expect_has "$work/verdicts" GAP
}

leaves_out says-so 'global max_packet_size 700'
leaves_out refuses 'global message_size_limit 600'
the_end
