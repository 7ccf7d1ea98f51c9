#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is posted today reaches who comes tomorrow: the bridge carries signed entries, heads and keys
# from the card to a broker, says when it comes and when it goes, and is an account like any other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

as_bridge() {
    talk bridge "$bridge_psk" "$@"
}

last_head_has() { # RECORD HASH
    messages reader "head/$1" | tail -n 1 | cut -d '|' -f 6 | grep -qF "$2"
}

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker
post 3
subscribe reader broker
start_bridge broker

# Birth and keys first; what was posted before the bridge came; and what is posted now.
until_true 'the entries' got reader 3 record/0A
expect_equal "$(messages reader | head -n 1 | cut -d '|' -f 1,2,3,6)" \
    "rdv/key1.com/status|0|text/plain|$(hex_of online)" 'the birth'
expect_equal "$(messages reader | sed -n 2p | cut -d '|' -f 1-5)" \
    'rdv/key1.com/key|0|application/cose; cose-type="cose-sign1"||' 'the keys'
expect_equal "$(messages reader record/0A | cut -d '|' -f 1-5)" \
    "$(for n in 1 2 3; do
        echo "rdv/key1.com/record/0A|0|application/cose; cose-type=\"cose-sign1\"||seq:$n n:$n"
    done)" 'the entries'
post 200 0A 0B 10 FF
expect_arrived reader

# Nobody on the way keeps a message until the one before it has been answered.
for process in bridge front; do
    "$RDV_BIN/nodelay" "${pid_of[$process]}" >"$work/nodelay.log" 2>&1 || [ $? -eq 77 ] ||
        fail "the connections of $process: $(cat "$work/nodelay.log")"
done

# The head follows, and speaks of the last entry.
in_words '!receipt 203'
said envelope | tr A-F a-f >"$work/receipt"
until_true 'the head' got reader 1 "head/$(said record)"
expect_equal "$(messages reader "record/$(said record)" | tail -n 1 | cut -d '|' -f 6)" "$(cat "$work/receipt")" \
    'the last message'
hash_of_last=$(xxd -r -p "$work/receipt" | sha256sum | cut -d ' ' -f 1)
until_true 'the last head' last_head_has "$(said record)" "$hash_of_last"

# Who comes later finds the last of each, and nothing else.
subscribe late broker
until_true 'what is retained' got late 10
expect_equal "$(messages late | grep -c '|1|')" 10 'retained messages' # 4 records, 4 heads, key, status
expect_equal "$(messages late | wc -l)" 10 'messages for who comes late'
expect_equal "$(messages late record | cut -d '|' -f 1,6 | sort)" \
    "$(for r in 0A 0B 10 FF; do messages reader "record/$r" | tail -n 1 | cut -d '|' -f 1,6; done)" 'the last values'

# A record with a time to live tells the broker.
root_does '!record set 20 ttl=1h' '!post 20 soon-gone'
until_true 'the entry of 20' got reader 1 record/20
expiry=$(messages reader record/20 | cut -d '|' -f 4)
[ "$expiry" -gt 3500 ] && [ "$expiry" -le 3600 ] || fail "it expires after $expiry s"

# A record that is cleared is an entry, too.
root_does '!record clear 20'
until_true 'the second entry of 20' got reader 2 record/20

# Whose account it is: no other right than to publish.
in_words '!audit 1'
expect_has_not "$work/words" 'actor=bridge'
expect_talk as_bridge 'ERROR
ERROR' 'I0A' 'Z0Amine'

# It goes, and says so; what is posted meanwhile comes when it is back, and nothing twice but the
# last of each record.
stop bridge
until_true 'the death' got reader 2 status
expect_equal "$(messages reader status | tail -n 1 | cut -d '|' -f 6)" "$(hex_of offline)" 'the status'
post 5 0A
before=$(messages reader record | wc -l)
start_bridge broker
expect_arrived reader
until_true 'what was missed' got reader $((before + 5)) record
expect_good_feed reader
expect_has_not "$work/reader.log" ', q0, '
the_end
