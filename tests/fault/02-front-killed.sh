#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The front is killed while 32 sessions write. It has no state: another one serves at once, and
# every acknowledged value is there.
. "$(dirname "$0")/../e2e/lib.sh"

ROUNDS=6

make_demo_cards
start_card
start_front
card_pid=${pid_of[card]}

for ((round = 1; round <= ROUNDS; round++)); do
    rm -f "$work/begun"
    probe_beside writers write 32 "$work/state" "$work/begun"
    until_true 'all sessions to be acknowledged' test -e "$work/begun"
    sleep "0.$(printf %03d $((RANDOM % 150)))" # the moment is chance's
    stop front KILL
    join writers
    front= # any port
    start_front
    probe check "$work/state"
    echo "round $round: $(cat "$work/writers.out")"
done
[ "$(wc -l <"$work/state")" -gt 100 ] || fail "few records were written"

is_running card || fail "the card is gone"
expect_equal "${pid_of[card]}" "$card_pid" 'the card'
# The sessions of the dead fronts are gone from the card: its limit would be reached otherwise.
stop card
start_card --max-sessions 40
for round in 1 2; do
    rm -f "$work/begun"
    probe_beside writers write 32 "$work/state" "$work/begun"
    until_true 'all sessions to be acknowledged' test -e "$work/begun"
    stop front KILL
    join writers
    front=
    start_front
    expect_talk as_root "OK" "ZE0round$round"
done
probe check "$work/state"

the_end
