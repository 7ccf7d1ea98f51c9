#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A card for real use: root's key is made once, in a file of its own, and weak keys are refused.
. "$(dirname "$0")/lib.sh"

strong_psk=9F2C5E8A1B7D4036C8E1F2A39B4D5C6E70819AABBCCDDE0F1123344556677889
cd "$work"

# Refusals first; nothing is left behind.
refuses() { # STATUS TEXT OPTION...
    local status=$1 text=$2
    shift 2
    expect_status "$status" env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" init "$@"
    expect_has "$work/command.out" "$text"
    [ ! -e "$work/cards" ] || [ -z "$(find "$work/cards" -type f ! -name kek)" ] ||
        fail "init $*: refused, and yet made $(find "$work/cards" -type f)"
}
refuses 64 '--dir and --sen must be given' --dir cards
refuses 65 'SEN' --dir cards --sen sixteen-letters1
refuses 65 'SEN' --dir cards --sen ../outside
refuses 65 'SEN' --dir cards --sen .hidden
refuses 64 'sen' --dir cards --sen $'two\nlines'
refuses 65 'must be file:PATH' --dir cards --sen key1.com --kek pkcs11:token
refuses 64 "keep root's key out" --dir cards --sen key1.com --root-psk-file cards/root.psk
touch taken.psk
refuses 73 'taken.psk' --dir cards --sen key1.com --root-psk-file taken.psk
[ ! -s taken.psk ] || fail "a file that was there was written to"

expect_status 0 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" init --dir cards \
    --sen key1.com --root-psk-file root.psk
cp command.out init.out
expect_equal "$(stat -c %a root.psk)" 600 "the mode of root's key file"
expect_equal "$(find cards -type f ! -perm 600)" '' 'files that are not private'
expect_equal "$(find cards -type d ! -perm 700)" '' 'directories that are not private'
root_psk=$(cat root.psk)
expect_equal "${#root_psk}" 64 "digits of root's key"
expect_has_not init.out "${root_psk:0:16}"
expect_no_bytes cards "$root_psk" "root's key"
expect_no_bytes cards "$(hex_of "$root_psk")" "root's key in digits"

# A second time: not over what is there.
before=$(fingerprint cards)
expect_status 73 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" init --dir cards \
    --sen key1.com --root-psk-file other.psk
expect_equal "$(fingerprint cards)" "$before" 'the card after a second init'
[ ! -e other.psk ] || fail "a second init left a key behind"

start_card
start_front
expect_has_not card.log 'DEMO'
expect_refused root "$demo_psk"
expect_refused Client_identity "$root_psk"
expect_refused guest "$demo_psk"
expect_talk as_root 'RDV keystore 0.1' '?00'
expect_has_not front.log 'DEMO'

# Weak keys: all zero, all equal, counting up and down, the published ones.
weak() {
    printf "$1%.0s" {1..32}
}
counting_down=$(for i in {32..1}; do printf %02X "$i"; done)
for key in "$(weak 00)" "$(weak FF)" "$(weak 41)" "$demo_psk" "$counting_down"; do
    expect_talk as_root "bob
ERROR
ERROR" '?06bob' "?A0$key" "?AA$root_psk$key"
done
# Root's key: with the wrong old one, refused and counted; with the right one, changed at once.
expect_talk as_root 'ERROR
ERROR' "?AA$strong_psk$strong_psk" "?AA$strong_psk$root_psk"
expect_log card 'old key wrong'
expect_talk as_root "bob
$strong_psk
OK" '?06bob' "?A0$strong_psk" '?A501'
expect_talk as_root OK "?AA$root_psk$strong_psk"
expect_refused root "$root_psk"
root_psk=$strong_psk
expect_talk as_root 'RDV keystore 0.1' '?00'
stop card
start_card
expect_talk as_root 'RDV keystore 0.1' '?00'
expect_equal "$(talk bob "$strong_psk" '?00' | tr -d '\r\n')" 'RDV keystore 0.1' "bob's answer"
for name in card front; do
    expect_has_not $name.log "${strong_psk:0:16}"
done

the_end
