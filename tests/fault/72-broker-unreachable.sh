#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# For a minute the network between bridge and broker swallows everything, while 5000 posts arrive and
# the subscriber sleeps. The bridge waits, and takes no more memory for it.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

POSTS=5000
MINUTE=60          # seconds
SIZE=4000          # bytes of a post: 20 MB in all
HOLDS_MOST=1048576 # bytes that the bridge is told to hold at most
MEMORY_MOST=8192   # KiB that it may take for that, and for what it does with them

high_water() { # KiB
    awk '$1 == "VmHWM:" { print $2 }' "/proc/${pid_of[bridge]}/status"
}

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker 'global max_queued_messages 0'
start_network broker
subscribe reader broker
# What was freed is not to be kept, as AddressSanitizer likes to.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1" start_bridge network --window-bytes "$HOLDS_MOST"
begin_posts 16 --value-size "$SIZE"
until_true 'posts to be carried' got reader 200 record
memory=$(high_water)

kill -STOP "${pid_of[network]}"
cut_at=$SECONDS
stop_subscriber reader
more_posts "$POSTS"
end_posts
echo "the posts took $((SECONDS - cut_at)) s"
in_words '!consumer show bridge'
[ "$(said seq)" -lt "$(wc -l <"$work/state.acked")" ] || fail 'the broker was reached'
left=$((cut_at + MINUTE - SECONDS))
[ "$left" -le 0 ] || sleep "$left"
kill -CONT "${pid_of[network]}"
subscribe reader broker
expect_all_came reader

memory=$(($(high_water) - memory))
echo "$(wc -l <"$work/state.acked") posts; the bridge has taken $memory KiB more"
[ "$memory" -le "$MEMORY_MOST" ] || fail "the bridge has taken $memory KiB more than it had"
the_end
