#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The card is not there (yet, or any more): clients wait as long as the front was told, then get an
# alert; the front stays, and serves as soon as the card does.
. "$(dirname "$0")/../e2e/lib.sh"

make_demo_cards

# No card at all: refused after --card-wait, not before.
start_front --card-wait 400
began=$(date +%s%N)
probe play hello 'alert:internal error' ended
waited=$((($(date +%s%N) - began) / 1000000))
[ "$waited" -ge 200 ] || fail "refused after $waited ms"
expect_log front 'the card does not answer'
expect_refused root "$demo_psk"
expect_has "$work/s_client.log" 'internal error'
# Clients that go on talking, or go away, while the card is waited for.
probe play hello raw:00 dump >"$work/talker"
probe play hello shut dump >"$work/half"
probe play hello reset
# One that is refused for what it says meanwhile, and stays: the front forgets it all the same.
probe_beside stays play hello raw:00 "await:$work/leave"
expect_log_times front 2 'not a TLS record'
touch "$work/leave"
join stays
stop front

# Not at all: at once.
start_front --card-wait 0
probe play hello 'alert:internal error' ended
stop front

# The card comes while a client waits.
front=
start_front --card-wait 60000
probe_beside early --identity root play hello "mark:$work/sent" open 'send:Z00early\n' \
    'answer:OK\r\n' close closed
until_true 'a client to wait' test -e "$work/sent"
start_card
join early
expect_talk as_root early 'I00'

# It goes, and comes back, with clients in their sessions: theirs end, new ones wait and are served.
probe_beside crowd crowd 20 "$work/open" "$work/go"
until_true 'twenty sessions' test -e "$work/open"
stop card
touch "$work/go"
join crowd
expect_has "$work/crowd.out" '0 of 20'
probe_beside later --identity root play hello "mark:$work/sent2" open 'send:I00\n' 'answer:early\r\n'
until_true 'a client to wait' test -e "$work/sent2"
start_card
join later
expect_log_times front 20 'the card has gone'

# The socket is gone, or is something else.
stop card
stop front
rm -f "$work/card.sock"
start_front --card-wait 200
probe play hello 'alert:internal error' ended
touch "$work/card.sock"
probe play hello 'alert:internal error' ended
rm "$work/card.sock"
start_card
expect_talk as_root early 'I00'

the_end
