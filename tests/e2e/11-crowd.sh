#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many at once, more than allowed, silent ones; and one line of log for each.
. "$(dirname "$0")/lib.sh"

make_demo_cards key1.com key2.com
start_card
start_front

# A hundred clients connect at once: all are served, all are there at the same time.
expect_equal "$(probe crowd 100)" '100 of 100' 'a hundred at once'
expect_equal "$(probe crowd 200)" '200 of 200' 'two hundred at once'

# One line for each of these sessions, with its reason.
ended() {
    [ "$(grep -c ': session ' "$work/front.log")" -eq "$1" ]
}
until_true 'three hundred lines' ended 300
lines() {
    grep -o 'session [0-9]* from 127.0.0.1:[0-9]* sen=key1.com: [^;]*;' "$work/front.log"
}
expect_equal "$(lines | wc -l)" 300 'lines of the log that name a session and its end'
expect_equal "$(lines | cut -d ' ' -f 2 | sort -u | wc -l)" 300 'sessions in the log'
expect_equal "$(lines | cut -d ' ' -f 6- | sort | uniq -c | tr -s ' ')" \
    ' 300 closed in good order;' 'their ends'
stop front

# Over the limit for one address, and in all: told at once, and those who are in are not disturbed.
over_limit() { # OPTION VALUE TEXT
    start_front "$1" "$2"
    probe_beside crowd crowd "$2" "$work/full" "$work/go"
    until_true 'the front to be full' test -e "$work/full"
    probe play hello 'alert:internal error'
    expect_refused root "$demo_psk"
    expect_has "$work/s_client.log" 'internal error'
    expect_log front "$3"
    touch "$work/go"
    join crowd
    expect_has "$work/crowd.out" "$2 of $2"
    rm "$work/full" "$work/go"
    # Room again.
    until_true 'the crowd to be forgotten' ended "$2"
    expect_talk as_root 'RDV keystore 0.1' '?00'
    stop front
    rm "$work/front.log"
}
rm "$work/front.log"
over_limit --max-per-address 5 'too many sessions from this address'
over_limit --max-sessions 5 'too many sessions in all'

# The card has a limit of its own.
stop card
start_card --max-sessions 3
start_front
probe_beside crowd crowd 3 "$work/full" "$work/go"
until_true 'the card to be full' test -e "$work/full"
probe play hello 'alert:internal error' ended
expect_log front 'the card takes no more sessions'
touch "$work/go"
join crowd
expect_has "$work/crowd.out" '3 of 3'
until_true 'the crowd to be forgotten' ended 4
expect_talk as_root 'RDV keystore 0.1' '?00'
stop front
stop card
start_card

# Silence ends with close_notify, and so does a line that never ends; who speaks stays.
start_front --idle-timeout 300
probe play open closed
probe play open 'send:Z00ha' closed
probe play open 'send:?00\n' 'answer:RDV keystore 0.1\r\n' closed
until_true 'their lines' grep -q 'sen=key1.com: idle; 0\.[3-9]' "$work/front.log"
expect_talk as_root '' 'I00'
expect_has_not "$work/front.log" 'took too long'

# The front stops while clients are there: each has its line.
stop front
rm "$work/front.log"
start_front
probe_beside crowd crowd 7 "$work/full2" "$work/go2"
until_true 'seven to be there' test -e "$work/full2"
stop front
expect_equal "$(grep -c 'the front stops' "$work/front.log")" 7 'lines of sessions that were there'
touch "$work/go2"
join crowd

the_end
