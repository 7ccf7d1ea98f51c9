#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The bridge's options, and the bridge as a card sees it: an account that must have the right to
# publish. What is wrong is said clearly, and when it is put right the bridge goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

make_demo_cards
start_card
start_front
root_does "!guest add bridge rights=read records=0A psk=$bridge_psk"
key_file bridge "$bridge_psk" >/dev/null
start_broker broker

# --- options -----------------------------------------------------------------------------------------

program=$RDV_BIN/rdv-bridge
whole=(--from "shellS://key1.com@$front" --identity bridge --psk-file "$work/bridge.psk"
    --broker "mqtt://127.0.0.1:${port_of[broker]}")

refuses() { # STATUS TEXT OPTION...
    expect_status "$1" "$program" "${@:3}"
    expect_has "$work/command.out" "$2"
}

refuses 64 '--from shellS://SEN@HOST:PORT must be given'
refuses 64 'a URI begins with shellS://' --from "key1.com@$front"
refuses 64 'belongs in --psk-file' --from "shellS://key1.com:$bridge_psk(bridge)@$front"
expect_has_not "$work/command.out" "$bridge_psk"
refuses 64 '--identity must be given' "${whole[@]:0:2}"
refuses 64 '--psk-file must be given' "${whole[@]:0:4}"
refuses 64 '--broker mqtt://HOST:PORT must be given' "${whole[@]:0:6}"
for wrong in tcp://127.0.0.1 mqtt:// mqtt://a:0 mqtt://a:65536 mqtt://u:p@a mqtt://a/b; do
    refuses 64 'is not mqtt://HOST:PORT or mqtts://HOST:PORT' "${whole[@]:0:6}" --broker "$wrong"
done
refuses 64 'broker: empty' "${whole[@]:0:6}" --broker ''
many=()
for ((i = 0; i < 9; i++)); do
    many+=(--broker "mqtt://127.0.0.1:$((1000 + i))")
done
refuses 64 'broker: given more than 8 times' "${whole[@]:0:6}" "${many[@]}"
refuses 64 'belong together' "${whole[@]}" --broker-cert "$work/cert.pem"
refuses 64 'belong together' "${whole[@]}" --broker-key "$work/key.pem"
refuses 64 'instead of certificates' "${whole[@]}" --broker-psk-file "$work/psk" --broker-ca "$work/ca.pem"
refuses 64 'window: 0 is not between' "${whole[@]}" --window 0
refuses 64 'per-record: 0 is not between' "${whole[@]}" --per-record 0
refuses 64 'republish-from: -1 is not between' "${whole[@]}" --republish-from -1
refuses 66 "$work/nowhere.conf" -c "$work/nowhere.conf"
printf 'broker = mqtt://a\nbrokers = mqtt://a\n' >"$work/bridge.conf"
refuses 78 "$work/bridge.conf:2: brokers: no such option" -c "$work/bridge.conf"

# -t looks into the files, too; -T says what is in force, and no secret.
expect_status 0 "$program" "${whole[@]}" -t
expect_equal "$(cat "$work/command.out")" '' 'what -t says of what is right'
printf 'user:p4ssword\n' >"$work/broker.user"
chmod 644 "$work/broker.user"
refuses 64 'is not mqtt://HOST:PORT' -t "${whole[@]}" --broker a
refuses 77 "$work/broker.user: others can read or write it" -t "${whole[@]}" --broker-user-file "$work/broker.user"
refuses 66 "$work/nowhere.psk" -t "${whole[@]:0:4}" --psk-file "$work/nowhere.psk" "${whole[@]:6}"
chmod 600 "$work/broker.user"
refuses 65 "$work/broker.user: it must hold IDENTITY:KEY" -t "${whole[@]}" --broker-psk-file "$work/broker.user"
expect_status 0 "$program" "${whole[@]}" --broker-user-file "$work/broker.user" --broker 'mqtts://[::1]:8884' -T
expect_has_not "$work/command.out" p4ssword
cp "$work/command.out" "$work/bridge.conf"
expect_equal "$(grep '^broker = ' "$work/bridge.conf")" \
    "broker = mqtt://127.0.0.1:${port_of[broker]}"$'\n''broker = mqtts://[::1]:8884' 'the brokers of -T'
expect_status 0 "$program" -c "$work/bridge.conf" -T
expect_equal "$(cat "$work/command.out")" "$(cat "$work/bridge.conf")" '-T of what -T has written'

# --- the right to publish ----------------------------------------------------------------------------

key_file wrong "$guest_psk" >/dev/null
refuses 77 'the server refuses the identity or its key' --dry-run "${whole[@]:0:4}" --psk-file "$work/wrong.psk"
refuses 77 'the account needs the right publish' --dry-run "${whole[@]}"
root_does '!post 0A first' '!post 0B second'
subscribe reader broker
bridge_beside broker
expect_log bridge 'the account needs the right publish'
in_words '!consumer list'
expect_has_not "$work/words" bridge
is_running bridge || fail 'a right that is missing ends the bridge'
root_does '!guest set bridge rights=publish'
until_true 'the entries' got reader 2 record
expect_good_feed reader
stop bridge

# What it would do, while it does nothing.
subscribe none broker -R
root_does '!post 0A third' '!post FF fourth'
in_words '!consumer show bridge'
cp "$work/words" "$work/consumer"
refuses 0 'rdv/key1.com/record/0A seq=3 n=2 bytes=' --dry-run "${whole[@]}"
expect_equal "$(cut -d ' ' -f 1-3 "$work/command.out")" "rdv/key1.com/record/0A seq=3 n=2
rdv/key1.com/record/FF seq=4 n=1" 'what is to come'
expect_equal "$("$program" --dry-run --republish-from 2 "${whole[@]:0:6}" | cut -d ' ' -f 1-3)" "rdv/key1.com/record/0B seq=2 n=1
rdv/key1.com/record/0A seq=3 n=2
rdv/key1.com/record/FF seq=4 n=1" 'what is to come, from 2 on'
in_words '!consumer show bridge'
expect_equal "$(cat "$work/words")" "$(cat "$work/consumer")" 'the consumer after a dry run'
expect_equal "$(messages none)" '' 'messages of a dry run'

# --- a card that is away, or will not have it ---------------------------------------------------------

start_bridge broker
expect_arrived reader
stop card
until_true 'the status without a card' newest reader status "$(hex_of 'no card')"
start_card
until_true 'the status with a card' newest reader status "$(hex_of online)"
root_does '!post 0A fifth'
expect_arrived reader
root_does '!guest disable bridge' '!post 0A sixth'
until_true 'the status of who may not' newest reader status "$(hex_of 'no card')"
expect_idle bridge
root_does '!guest enable bridge'
expect_arrived reader
expect_good_feed reader
the_end
