#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The broker is there, and will not have it: one record, anything at all, or the bridge itself. It is
# tried again, later and later; nothing is acknowledged that was refused, and nothing is lost.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

POSTS=5000

make_demo_cards
start_card
start_front
make_bridge_account

# The broker's lists as they are now; subscribers may always read.
may() { # LINE-OF-ACL...
    printf '%s\n' 'user reader' 'topic read rdv/#' 'user bridge' "$@" >"$work/acl"
}

password() { # OF-BRIDGE
    mosquitto_passwd -b -c "$work/passwords" reader reader 2>>"$work/init.log"
    mosquitto_passwd -b "$work/passwords" bridge "$1" 2>>"$work/init.log"
}

look_again() { # the broker, into its lists
    kill -HUP "${pid_of[${1:-broker}]}"
}

refused() { # TIMES TOPIC: so often at least
    more_than $(($1 - 1)) "the broker refuses $2 (reason 0x87)" "$work/bridge.log"
}

cursor_is() {
    in_words '!consumer show bridge'
    [ "$(said seq)" = "$1" ]
}

may 'topic write rdv/#' 'topic deny rdv/key1.com/record/0B'
password first
echo bridge:first >"$work/bridge.user"
lists=('allow_anonymous false' "password_file $work/passwords" "acl_file $work/acl")
start_broker broker "$(keeping broker)" "${lists[@]}"
subscribe reader broker -u reader -P reader

# One record: the others pass; behind its first entry nothing is acknowledged.
post 21 0A 0B
in_words '!receipt 1'
expect_equal "$(said record)" 0B 'the record of entry 1'
start_bridge broker --broker-user-file "$work/bridge.user"
until_true 'the entries of 0A' got reader 10 record/0A
until_true 'four refusals' refused 4 rdv/key1.com/record/0B
cursor_is 0 || fail 'what was refused is acknowledged'
expect_equal "$(messages reader record/0B)" '' 'what came of 0B'
expect_idle bridge
may 'topic write rdv/#'
look_again
expect_arrived reader
may 'topic write rdv/#' 'topic deny rdv/key1.com/record/0B'
look_again
post 3 0B 0A
in_words '!receipt 23'
expect_equal "$(said record)" 0B 'the record of entry 23'
until_true 'the refusal' refused 5 rdv/key1.com/record/0B
post 3 0C
until_true 'what passes it' got reader 3 record/0C
until_true 'what is before it to be acknowledged' cursor_is 22
may 'topic write rdv/#'
look_again
expect_arrived reader

# Anything.
may 'topic read nothing'
look_again
post 40 0A 0B 0C
until_true 'the refusals' refused 2 rdv/key1.com/record/0C
may 'topic write rdv/#'
look_again
expect_arrived reader
stop bridge
may 'topic read nothing'
look_again
bridge_beside broker --broker-user-file "$work/bridge.user"
until_true 'the refused status' refused 5 rdv/key1.com/status
until_true 'the refused keys' refused 2 rdv/key1.com/key
expect_idle bridge
may 'topic write rdv/#'
look_again
until_true 'the status' newest reader status "$(hex_of online)"

# The bridge itself, which is shown the door, while many posts arrive.
password second
look_again
until_true 'the refused password' grep -qF 'Not authorized' "$work/bridge.log"
post "$POSTS" $(printf '%02X ' $(seq 0 31))
is_running bridge || fail 'a refused password ends the bridge'
echo bridge:second >"$work/bridge.user"
expect_arrived reader
expect_good_feed reader
stop bridge

# A broker that hangs up after a refusal, as mosquitto does when it may queue any number of messages:
# the others pass all the same.
may 'topic write rdv/#' 'topic deny rdv/key1.com/record/0B'
start_broker hangs-up 'global max_queued_messages 0' "${lists[@]}"
subscribe other hangs-up -u reader -P reader
rm "$work/bridge.log"
post 21 0A 0B
first=$((posted - 20)) # nothing else has made entries
bridge_beside hangs-up --broker-user-file "$work/bridge.user"
until_true 'the entries of 0A' got other 10 record/0A
until_true 'two refusals' refused 2 rdv/key1.com/record/0B
expect_has "$work/bridge.log" 'connection lost'
cursor_is $((first - 1)) || fail "the cursor is at $(said seq), behind what was refused"
may 'topic write rdv/#'
look_again hangs-up
until_true 'what was refused' all_carried
judge other 0
the_end
