#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What brokers want to see, and what the bridge wants to see of them: users and passwords, certificates,
# pre-shared keys. Who shows the wrong thing is kept out, and told why; no secret is ever written.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

password='correct:horse battery'
psk=000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F

# What is posted now reaches the subscriber of a broker.
expect_carried() { # READER
    in_words '!post 0A now'
    until_true "the entry at $1" grep -qF "|seq:$(said seq) n:" "$work/$1.log"
}

make_demo_cards
start_card
start_front
make_bridge_account
post 3

# --- a user with a password --------------------------------------------------------------------------

mosquitto_passwd -b -c "$work/passwords" bridge "$password" 2>>"$work/init.log"
mosquitto_passwd -b "$work/passwords" reader reader 2>>"$work/init.log"
start_broker doors 'allow_anonymous false' "password_file $work/passwords"

expect_kept_out nobody doors 'Not authorized'
expect_kept_out other doors 'Not authorized' --broker-user-file "$(secret_file other.user "other:$password")"
wrong=$(secret_file bridge.user 'bridge:Wrong')
expect_kept_out wrong doors 'Not authorized' --broker-user-file "$wrong"
chmod 640 "$wrong"
expect_kept_out open doors 'bridge.user' --broker-user-file "$wrong"
expect_kept_out shapeless doors 'it must hold NAME:PASSWORD' --broker-user-file "$(secret_file none.user bridge)"
expect_kept_out lost doors 'nowhere.user' --broker-user-file "$work/nowhere.user"

# The password is put right: the bridge finds out by itself. Until then it has tried, has said it once,
# and was asleep.
chmod 600 "$wrong"
tries=$(grep -c 'not authorised' "$work/doors.log")
bridge_beside doors --broker-user-file "$wrong" --verbose
until_true 'five tries' more_than $((tries + 4)) 'not authorised' "$work/doors.log"
expect_idle bridge
expect_log_times bridge 1 'Not authorized'
secret_file bridge.user "bridge:$password" >/dev/null
until_true 'the right password' test -s "$work/bridge.ready"
subscribe reader doors -u reader -P reader
expect_carried reader
expect_has_not "$work/bridge.log" "$password"
expect_has_not "$work/bridge.log" Wrong
stop bridge

# --- certificates ------------------------------------------------------------------------------------

authority ca
authority other-ca
certificate localhost ca 'subjectAltName=DNS:localhost'
certificate bridge ca 'extendedKeyUsage=clientAuth'
certificate stranger other-ca 'extendedKeyUsage=clientAuth'
start_broker tls "certfile $work/localhost.pem" "keyfile $work/localhost.key" "cafile $work/ca.pem" \
    'require_certificate true'
shows=(--broker-cert "$work/bridge.pem" --broker-key "$work/bridge.key")
ca=(--broker-ca "$work/ca.pem")

at=mqtts://localhost
expect_kept_out system-ca tls 'certificate verify failed' "${shows[@]}"
expect_kept_out other-ca tls 'certificate verify failed' --broker-ca "$work/other-ca.pem" "${shows[@]}"
at=mqtts://127.0.0.1 expect_kept_out wrong-name tls 'mqtts://127.0.0.1' "${ca[@]}" "${shows[@]}"
expect_kept_out no-file tls 'mqtts://localhost' --broker-ca "$work/nowhere.pem" "${shows[@]}"
expect_kept_out no-cert tls 'mqtts://localhost' "${ca[@]}"
expect_kept_out stranger tls 'mqtts://localhost' "${ca[@]}" --broker-cert "$work/stranger.pem" \
    --broker-key "$work/stranger.key"
chmod 644 "$work/bridge.key"
expect_kept_out open-key tls 'bridge.key' "${ca[@]}" "${shows[@]}"
chmod 600 "$work/bridge.key"
at=mqtt://localhost expect_kept_out in-clear tls 'mqtt://localhost'
at=mqtts://127.0.0.1 expect_kept_out no-tls doors 'mqtts://127.0.0.1' "${ca[@]}" "${shows[@]}"
expect_has_not "$work/tls.log" 'New client connected' # nobody was told anything

subscribe tls-reader tls -h localhost --cafile "$work/ca.pem" --cert "$work/bridge.pem" --key "$work/bridge.key"
start_bridge tls "${ca[@]}" "${shows[@]}"
expect_carried tls-reader
stop bridge

# --- a pre-shared key --------------------------------------------------------------------------------

printf 'bridge:%s\nreader:%s\n' "$psk" "$bridge_psk" >"$work/broker.psk"
start_broker shared "global psk_file $work/broker.psk" 'psk_hint broker' 'use_identity_as_username true' \
    'allow_anonymous false'

at=mqtts://127.0.0.1
expect_kept_out wrong-psk shared 'mqtts://' --broker-psk-file "$(secret_file wrong.psk "bridge:$bridge_psk")"
expect_kept_out other-identity shared 'mqtts://' --broker-psk-file "$(secret_file other.psk "other:$psk")"
expect_kept_out short-psk shared 'it must hold IDENTITY:KEY' --broker-psk-file "$(secret_file short.psk "bridge:00")"
right=$(secret_file right.psk "bridge:$psk")
# A certificate, of whomever, is not what was asked for.
start_broker shows-only "certfile $work/localhost.pem" "keyfile $work/localhost.key"
at=mqtts://localhost expect_kept_out psk-at-tls shows-only 'certificate verify failed' --broker-psk-file "$right"
for name in shared shows-only; do
    expect_has_not "$work/$name.log" 'New client connected'
done

subscribe psk-reader shared --psk "$bridge_psk" --psk-identity reader
start_bridge shared --broker-psk-file "$right" --verbose
expect_carried psk-reader
expect_has_not "$work/bridge.log" "$psk"
the_end
