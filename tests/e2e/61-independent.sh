#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a card has signed, carried by the bridge and a real broker to a real subscriber, is verified by a
# library that is not ours (ruby-cose), and by rdv verify.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

ruby -r cose -e '' 2>/dev/null || exit 77

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker
subscribe reader broker
start_bridge broker

# Each byte can be content, each record a topic; a megabyte is one, too.
root=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
for byte in $(seq 0 255); do
    printf '%b' "\\x$(printf %02x "$byte")"
done >"$work/bytes"
head -c 1048576 /dev/urandom >"$work/megabyte"
root_does '!post 0A 21.5 type=text/plain' '!post 0A "21.7 °C" type=text/plain' '!post FF x' '!record clear 0A'
root_does '!record set 10 max=1048576'
rdv put -k "$root" "$at" 10 "$work/bytes" || fail 'the post of all bytes'
rdv put -k "$root" "$at" 10 "$work/megabyte" || fail 'the post of a megabyte'
post 40 00 01 FF
until_true 'all of it' got reader 46 record/
for record in 00 01 0A 10 FF; do
    until_true "the head of $record" got reader 1 "head/$record"
done

# What is published by others is not the card's.
forge() { # TOPIC: publishes standard input
    mosquitto_pub -p "${port_of[broker]}" -V mqttv5 -q 1 -t "rdv/key1.com/$1" -s
}
in_words '!receipt 1'
said envelope | basenc --base16 -d >"$work/first"
forge record/0B <"$work/first"                        # moved
forge record/0A <"$work/first"                        # once more
sed 's/21\.5/61.5/' "$work/first" | forge record/0A # other content below the signature
echo -n 'not signed' | forge record/0A
until_true 'what others have published' got reader 50 record/
stop reader

key=$(as_root '?0A' | tr -d '\r')
messages reader | cut -d '|' -f 1,6 | tr '|' ' ' >"$work/received"
ruby "$here/../support/cose_verify.rb" "$key" <"$work/received" >"$work/independent.txt"

# It says of each entry what the card says, and of each head and key set that the card has signed it.
rdv log -k "$root" "$at" --card-key "$key" --json --content >"$work/log.json" || fail 'the log'
sed -E 's/.*"record":([0-9]+),.*"n":([0-9]+),.*"content":"([0-9A-F]*)".*/\1 \2 \3/' "$work/log.json" |
    while read -r record n content; do
        printf 'good rdv/key1.com/record/%02X %s %s\n' "$record" "$n" "${content,,}"
    done | sort >"$work/expected.txt"
expect_equal "$(wc -l <"$work/expected.txt")" 46 'entries of the log'
grep '^good rdv/key1.com/record/' "$work/independent.txt" | sort >"$work/entries.txt"
printf 'good rdv/key1.com/record/0A 1 %s\n' "$(hex_of 21.5)" "$(hex_of 21.5)" |
    sort -m "$work/expected.txt" - | diff - "$work/entries.txt" >"$work/difference" ||
    fail "what ruby-cose says of entries: $(head -c 300 "$work/difference")"
expect_equal "$(hex_of '21.7 °C')" "$(sed -n 's/^good rdv.key1.com.record.0A 2 //p' "$work/entries.txt")" 'the second entry'
expect_equal "$(sed -n 's/^good rdv.key1.com.head.\(..\) .*/\1/p' "$work/independent.txt" | sort -u | paste -sd,)" \
    00,01,0A,10,FF 'records whose heads are good'
expect_equal "$(grep -c '^good rdv/key1.com/key' "$work/independent.txt")" 1 'the set of keys'
expect_equal "$(grep '^bad' "$work/independent.txt" | sort | uniq -c | sed 's/^ *//' | paste -sd,)" \
    '1 bad Signature verification failed,2 bad end of buffer reached' 'what ruby-cose does not believe' # the status too

# Another card's key verifies none of them.
other=$(sed -n 's/^key - //p' "$here/../vectors/envelope/envelopes.txt")
ruby "$here/../support/cose_verify.rb" "$other" <"$work/received" | grep '^good' && fail 'good for another card'

# It sees who has signed what; that one was moved and one came twice, only we see.
judge reader 1 --from-start --heads
grep -vE '^(VALID|UNSIGNED) ' "$work/verdicts" | sed -E 's/^([A-Z-]+) .*/\1/' | paste -sd, >"$work/others.out"
expect_equal "$(cat "$work/others.out")" WRONG-TOPIC,REPEATED,BAD-SIGNATURE,MALFORMED 'what rdv verify says of others'

the_end
