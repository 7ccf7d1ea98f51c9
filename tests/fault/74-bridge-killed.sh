#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The bridge is killed 50 times while posts arrive, at moments that chance takes: from its first system
# call on to long after it has begun to carry. Every other time it goes with its whole machine, and what
# it has sent in its last moments never arrives. RDV_SEED=N repeats the moments of a run.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

KILLS=50
LONGEST=600 # ms, from a start to the kill
LAST=200    # ms, of which nothing arrives

seed=${RDV_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "RDV_SEED=$seed"

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker 'global max_queued_messages 0'
subscribe reader broker
start_network broker
start_bridge network
begin_posts 8 --pause 50
until_true 'posts to be carried' got reader 100 record

sleep_ms() { # LESS-THAN
    sleep "0.$(printf %03d $((RANDOM % $1)))"
}

RANDOM=$seed
for ((i = 1; i <= KILLS; i++)); do
    sleep_ms $LONGEST
    if ((i % 2)); then
        stop bridge KILL
    else
        kill -STOP "${pid_of[network]}"
        sleep_ms $LAST
        stop bridge KILL
        stop network KILL
        start_network broker
    fi
    bridge_beside network
done
end_posts
expect_all_came reader
echo "$(wc -l <"$work/state.acked") posts, $(grep -c '^REPEATED' "$work/verdicts") messages came again"
the_end
