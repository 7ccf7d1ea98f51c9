#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv verify --mqtt: judged as it comes from a real broker, of the real bridge, through the broker's
# absence and one's own; what is missing then is filled from the card.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

make_demo_cards
start_card
start_front
make_bridge_account
root=$(key_file root "$demo_psk")
card="shellS://key1.com(root)@$front/"
key=$(as_root '?0A' | tr -d '\r')
start_broker broker "$(keeping broker)"
start_bridge broker
state=$work/state

# watcher NAME [OPTION...]: beside the story; what it says of each message is in NAME.out.
watcher() {
    local name=$1 broker=${at_broker:-mqtt://127.0.0.1:${port_of[broker]}}
    shift
    rm -f "$work/$name.log" # of an earlier one of this name
    HOME=$work/home "$RDV_BIN/rdv" verify --card-key "$key" "$card" --mqtt "$broker" -v "$@" \
        >"$work/$name.out" 2>"$work/$name.log" &
    pid_of[$name]=$!
    until_true "$name subscribed" grep -q subscribed "$work/$name.log"
}

# said_of NAME VERDICT RECORD N: of an entry.
said_of() {
    grep -qE "^$2 +record/$3 n=$4 " "$work/$1.out"
}

expect_said() {
    until_true "$1: $2 of entry $4" said_of "$@"
}

# --- as it comes ------------------------------------------------------------------------------------

watcher reader -s "$state" --client-id reader --from-start --heads
post 3
for n in 1 2 3; do
    expect_said reader VALID 0A "$n"
done
until_true 'its head' grep -qE '^VALID +head/0A +n=3' "$work/reader.out"
until_true 'the keys' grep -qE '^VALID +key ' "$work/reader.out"
until_true 'the birth' grep -qE '^UNSIGNED +"rdv/key1.com/status"' "$work/reader.out"

# The broker goes away with what it keeps, and comes back: nothing is missed.
stop broker
until_true 'the loss' grep -q 'trying again' "$work/reader.log"
post 2
start_broker broker "$(keeping broker)"
expect_said reader VALID 0A 5

# So it is when the verifier itself goes away: for its name the broker keeps what comes.
stop reader INT
post 2
watcher again -s "$state" --client-id reader --from-start --heads
expect_said again VALID 0A 7
! grep -E '^(GAP|FILLED)' "$work/reader.out" "$work/again.out" || fail 'something was missing'

# --- what others publish ----------------------------------------------------------------------------

forge() { # TOPIC: publishes standard input
    mosquitto_pub -p "${port_of[broker]}" -V mqttv5 -q 1 -t "rdv/key1.com/$1" -s
}

in_words '!receipt 7'
said envelope | basenc --base16 -d >"$work/seventh"
forge record/0B <"$work/seventh"
until_true 'a moved message' grep -qE '^WRONG-TOPIC +record/0A n=7 ' "$work/again.out"
sed 's/post 7/post 8/' "$work/seventh" | forge record/0A
until_true 'an altered message' grep -q '^BAD-SIGNATURE' "$work/again.out"
forge record/0A <"$work/seventh"
expect_said again REPEATED 0A 7
# Longer than any of a card's: the broker does not even bring it.
head -c 2000000 /dev/zero | forge record/0A
echo | forge card
until_true 'noise' grep -q '^MALFORMED' "$work/again.out"
kill -INT "${pid_of[again]}"
status=0
wait "${pid_of[again]}" || status=$?
unset 'pid_of[again]'
expect_equal "$status" 1 'the status after alarms'
expect_has "$work/again.log" '3 alarms, 0 entries missing'

# --- what was missed is filled from the card --------------------------------------------------------

post 4
until_true 'the log to be carried' all_carried
status=0
rdv verify --card-key "$key" "$card" --mqtt "mqtt://127.0.0.1:${port_of[broker]}" -s "$state" --from-start --count 4 \
    >"$work/late.out" 2>"$work/late.log" || status=$? # nobody kept them: the last is retained
expect_equal "$status" 1 'the status after a gap'
expect_has "$work/late.out" 'GAP 8..10'
expect_has "$work/late.log" '3 entries missing'
rdv log -k "$root" "$card" --card-key "$key" -s "$state" --missing >"$work/filled.out" || fail 'filling the gap'
expect_equal "$(sed -nE 's/^(FILLED) +record\/(0A) n=([0-9]+) .*/\1 \2 \3/p' "$work/filled.out" | paste -sd,)" \
    'FILLED 0A 8,FILLED 0A 9,FILLED 0A 10' 'what fills the gap'
rdv verify --card-key "$key" "$card" --mqtt "mqtt://127.0.0.1:${port_of[broker]}" -s "$state" --from-start --count 4 \
    >"$work/late.out" 2>"$work/late.log" || fail 'nothing is missing any more'

# --- who is let in ----------------------------------------------------------------------------------

# expect_out STATUS BROKER TEXT [OPTION...]
expect_out() {
    local want=$1 broker=$2 text=$3
    shift 3
    expect_rdv "$want" '' verify --card-key "$key" "$card" --mqtt "$broker" "$@"
    expect_has "$work/rdv.log" "$text"
}

password='correct:horse battery'
psk=000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F
mosquitto_passwd -b -c "$work/passwords" reader "$password" 2>>"$work/init.log"
start_broker doors 'allow_anonymous false' "password_file $work/passwords"
doors=mqtt://127.0.0.1:${port_of[doors]}
expect_out 77 "$doors" 'Not authorized'
expect_out 77 "$doors" 'Not authorized' --broker-user-file "$(secret_file wrong.user reader:wrong)"
right=$(secret_file right.user "reader:$password")
at_broker=$doors watcher welcome --broker-user-file "$right"
stop welcome TERM
expect_has_not "$work/welcome.log" "$password"
chmod 640 "$right"
expect_out 77 "$doors" right.user --broker-user-file "$right"

authority ca
certificate localhost ca 'subjectAltName=DNS:localhost'
start_broker tls "certfile $work/localhost.pem" "keyfile $work/localhost.key"
tls=mqtts://localhost:${port_of[tls]}
expect_out 69 "$tls" 'certificate verify failed'
expect_out 69 "mqtts://127.0.0.1:${port_of[tls]}" mqtts://127.0.0.1 --broker-ca "$work/ca.pem"
at_broker=$tls watcher welcome --broker-ca "$work/ca.pem"
stop welcome

printf 'reader:%s\n' "$psk" >"$work/broker.psk"
start_broker shared "global psk_file $work/broker.psk" 'psk_hint broker' 'use_identity_as_username true' \
    'allow_anonymous false'
shared=mqtts://127.0.0.1:${port_of[shared]}
expect_out 69 "$shared" mqtts:// --broker-psk-file "$(secret_file wrong.psk "reader:$bridge_psk")"
expect_out 69 "$tls" 'certificate verify failed' --broker-psk-file "$(secret_file right.psk "reader:$psk")"
at_broker=$shared watcher welcome --broker-psk-file "$work/right.psk"
stop welcome
expect_has_not "$work/welcome.log" "$psk"

# Two of one name throw each other out, and do so less and less often.
at_broker=$shared watcher one --broker-psk-file "$work/right.psk" --client-id same
at_broker=$shared watcher two --broker-psk-file "$work/right.psk" --client-id same
until_true 'a longer pause' grep -qE 'trying again in [0-9]{4} ms' "$work/one.log"
stop one
stop two

stop doors
expect_out 69 "$doors" "$doors"
expect_out 64 http://localhost 'is not mqtt://'
expect_out 64 "$doors" 'for mqtts://' --broker-ca "$work/ca.pem"
expect_out 64 "$tls" 'instead of certificates' --broker-ca "$work/ca.pem" --broker-psk-file "$work/right.psk"
expect_out 64 "$tls" 'belong together' --broker-cert "$work/ca.pem"
expect_out 64 "$tls" 'client-id' --client-id ''
expect_out 64 "$tls" 'is too much' "$work/seventh"
expect_rdv 64 '' verify --card-key "$key" --count 3

the_end
