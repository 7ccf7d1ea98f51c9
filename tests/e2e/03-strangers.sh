#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A wrong key, an unknown identity and a disabled guest cannot be told apart: not by a byte, and not
# by their time.
. "$(dirname "$0")/lib.sh"

wrong_psk=AA02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20

make_demo_cards
start_card --free-failures 1000000 # what is compared is the work, not the waiting
start_front
expect_talk as_root "disabled
$guest_psk
OK
keyless" '?06disabled' "?A0$guest_psk" '?A500' '?06keyless'

# refusal IDENTITY PSK: all bytes that come back, in hex.
refusal() {
    probe --identity "$1" --psk "$2" play hello dump | od -An -v -tx1 | tr -d ' \n'
}

known=$(refusal root "$wrong_psk")
expect_equal "${known:0:12}" 150303000202 'the refusal of a wrong key, a fatal alert'
expect_equal "${#known}" 14 'digits of the refusal of a wrong key'
expect_equal "$(refusal nobody "$demo_psk")" "$known" 'the refusal of an unknown identity'
expect_equal "$(refusal disabled "$guest_psk")" "$known" 'the refusal of a disabled guest'
expect_equal "$(refusal disabled "$wrong_psk")" "$known" 'the refusal of a disabled guest, wrong key'
expect_equal "$(refusal keyless "$demo_psk")" "$known" 'the refusal of a guest without a key'
expect_equal "$(refusal roo "$demo_psk")" "$known" 'the refusal of half an identity'
expect_equal "$(refusal "$(printf 'x%.0s' {1..127})" "$demo_psk")" "$known" \
    'the refusal of a long identity'
expect_refused root "$wrong_psk"
expect_talk as_root 'RDV keystore 0.1' '?00'

root_does '!guest add turning psk=auto' >/dev/null
root_does '!guest rotate turning overlap=1h' >/dev/null
probe times 2000 "root=$wrong_psk" "nobody=$demo_psk" "disabled=$guest_psk" "keyless=$demo_psk" \
    "turning=$wrong_psk"

the_end
