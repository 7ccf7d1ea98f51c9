#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The keystore through s_client: keys of each kind are made in the card and used, and openssl, which
# knows nothing of us, verifies what they give. What a guest may do with which key. Blobs leave one
# card and come into another.
. "$(dirname "$0")/lib.sh"

make_demo_cards key1.com key2.com
start_card
start_front

# answer WHO LINE: the one answer, without its line end.
answer() {
    "$@" | tr -d '\r' | head -n 1
}

from_hex() { # HEX FILE
    printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')" >"$2"
}

# A public key as openssl takes it: a fixed head for each curve, then the point (RFC 5480).
public_key() { # CURVE POINT-HEX FILE
    local head
    case $1 in
    secp256k1) head=3056301006072a8648ce3d020106052b8104000a034200 ;;
    p256) head=3059301306072a8648ce3d020106082a8648ce3d030107034200 ;;
    esac
    from_hex "$head$2" "$work/key.der"
    openssl pkey -pubin -inform DER -in "$work/key.der" -out "$3"
}

verifies() { # KEY DIGEST-HEX SIGNATURE-HEX [OPTION...]
    from_hex "$2" "$work/digest"
    from_hex "$3" "$work/signature"
    openssl pkeyutl -verify -pubin -inkey "$1" -in "$work/digest" -sigfile "$work/signature" \
        "${@:4}" >"$work/verify.out" 2>&1
}

digest=$(printf 'a record' | sha256sum | cut -d ' ' -f 1)

# Both curves: text, and a pipe of two.
for curve in 'secp256k1 00 g' 'p256 01 G'; do
    read -r name slot generate <<<"$curve"
    expect_talk as_root OK "$generate$slot"
    public_key "$name" "$(answer as_root "p$slot")" "$work/$name.pem"
    signature=$(answer as_root "s$slot$digest")
    verifies "$work/$name.pem" "$digest" "$signature" || fail "$name: the signature does not verify"
    ! verifies "$work/$name.pem" "${digest:1}0" "$signature" ||
        fail "$name: another digest verifies"
    pipe=$(answer as_root "s4${slot:1}$digest$digest")
    length=$((2 * 16#${pipe:0:2}))
    verifies "$work/$name.pem" "$digest" "${pipe:2:length}" || fail "$name: the first of a pipe"
    rest=${pipe:2+length}
    expect_equal $((2 * 16#${rest:0:2})) $((${#rest} - 2)) "$name: the length of the second"
    verifies "$work/$name.pem" "$digest" "${rest:2}" || fail "$name: the second of a pipe"
    [ "${pipe:2:length}" != "${rest:2}" ] || fail "$name: two signatures are the same"
done

# RSA: openssl builds the public key from its modulus.
expect_talk as_root OK 'g20'
modulus=$(answer as_root 'p20')
expect_equal "${#modulus}" 512 'digits of the modulus'
cat >"$work/rsa.cnf" <<END
asn1=SEQUENCE:key
[key]
algorithm=SEQUENCE:algorithm
key=BITWRAP,SEQUENCE:numbers
[algorithm]
oid=OID:rsaEncryption
none=NULL
[numbers]
n=INTEGER:0x$modulus
e=INTEGER:0x$(answer as_root 'p2001')
END
openssl asn1parse -genconf "$work/rsa.cnf" -noout -out "$work/rsa.der"
openssl pkey -pubin -inform DER -in "$work/rsa.der" -out "$work/rsa.pem"
verifies "$work/rsa.pem" "$digest" "$(answer as_root "s20$digest")" -pkeyopt digest:sha256 ||
    fail "RSA: the signature does not verify"

# HMAC and AES, as openssl makes them.
secret=00112233445566778899aabbccddeeff
expect_talk as_root OK "t30$secret"
want=$(printf 'a record' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -r | cut -d ' ' -f 1)
expect_equal "$(answer as_root 'm00a record')" "${want^^}" 'HMAC-SHA256'
want=$(printf 'sixteen bytes ok' | openssl enc -aes-128-ecb -K "$secret" -nopad | od -An -tx1 | tr -d ' \n')
expect_equal "$(answer as_root "A00$(printf 'sixteen bytes ok' | od -An -tx1 | tr -d ' \n')")" \
    "${want^^}" 'AES-128'

# A guest signs with the key it was given, and with no other; it cannot read it, nor make one.
in_words "!guest add signer rights=sign keys=01 psk=$guest_psk"
as_signer() { talk signer "$guest_psk" "$@"; }
signature=$(answer as_signer "s01$digest")
verifies "$work/p256.pem" "$digest" "$signature" || fail "the guest's signature does not verify"
expect_talk as_signer 'ERROR
ERROR
ERROR
ERROR' "s00$digest" 'r01' 'g05' 'c01'
talk signer "$guest_psk" "!key sign 00 data=$digest" | tr -d '\r' >"$work/words"
expect_equal "$(head -n 1 "$work/words")" 'ERR denied right=sign key=00' 'what was missing'
in_words '!key show 01'
expect_equal "$(said uses)" 4 'uses of key 01'

# Binary: a line feed among the bytes is no line end, and the answer is bytes too.
want=$(printf 'a\nb' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -r | cut -d ' ' -f 1)
probe --identity root play open 'send:h80a\nb\r\n' \
    "answer:$(printf '%s' "$want" | sed 's/../\\x&/g')\\r\\n"

# Between cards: an exportable key leaves as a blob under a wrap secret, and lives on elsewhere.
as_other() { sen=key2.com talk root "$demo_psk" "$@"; }
expect_talk as_root OK "?30$secret"
blob=$(answer as_root '?3300018001020304')
expect_equal "${#blob}" 134 'digits of the blob'
expect_talk as_other 'ERROR' "?34$blob"
expect_talk as_other 'OK
OK
ERROR
OK' "?30$secret" 'C01' "?34${blob/%[0-9A-F]/0}X" "?34$blob"
verifies "$work/p256.pem" "$digest" "$(answer as_other "s01$digest")" ||
    fail "the key that moved signs otherwise"
expect_talk as_other 'ERROR' 'r02'

# What is in the card stays there over a restart, and nothing of it is readable in its files.
stop card
rm -f "$work/card.ready" "$work/card.sock"
start_card
verifies "$work/p256.pem" "$digest" "$(answer as_root "s01$digest")" || fail "lost over a restart"
private=$(answer as_root 'r01')
expect_equal "${#private}" 64 'digits of a private key (a demonstration card)'
for hidden in "$secret" "$private" "$(hex_of "$private")"; do
    expect_no_bytes "$work/cards" "$hidden" 'a secret'
done
