#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A device posts and sleeps; whoever has the card's public key checks, with nothing but openssl, what
# it has posted. Readers wait for more, and say how far they have come.
. "$(dirname "$0")/lib.sh"

sensor_psk=A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90
reader_psk=B1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90
bridge_psk=C1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90

as_sensor() { talk sensor "$sensor_psk" "$@"; }
as_reader() { talk reader "$reader_psk" "$@"; }
as_bridge() { talk bridge "$bridge_psk" "$@"; }

make_demo_cards
start_card
start_front
root_does "!guest add sensor rights=write records=10 psk=$sensor_psk" \
    "!guest add reader rights=read records=10 psk=$reader_psk" \
    "!guest add bridge rights=publish psk=$bridge_psk"

# --- what anybody can check -----------------------------------------------------------------------

bytes() { # HEX, as bytes
    printf "$(printf %s "$1" | sed 's/../\\x&/g')"
}

sha256() { # HEX: its hash, in hex
    bytes "$1" | sha256sum | cut -c1-64 | tr a-f A-F
}

# The card's public key as a file that openssl reads: on secp256k1 (SEC 1, RFC 5480).
bytes "3056301006072A8648CE3D020106052B8104000A034200$(as_root '?0A' | tr -d '\r')" >"$work/card.der"
openssl pkey -pubin -inform DER -in "$work/card.der" -out "$work/card.pem" 2>>"$work/openssl.log" ||
    fail 'not a public key'

# check ENVELOPE (hex): its signature, over what RFC 9052 section 4.4 says. The header has 24 to 255
# bytes, the payload fewer than 256.
check() {
    local n header rest payload
    [ "${1:0:6}" = D28458 ] || fail "not a COSE_Sign1 message: $1"
    n=$((16#${1:6:2} * 2))
    header=${1:8:n}
    rest=${1:8 + n}
    [ "${rest:0:2}" = A0 ] || fail 'not the empty map'
    payload=${rest:2:${#rest} - 2 - 132}
    [ "${rest: -132:4}" = 5840 ] || fail 'not 64 bytes of signature'
    bytes "846A5369676E617475726531${1:4:4}${header}40$payload" >"$work/signed"
    printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${rest: -128:64}" "${rest: -64}" \
        >"$work/signature.conf"
    openssl asn1parse -genconf "$work/signature.conf" -noout -out "$work/signature" 2>>"$work/openssl.log"
    openssl dgst -sha256 -verify "$work/card.pem" -signature "$work/signature" "$work/signed" \
        >>"$work/openssl.log" 2>&1
}

envelope_of() { # the value behind envelope= of an answer
    tr -d '\r' | sed -n 's/.*envelope=//p'
}

# --- a device posts -------------------------------------------------------------------------------

as_sensor '!post 10 "21.5 C" key=a1' | tr -d '\r' >"$work/posted"
expect_has "$work/posted" 'record=10 changed='
expect_has "$work/posted" ' seq=1'
as_sensor '!post 10 "21.5 C" key=a1' | tr -d '\r' >"$work/repeated"
cmp "$work/posted" "$work/repeated" || fail 'a repeated post was answered otherwise'
expect_talk as_sensor 'OK' 'Z1021.7 C'

first=$(as_sensor '!receipt 1' | envelope_of)
second=$(as_sensor '!receipt 2' | envelope_of)
check "$first" || fail 'the signature of the first entry'
check "$second" || fail 'the signature of the second entry'
check "${first/32312E35/32312E36}" && fail 'another content has verified'
case $second in
*$(sha256 "$first")*) ;;
*) fail 'the second entry does not name the first' ;;
esac
case $first in
*"$(printf 'rdv/key1.com/record/10' | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)"*) ;;
*) fail 'the topic is not in the entry' ;;
esac

# --- readers --------------------------------------------------------------------------------------

expect_talk as_root 'OK' 'Z20secret of others'
as_reader '!log 0' | tr -d '\r' >"$work/log"
expect_equal "$(sed -n 's/^seq=\([0-9]*\) .*/\1/p' "$work/log" | tr '\n' ' ')" '1 2 ' 'what a reader sees'
expect_has "$work/log" 'next=4'
as_bridge '!log 0' | tr -d '\r' >"$work/log"
expect_equal "$(sed -n 's/^seq=\([0-9]*\) .*/\1/p' "$work/log" | tr '\n' ' ')" '1 2 3 ' 'what the bridge sees'
expect_talk as_reader 'ERR denied right=read record=20' '!receipt 3'

# One waits, another posts: it is told at once.
as_reader '!wait 4 60' '?01awake' >"$work/waited" 2>"$work/waiting.log" &
waiting=$!
until_true 'a session that waits' eval 'as_root "!session list" | grep -q "account=reader"'
expect_talk as_root 'OK' 'Z20not for it'
expect_equal "$(cat "$work/waited")" '' 'what has come before anything was posted'
expect_talk as_sensor 'OK' 'Z1021.9 C'
wait "$waiting" || fail 'the one that waited did not end well'
expect_has "$work/waited" 'seq=5 record=10 n=3'
expect_has "$work/waited" 'next=6'

# One that goes while it waits is forgotten.
probe_beside gone --identity reader --psk "$reader_psk" play open 'send:!wait 6 200\n' "mark:$work/sent" \
    "await:$work/go" reset
until_true 'a session that waits' eval 'as_root "!session list" | grep -q "account=reader"'
touch "$work/go"
join gone
until_true 'the session to end' eval '! as_root "!session list" | grep -q "account=reader"'

# --- how far they have come ------------------------------------------------------------------------

expect_talk as_bridge 'consumer=b seq=2
OK
consumer=b seq=5
OK
ERR busy consumer "b" is at 5: another one moves it
ERR range 9: the last entry is 5' '!ack b 2' '!ack b 5 was=2' '!ack b 4 was=2' '!ack b 9'
expect_talk as_reader 'ERR absent no consumer "r"
ERR denied consumer "b" is another account'"'"'s' '!ack r 1' '!ack b 5'
root_does '!consumer add r account=reader' '!consumer drop b'
expect_talk as_reader 'consumer=r seq=1
OK' '!ack r 1'

# --- heads ----------------------------------------------------------------------------------------

third=$(as_sensor '!receipt 5' | envelope_of)
head=$(as_reader '!head 10' | envelope_of)
check "$head" || fail 'the signature of the head'
case $head in
*$(sha256 "$third")*) ;;
*) fail 'the head does not name the last entry' ;;
esac
expect_talk as_reader 'ERR denied right=read record=20' '!head 20'
keys=$(as_bridge '!identity keys' | envelope_of)
check "$keys" || fail 'the signature of the keys'

# --- killed, and there again ----------------------------------------------------------------------

stop card KILL
start_card
expect_equal "$(as_sensor '!receipt 1' | envelope_of)" "$first" 'the first entry, later'
expect_talk as_sensor 'OK' 'Z1022.0 C'
case $(as_sensor '!receipt 6' | envelope_of) in
*$(sha256 "$third")*) ;;
*) fail 'the chain does not go on' ;;
esac

the_end
