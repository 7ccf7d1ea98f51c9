#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The card is killed while posts are carried, and comes back; so is the front, and both. The bridge
# finds them again, and goes on where it was.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

ROUNDS=4

# Posts are on their way when they go; the writers' sessions end with them.
while_posting() { # WHO...
    local name
    begin_posts 8
    sleep "0.$(printf %03d $((RANDOM % 300)))"
    for name in "$@"; do
        stop "$name" KILL
    done
    join writers
    for name in "$@"; do
        "start_$name"
    done
}

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker 'global max_queued_messages 0'
subscribe reader broker
start_bridge broker

# The card goes when the bridge has taken all it can hold, of one record, and so does the bridge when that
# is published: what was not acknowledged comes again, and nobody takes it for a replay.
HOLDS=256
stop bridge
post $((HOLDS + 50)) 0A
bridge_beside broker
until_true 'the first entry' got reader 1 record/0A
kill -STOP "${pid_of[card]}"
until_true 'what the bridge holds' got reader $HOLDS record/0A
stop bridge KILL
kill -CONT "${pid_of[card]}"
start_bridge broker
expect_arrived reader
until_true 'the heads' heads_came reader
expect_good_feed reader
before=$(grep -c ': connected' "$work/bridge.log")
echo "$(grep -c '^REPEATED' "$work/verdicts") messages came again"

for ((round = 1; round <= ROUNDS; round++)); do
    while_posting card
    while_posting front
    while_posting card front
done
expect_all_came reader
expect_log_times bridge "$before" ': connected' # it has kept the broker
echo "$(wc -l <"$work/state.acked") posts, $(grep -c '^REPEATED' "$work/verdicts") messages came again"
the_end
