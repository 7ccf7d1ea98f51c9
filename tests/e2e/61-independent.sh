#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a card has signed, carried by a real broker to a real subscriber, is verified by a library that
# is not ours (ruby-cose), and by rdv verify.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin

ruby -r cose -e '' 2>/dev/null || exit 77
command -v mosquitto >/dev/null || exit 77

make_demo_cards
start_card
start_front

broker=$work/broker.sock
printf '%s\n' "listener 0 $broker" 'allow_anonymous true' "user $(id -un)" 'log_type all' >"$work/mosquitto.conf"
mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
pid_of[mosquitto]=$!
until_true 'the broker' test -S "$broker"

mosquitto_sub --unix "$broker" -V mqttv5 -q 1 -t 'rdv/#' -C 8 -F '%t %x' >"$work/received" &
pid_of[subscriber]=$!
until_true 'the subscription' grep -q 'Sending SUBACK' "$work/mosquitto.log"

# publish RECORD SEQ: as a bridge does.
publish() {
    in_words "!receipt $2"
    said envelope | basenc --base16 -d |
        mosquitto_pub --unix "$broker" -V mqttv5 -q 1 -r -t "rdv/key1.com/record/$1" -s
}

root_does '!post 0A 21.5 type=text/plain' '!post 0A "21.7 °C" type=text/plain' '!post FF x' '!record clear 0A'
for seq in 1 2 3 4; do
    publish "$([ $seq = 3 ] && echo FF || echo 0A)" $seq
done
publish 0B 1 # moved
publish 0A 1 # once more
in_words '!receipt 1'
said envelope | sed 's/\(32312E\)35/\136/' | basenc --base16 -d | # another content below the signature
    mosquitto_pub --unix "$broker" -V mqttv5 -q 1 -t rdv/key1.com/record/0A -s
mosquitto_pub --unix "$broker" -V mqttv5 -q 1 -t rdv/key1.com/record/0A -m 'not signed'
wait "${pid_of[subscriber]}" || fail 'the subscriber ended badly'
unset 'pid_of[subscriber]'

in_words '?0A'
key=$(cat "$work/words")
ruby "$here/../support/cose_verify.rb" "$key" <"$work/received" >"$work/independent.out"
expect_equal "$(cut -d ' ' -f 1-4 "$work/independent.out")" "good rdv/key1.com/record/0A 1 32312e35
good rdv/key1.com/record/0A 2 $(hex_of '21.7 °C')
good rdv/key1.com/record/FF 1 78
good rdv/key1.com/record/0A 3 
good rdv/key1.com/record/0A 1 32312e35
good rdv/key1.com/record/0A 1 32312e35
bad Signature verification failed
bad end of buffer" 'what ruby-cose says'

# It sees who has signed what; that one was moved and one came twice, only we see.
rdv verify --card-key "$key" --from-start <"$work/received" >"$work/verdicts.out" 2>"$work/verify.log" &&
    fail 'a feed with faults passed'
expect_equal "$(cut -c1-13 "$work/verdicts.out" | sed 's/ *$//' | paste -sd,)" \
    VALID,VALID,VALID,VALID,WRONG-TOPIC,REPEATED,BAD-SIGNATURE,MALFORMED 'what rdv verify says'

the_end
