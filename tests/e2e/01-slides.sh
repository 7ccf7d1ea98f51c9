#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The session of the slides, on demonstration cards, with the command line every document gives.
. "$(dirname "$0")/lib.sh"

make_demo_cards key1.com key2.com
start_card
start_front

documented() { # IDENTITY PSK
    s_client -tls1_3 -servername key1.com -groups P-256 -cipher DHE \
        -ciphersuites TLS_AES_128_CCM_SHA256 -no_ticket -psk_identity "$1" -psk "$2" -ign_eof
}

printf '?00\r\n?02\r\n' | documented Client_identity "$demo_psk" >"$work/documented.out" 2>&1
expect_has "$work/documented.out" 'SSL handshake has read 252 bytes'
expect_has "$work/documented.out" 'no peer certificate available'
expect_has "$work/documented.out" 'Server Temp Key: ECDH, prime256v1, 256 bits'
expect_has "$work/documented.out" 'Reused, TLSv1.3, Cipher is TLS_AES_128_CCM_SHA256'
expect_has "$work/documented.out" "RDV keystore 0."

expect_refused guest "$guest_psk" # not made, not enabled

as_client_identity() {
    talk Client_identity "$demo_psk" "$@"
}

expect_talk as_root "RDV keystore 0.1
guest
$guest_psk
OK
OK
1234" '?00' '?06guest' "?A0$guest_psk" '?A501' 'Z001234' 'I00'
expect_talk as_guest "1234
ERROR" 'I00' 'Z00x'
expect_talk as_root "guest
OK" '?06guest' '?A8040C'
expect_talk as_guest 'OK' 'Z00x'
expect_talk as_root 'x' 'I00'
expect_talk as_client_identity 'x' 'I00'

# The other card has its own accounts and records.
sen=key2.com
expect_talk as_root "
RDV keystore 0.1" 'I00' '?00'
expect_refused guest "$guest_psk"

the_end
