#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv put, get and list; a post whose answer is lost; the device of the examples.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# From files and from standard input, to files and to standard output, byte for byte.
head -c 300000 /dev/urandom >"$work/bytes"
printf 'hello\r\n\0there' >"$work/hello"
rdv exec -k "$psk" "$at" '!record set FF max=1048576' >/dev/null
rdv put -k "$psk" "$at" FF "$work/bytes"
rdv get -k "$psk" "$at" FF | cmp - "$work/bytes" || fail 'a long record came back changed'
rdv put -k "$psk" "$at" 0a --type text/plain <"$work/hello"
rdv get -k "$psk" "${at}record/0A" -o "$work/back"
cmp "$work/back" "$work/hello" || fail 'a record came back changed'
expect_equal "$(rdv exec -k "$psk" "$at" I0A | head -n 1)" 'hello'$'\r' 'the record in TLS-SE'
expect_rdv 0 '' put -k "$psk" "${at}record/0B" "$work/hello"
expect_rdv 0 '' get -k "$psk" "$at" 0C

# What there is, for people and for programs.
rdv list -k "$psk" "$at" | tr -s ' ' >"$work/list.out"
expect_equal "$(cut -d' ' -f1,2,4,5 "$work/list.out")" 'record bytes author type
0A 13 root text/plain
0B 13 root 
FF 300000 root ' 'the list'
rdv list -k "$psk" --json "$at" >"$work/list.json"
expect_has "$work/list.json" '"record":255'
expect_has "$work/list.json" '"type":"text/plain"'
rdv get -k "$psk" --json "$at" 0A >"$work/get.json"
expect_has "$work/get.json" '{"record":10,"content":"68656C6C6F0D0A007468657265",'
rdv put -k "$psk" --json "$at" 0D "$work/hello" | grep -qE '^\{"record":13,"changed":[0-9]{10},"seq":[0-9]+\}$' ||
    fail 'put --json'

# Nothing is written where nothing was read, and the other way around.
expect_rdv 66 '' put -k "$psk" "$at" 0A "$work/nowhere"
expect_rdv 65 '' put -k "$psk" "$at" 0A "$work/bytes"
expect_has "$work/rdv.log" 'rdv put: limit: '
cat "$work/bytes" "$work/bytes" "$work/bytes" "$work/bytes" >"$work/more"
expect_rdv 65 '' put -k "$psk" "$at" FF "$work/more"
expect_has "$work/rdv.log" 'longer than 1048576 bytes'
expect_rdv 74 '' get -k "$psk" "$at" 0A -o "$work/nowhere/file"
rdv get -k "$psk" "$at" 0A | cmp - "$work/hello" || fail 'a refused post has changed the record'
expect_rdv 64 '' get -k "$psk" "$at"
expect_rdv 64 '' get -k "$psk" "$at" 100
expect_rdv 64 '' get -k "$psk" "$at" 0A 0B
expect_rdv 64 '' put -k "$psk" "$at" 0A --tries 0 "$work/hello"

# What a guest may not do is told with the rule.
make_guest
gpsk=$(key_file guest "$guest_psk")
expect_rdv 77 '' put -k "$gpsk" -i guest "$at" 0A "$work/hello"
expect_has "$work/rdv.log" 'rdv put: denied: right=write'
expect_rdv 77 '{"error":{"code":"denied","text":"right=write"}}' \
    put --json -k "$gpsk" -i guest "$at" 0A "$work/hello"

# An answer that is lost: the post is repeated, and done once. posts= counts.
rdv guest add -k "$psk" "$at" meter rights=read,write records=10-1F posts=100 "psk=@$gpsk" >/dev/null
posts_of_meter() {
    rdv guest show -k "$psk" "$at" meter | sed -n 's/^posts *//p'
}
start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 2
bad=$(cat "$work/cutter.ready")
mkdir -p "$work/home"
printf 21.5 | rdv put -v -k "$gpsk" "shellS://key1.com(meter)@$bad/record/10" 2>"$work/rdv.log"
expect_equal "$(grep -c 'trying again' "$work/rdv.log")" 2 'answers lost'
expect_equal "$(rdv get -k "$psk" "$at" 10)" 21.5 'the record'
expect_equal "$(posts_of_meter)" 1/100 'posts of the meter'
stop cutter

# Without another try it says that it does not know; it was done.
start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1
bad=$(cat "$work/cutter.ready")
printf 22.5 >"$work/reading"
expect_rdv 75 '' put --tries 1 -k "$gpsk" "shellS://key1.com(meter)@$bad/record/10" "$work/reading"
expect_has "$work/rdv.log" 'rdv put: outcome-unknown: '
expect_equal "$(rdv get -k "$psk" "$at" 10)" 22.5 'the record'
expect_equal "$(posts_of_meter)" 2/100 'posts of the meter'
stop cutter

# The device of the examples, through the same network.
start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1
bad=$(cat "$work/cutter.ready")
device=$RDV_BIN/../examples/device
timeout "$DEADLINE" "$device" "shellS://key1.com(meter)@$bad/record/11" "$gpsk" 23.5 ||
    fail "the device ended with $?"
expect_equal "$(rdv get -k "$psk" "$at" 11)" 23.5 "the device's record"
expect_equal "$(posts_of_meter)" 3/100 'posts of the meter'
expect_status 77 "$device" "shellS://key1.com(meter)@$front/record/20" "$gpsk" 1
expect_has "$work/command.out" 'right=write record=20'
expect_status 64 "$device"

the_end
