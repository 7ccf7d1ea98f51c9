#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The card is killed while 32 sessions write. After its restart every acknowledged value is there;
# the front is the same process, and serves again by itself.
. "$(dirname "$0")/../e2e/lib.sh"

ROUNDS=6

make_demo_cards
start_card
start_front
front_pid=${pid_of[front]}

for ((round = 1; round <= ROUNDS; round++)); do
    rm -f "$work/begun"
    probe_beside writers write 32 "$work/state" "$work/begun"
    until_true 'all sessions to be acknowledged' test -e "$work/begun"
    # The moment is chance's: up to 150 ms from here, most of it between two commits.
    sleep "0.$(printf %03d $((RANDOM % 150)))"
    stop card KILL
    # Connections end then; nobody waits for ever.
    join writers
    start_card
    probe check "$work/state"
    echo "round $round: $(cat "$work/writers.out")"
done
[ "$(wc -l <"$work/state")" -gt 100 ] || fail "few records were written"

is_running front || fail "the front is gone"
expect_equal "${pid_of[front]}" "$front_pid" 'the front'
expect_log front 'the card has gone'
expect_talk as_root 'OK' 'ZE0after'

# Killed with nobody there, and at once again; and stopped in good order.
stop card KILL
start_card
stop card KILL
start_card
expect_talk as_root 'after' 'IE0'
stop card
start_card
probe check "$work/state"
expect_talk as_root 'after' 'IE0'

the_end
