#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The broker is not there when the bridge starts, goes away under load, comes back with what it had,
# or comes back empty: what it kept reaches the subscriber, in order, and what it forgot stands again.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

POSTS=5000

make_demo_cards
start_card
start_front
make_bridge_account

newest_is_last() { # NAME RECORD: it has the last entry of the card
    in_words "!head $2"
    in_words "!receipt $(said seq)"
    newest "$1" "record/$2" "$(said envelope | tr A-F a-f)"
}

# Not there at the start. A port is found, and left again.
start_broker broker "$(keeping broker)"
subscribe reader broker
stop reader
stop broker # it has the subscriber's session in its store
bridge_beside broker
expect_log bridge 'mqtt://127.0.0.1:'
is_running bridge || fail 'a broker that is not there ends the bridge'
post 20 0A 0B
start_broker broker "$(keeping broker)"
subscribe reader broker
expect_arrived reader

# Gone for as long as many posts take, killed; back with its store.
until_true 'the heads' got reader 2 head
kill -USR1 "${pid_of[broker]}" # it saves what it has
until_true 'the store' find "$work/broker.store" -name mosquitto.db -newer "$work/posted"
stop broker KILL
post "$POSTS" $(printf '%02X ' $(seq 0 31))
start_broker broker "$(keeping broker)"
expect_arrived reader

# Back, and empty: what it had taken and not delivered is missing, and nobody hides that. What is
# retained stands again, for records in which nothing happens too.
expect_good_feed reader
stop reader
in_words '!head 0A'
first_lost=$(($(said n) + 1))
first_lost_seq=$(($(whole_log | tail -n 1 | sed 's/.* seq=\([0-9]*\) .*/\1/') + 1))
post 10 0A
in_words '!head 0A'
last_lost=$(($(said n) - 1)) # the last one is retained
until_true 'the log to be carried' all_carried
stop broker KILL
rm -rf "$work/broker.store"
start_broker broker
subscribe late broker
post 1 0B
records=32 # 00 to 1F
until_true 'all that is retained' got late $((2 * records + 2))
for record in $(printf '%02X ' $(seq 0 31)); do
    in_words "!head $record"
    until_true "the head of $record" newest late "head/$record" "$(said envelope | tr A-F a-f)"
    until_true "the entry of $record" newest_is_last late "$record"
done
subscribe reader broker
post 3 0A
until_true 'the log to be carried' all_carried
until_true 'the last posts' newest_is_last reader 0A
arrived reader && fail 'nothing is missing'
expect_has "$work/arrived.out" 'missing: seq='
judge reader 1 --from-start --heads -s "$work/state"
expect_equal "$(grep -v '^VALID\|^REPEATED\|^UNSIGNED' "$work/verdicts" | sed 's/ *\(GAP [0-9.]*\).*/\1/')" \
    "GAP $first_lost..$last_lost" 'verdicts but good ones'

# It is there on the card, for whoever asks.
missing_from_card() {
    rdv log -k "$(key_file root "$demo_psk")" "shellS://key1.com(root)@$front/" -s "$work/state" --missing 2>>"$work/rdv.log" ||
        fail "rdv log: $(tail -n 1 "$work/rdv.log")"
}
expect_equal "$(missing_from_card | grep -c '^FILLED .* record/0A ')" $((last_lost - first_lost + 1)) 'entries from the card'
expect_equal "$(missing_from_card)" '' 'what is still missing'

# The bridge publishes it again when it is told to.
stop bridge
start_bridge broker --republish-from "$first_lost_seq"
expect_arrived reader unordered
judge reader 1 --from-start --heads # there was an alarm
expect_has "$work/verify.log" '1 alarms, 0 entries missing'
expect_equal "$(grep -c '^FILLED' "$work/verdicts")" $((last_lost - first_lost + 1)) 'entries that were filled in'
the_end
