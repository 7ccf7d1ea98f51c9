#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The limits: of a record, of a line, of what may wait for a client that does not read.
. "$(dirname "$0")/lib.sh"

# How much front and card may grow while a client does not read, in KiB: far less than the 16 MB
# that it has asked for. Sanitizers keep what was freed for a while: not here.
GROWTH_MOST=6000
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
card_sanitizer="$ASAN_OPTIONS:detect_leaks=0"

letters() { # COUNT
    head -c "$1" /dev/zero | tr '\0' "${2:-r}"
}

make_demo_cards
start_card
start_front

# A record: n - 1, n, n + 1 of 4096 bytes.
for n in 4095 4096; do
    { printf Z40; letters $n; echo; } >"$work/line"
    { letters $n; printf '\r\n'; } >"$work/record"
    probe play open "send:@$work/line" 'answer:OK\r\n' 'send:I40\n' "answer:@$work/record"
done
{ printf Z40; letters 4097 x; echo; } >"$work/line"
probe play open "send:@$work/line" 'answer:ERROR\r\n' 'send:I40\n' "answer:@$work/record"

# A line: as long as allowed (too long for a record all the same), and one byte more; then longer
# than anything. Each is one ERROR, and the session goes on.
for n in 16381 16382 20000 300000; do
    { printf Z40; letters $n x; echo; } >"$work/line"
    probe play open "send:@$work/line" 'answer:ERROR\r\n' 'send:I40\n' "answer:@$work/record"
done
{ printf '?01'; letters 16381; echo; } >"$work/line"
{ letters 16381; printf '\r\n'; } >"$work/echo"
# The longest line there is, over many records; the answer is one record.
probe play open pieces:1000 "send:@$work/line" "answer:@$work/echo"

# 4096 lines in one TLS record, each with 4 KB of answer, for a client that does not read.
for _ in {1..4096}; do echo I40; done >"$work/lines"
expect_equal "$(wc -c <"$work/lines")" 16384 'bytes of 4096 lines'

memory_of() { # NAME FIELD
    sed -n "s/^$2:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/${pid_of[$1]}/status"
}
# Processor time of both, in ticks: it stands still when neither has anything to do.
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

card_before=$(memory_of card VmHWM) front_before=$(memory_of front VmHWM)
probe_beside reader --receive-buffer 4096 play open "send:@$work/lines" "mark:$work/sent" "await:$work/go" \
    "answer:4096*@$work/record" 'send:I41\n' 'answer:\r\n' close closed
until_true 'the lines to be sent' test -e "$work/sent"
until_true 'front and card to rest' both_rest
# Others are served meanwhile.
expect_talk as_root 'OK' 'Z42others'
began=$SECONDS
touch "$work/go"
join reader
[ $((SECONDS - began)) -lt 20 ] || fail "16 MB took $((SECONDS - began)) s"
card_growth=$(($(memory_of card VmHWM) - card_before))
front_growth=$(($(memory_of front VmHWM) - front_before))
echo "grown: card $card_growth KiB, front $front_growth KiB"
[ "$card_growth" -lt "$GROWTH_MOST" ] || fail "the card grew by $card_growth KiB"
[ "$front_growth" -lt "$GROWTH_MOST" ] || fail "the front grew by $front_growth KiB"

# One that never reads, and goes.
probe --receive-buffer 4096 play open "send:@$work/lines" reset
expect_log front 'connection lost'
expect_talk as_root 'others' 'I42'

the_end
