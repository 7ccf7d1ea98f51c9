#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The broker stops, and goes on later, while posts arrive. For moments: the connection holds. So long
# that the bridge gives up and connects again: then the broker finds its connections all at once, in
# any order, and the one that the bridge still has is to win.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

# So many connections that nobody has accepted lie in the network, in this state (proc(5),
# /proc/net/tcp): 01, or 08 when the bridge has given up.
lie_in_network() { # N STATE
    [ "$(awk -v at="0100007F:$(printf %04X "${port_of[network]}")" -v state="$2" \
        '$2 == at && $4 == state && $10 == 0' /proc/net/tcp | wc -l)" -ge "$1" ]
}

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker 'global max_queued_messages 0'
start_network broker
subscribe reader broker
start_bridge network
begin_posts 8 --pause 50
until_true 'posts to be carried' got reader 100 record

for moment in 0.5 1 2 4; do
    kill -STOP "${pid_of[broker]}"
    sleep "$moment"
    kill -CONT "${pid_of[broker]}"
    more_posts 20
done
expect_log_times bridge 1 ': connected'

# What looks like an earlier connection of the bridge, that comes late: it takes its place back.
mosquitto_pub -p "${port_of[broker]}" -V 5 -i rdv-bridge-key1.com -t late -m late || fail 'mosquitto_pub'
expect_log_times bridge 2 ': connected'
more_posts 20

# The bridge is killed and starts again while nothing goes through.
kill -STOP "${pid_of[broker]}" "${pid_of[network]}"
stop bridge KILL
bridge_beside network
until_true 'the bridge to give up' lie_in_network 1 08
until_true 'the bridge to try again' lie_in_network 1 01
kill -CONT "${pid_of[network]}" "${pid_of[broker]}"
more_posts 20

end_posts
expect_all_came reader
is_running bridge || fail 'the bridge has ended'
the_end
