#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs speak CBOR: what they send is answered in order, however it is cut, and bounded; what is
# no request ends nothing but itself, or the session.
. "$(dirname "$0")/lib.sh"

# How much front and card may grow for a client that sends 10,000 requests and reads nothing, in
# KiB; the answers would be 40 MB. Sanitizers keep what was freed for a while: not here.
GROWTH_MOST=6000
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
card_sanitizer="$ASAN_OPTIONS:detect_leaks=0"

make_demo_cards
start_card
start_front

# program STEP ...: root's, who offers the protocol.
program() {
    probe --identity root --alpn rdv/1 play open "$@"
}

# --- the protocol -----------------------------------------------------------------------------------

# A stock client is told what was agreed on, and one that offers another still speaks lines.
offer() {
    s_client -alpn "$1" -servername key1.com -psk_identity root -psk "$demo_psk" \
        </dev/null >"$work/s_client.out" 2>&1 || true
}
offer rdv/1
expect_has "$work/s_client.out" 'ALPN protocol: rdv/1'
offer h2,http/1.1
expect_has "$work/s_client.out" 'No ALPN negotiated'
probe --alpn h2 play open 'send:?00\n' 'answer:RDV keystore 0.1\r\n'

# --- requests ---------------------------------------------------------------------------------------

put=$'call:[1, "put", {"record": 10, "content": h\'6869\', "type": "text/plain"}]'
get='call:[2, "get", {"record": 10}]'
got='result:[2, 0, {"type": "text/plain", "author": "root", "changed": '
program "$put" 'result:[1, 0, {"seq": 1, ' "$get" "$got"
# What a program writes a person reads, and the other way round.
expect_talk as_root hi I0A
expect_talk as_root OK 'Z0Aby hand'
program "$get" 'result:[2, 0, {"author": "root", "changed": '

# Cut anywhere: each byte in a record of its own, and in a segment of its own.
program pieces:1 "$put" "$get" 'result:[1, 0, ' "$got"
program bytes "$put" "$get" 'result:[1, 0, ' "$got"
# Together in one segment, with goodbye behind them: both are answered first.
program hold "$put" "$get" close go 'result:[1, 0, ' "$got" closed

# What is no request, or asks for what there is not, is refused, and the session goes on.
program 'call:7' 'result:[null, 5, {"code": "format"' \
    'call:[1, "put"]' 'result:[null, 5, {"code": "format"' \
    'call:[-1, "get", {"record": 10}]' 'result:[null, 5, ' \
    'call:[3, 4, {}]' 'result:[3, 5, ' \
    'call:[3, "fly", {}]' 'result:[3, 23, {"code": "unknown"' \
    'call:[3, "get", {"record": 256}]' 'result:[3, 5, ' \
    'call:[3, "get", {"record": 10, "record": 11}]' 'result:[3, 8, {"code": "exists", "error": "a key twice"' \
    'call:[3, "get", {"record": 10, "colour": "red"}]' 'result:[3, 5, {"code": "format", "error": "no key \"colour\"' \
    'call:[3, "put", {"record": 10, "content": "text"}]' 'result:[3, 5, {"code": "format", "error": "content: ' \
    'hex:83036367657481' 'hex:FB3FF199999999999A' 'result:[3, 5, ' \
    "$get" "$got"

# What cannot be framed is answered once, and the session ends: indefinite length, too deep, no CBOR.
for hex in 9F01 830163676574BF 8301FF 818181818181818181 1C; do
    program hold "$get" "hex:$hex" "$get" go "$got" 'result:[null, 5, {"code": "format", "error": "not CBOR' closed
done
# A number may be used again, even while it waits: answers come in order, each with the number it was asked by.
program hold "$get" 'call:[2, "fly", {}]' "$get" go "$got" 'result:[2, 23, ' "$got"

# A request that closing cuts short is not run.
program hold 'hex:8301637075' close go closed

# --- sent ahead -------------------------------------------------------------------------------------

# 10,000 requests at once: as many answers, in order.
program lazy 'call:10000*[%, "guest enable", {"name": "guest"}]' 'result:10000*[%, 0, {}]'

# The same for a client that does not read: front and card do not grow with what it has asked for.
head -c 4096 /dev/zero | tr '\0' r | od -An -v -tx1 | tr -d ' \n' >"$work/content"
{ printf '[1, "put", {"record": 6, "content": h'\'; cat "$work/content"; printf \''}]'; } >"$work/put"
program "call:@$work/put" 'result:[1, 0, '
for ((i = 0; i < 10000; i++)); do printf '\203\001\143get\241\146record\006'; done >"$work/gets"

memory_of() { # NAME
    sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/${pid_of[$1]}/status"
}
ticks() {
    cat "/proc/${pid_of[card]}/stat" "/proc/${pid_of[front]}/stat" | cut -d ' ' -f 14,15 | tr '\n' ' '
}
both_rest() {
    local before
    before=$(ticks)
    for _ in {1..20}; do
        sleep 0.02
        [ "$(ticks)" = "$before" ] || return 1
    done
}
expect_bounded() { # WHAT
    local card_growth front_growth
    until_true 'front and card to rest' both_rest
    program "$get" "$got" # others are served meanwhile
    card_growth=$(($(memory_of card) - card_before)) front_growth=$(($(memory_of front) - front_before))
    echo "$1: card grown by $card_growth KiB, front by $front_growth KiB"
    [ "$card_growth" -lt "$GROWTH_MOST" ] || fail "the card grew by $card_growth KiB"
    [ "$front_growth" -lt "$GROWTH_MOST" ] || fail "the front grew by $front_growth KiB"
}
card_before=$(memory_of card) front_before=$(memory_of front)
probe_beside reader --identity root --alpn rdv/1 --receive-buffer 4096 play open "send:@$work/gets" \
    "mark:$work/sent" "await:$work/go" reset
until_true 'the requests to be sent' test -e "$work/sent"
expect_bounded 'ten thousand'
touch "$work/go"
join reader

# --- a mebibyte -------------------------------------------------------------------------------------

n=1048576
program "call:[1, \"record set\", {\"record\": 5, \"max\": $n}]" 'result:[1, 0, {'
head -c $n /dev/urandom | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F >"$work/content"
{ printf '[2, "put", {"record": 5, "content": h'\'; cat "$work/content"; printf \''}]'; } >"$work/put"
{ printf '"content": h'\'; cat "$work/content"; printf \''}]'; } >"$work/end"
program "call:@$work/put" 'result:[2, 0, {"seq": ' \
    'call:[3, "get", {"record": 5}]' "holds:@$work/end" \
    pieces:1000 "call:@$work/put" 'result:[2, 0, {"seq": ' \
    'call:[3, "get", {"record": 5}]' "holds:@$work/end"
head -c $((2 * n)) /dev/zero >"$work/filling"
# A byte more than the record takes, then more than a request may have: that is said before it has come,
# and what comes all the same is skipped.
{ printf '[2, "put", {"record": 5, "content": h'\'; cat "$work/content"; printf '00'\''}]'; } >"$work/longer"
program "call:@$work/longer" 'result:[2, 7, {"max": 1048576, "code": "limit", ' \
    'hex:830463707574A167636F6E74656E745A00200000' 'result:[4, 7, {"max": 1052672, "code": "limit", ' \
    "send:@$work/filling" "$get" "$got"
program 'call:[3, "get", {"record": 5}]' "holds:@$work/end"

# A client that goes within a long request has changed nothing.
{ printf '[2, "put", {"record": 5, "content": h'\'; head -c $((2 * n)) /dev/zero | tr '\0' 0; printf \''}]'; } \
    >"$work/zeros"
program "begin:@$work/zeros" reset
program 'call:[3, "get", {"record": 5}]' "holds:@$work/end"
# Nor has it cost anything to ask for it and go.
program 'call:[3, "get", {"record": 5}]' reset
# One that asks for it a thousand times and does not read costs an answer, not a thousand.
for ((i = 0; i < 1000; i++)); do printf '\203\001\143get\241\146record\005'; done >"$work/longs"
card_before=$(memory_of card) front_before=$(memory_of front)
probe_beside sleeper --identity root --alpn rdv/1 --receive-buffer 4096 play open "send:@$work/longs" \
    "mark:$work/sent2" "await:$work/go2" reset
until_true 'the requests to be sent' test -e "$work/sent2"
expect_bounded 'a mebibyte'
touch "$work/go2"
join sleeper

# --- repeated ---------------------------------------------------------------------------------------

# A client that does not know whether its post arrived repeats it: the same answer, nothing twice.
once=$'{"record": 20, "once": h\'C0FFEE\', "content": h\'01\'}'
program "call:[1, \"put\", $once]" reset
program "call:[2, \"put\", $once]" 'result:[2, 0, {"seq": ' \
    "call:[3, \"put\", $once]" 'result:[3, 0, {"seq": ' \
    $'call:[4, "put", {"record": 20, "once": h\'C0FFEE\', "content": h\'02\'}]' \
    'result:[4, 8, {"code": "exists", "error": "once: it stands for another post"}]'
stop card
start_card
program "call:[2, \"put\", $once]" 'result:[2, 0, {"seq": '

# --- a client that says nothing more ----------------------------------------------------------------

stop front
start_front --idle-timeout 300
program "$get" "$got" closed
# One that does not read what it has asked for is ended too.
before=$(grep -c ': idle' "$work/front.log" || true)
probe_beside deaf --identity root --alpn rdv/1 --receive-buffer 4096 play open "send:@$work/gets" \
    "await:$work/go3" reset
ended() {
    [ "$(grep -c ': idle' "$work/front.log")" -gt "$before" ]
}
until_true 'the front to end it' ended
touch "$work/go3"
join deaf

the_end
