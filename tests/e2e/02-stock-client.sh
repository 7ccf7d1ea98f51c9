#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# openssl s_client as it comes: suites, groups, line ends, the dot, and how a session ends.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front

# expect_session PATTERN OPTION...: a session that reports this, answers, and ends in good order.
expect_session() {
    local pattern=$1
    shift
    printf '?00\r\n?02\r\n' |
        s_client -ign_eof -servername key1.com -psk_identity root -psk "$demo_psk" "$@" \
            >"$work/session.out" 2>&1 || fail "s_client $*"
    expect_has "$work/session.out" "$pattern"
    expect_has "$work/session.out" 'RDV keystore 0.1'
    # What s_client says to a connection that ends without close_notify.
    expect_has_not "$work/session.out" 'unexpected eof'
    expect_has_not "$work/session.out" 'errno'
    tail -n 1 "$work/session.out" | grep -q '^closed$' || fail "s_client $*: not closed in good order"
}

# Refusals: no group in common, no suite in common.
expect_refused root "$demo_psk" -groups P-384
expect_has "$work/s_client.log" 'alert handshake failure'
expect_refused root "$demo_psk" -ciphersuites TLS_AES_256_GCM_SHA384

# Nothing chosen: ours is the choice.
expect_session 'Cipher is TLS_AES_128_GCM_SHA256'
expect_session 'Server Temp Key: X25519'

expect_session 'Cipher is TLS_AES_128_CCM_SHA256' -ciphersuites TLS_AES_128_CCM_SHA256
expect_session 'Cipher is TLS_AES_128_GCM_SHA256' -ciphersuites TLS_AES_128_GCM_SHA256
expect_session 'Cipher is TLS_CHACHA20_POLY1305_SHA256' -ciphersuites TLS_CHACHA20_POLY1305_SHA256
expect_session 'Cipher is TLS_AES_128_CCM_SHA256' \
    -ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256
expect_session 'Server Temp Key: ECDH, prime256v1' -groups P-256
expect_session 'Server Temp Key: X25519' -groups X25519
# The first key share is for a group we do not have: HelloRetryRequest.
expect_session 'Server Temp Key: ECDH, prime256v1' -groups P-384:P-256
expect_session 'Server Temp Key: X25519' -groups P-521:X25519
expect_session 'read 252 bytes' -groups P-256

# The flight is 252 bytes whatever came with it.
expect_session 'read 252 bytes' -groups P-256 -ciphersuites TLS_AES_128_CCM_SHA256 -no_ticket

# Through a pipe: CR LF and LF mixed; the dot ends the session after its answer.
answers() {
    printf %b "$1" | s_client -quiet -servername key1.com -psk_identity root -psk "$demo_psk" \
        2>"$work/s_client.log" || fail "s_client with $1"
    expect_has_not "$work/s_client.log" 'unexpected eof'
}
expect_equal "$(answers 'Z01one\r\nZ02two\nI01\nI02\r\n?02\n' | tr -d '\r' | tr '\n' ' ')" \
    'OK OK one two ' 'CR LF and LF'
expect_equal "$(answers '.I01\r\n' | tr -d '\r\n')" one 'a dot before I01'
expect_equal "$(answers '.I01\r\nZ01never\r\n' | tr -d '\r\n')" one 'a line behind the dot'
expect_equal "$(answers '.I01\n' | tr -d '\r\n')" one 'a line after the dot was not obeyed'
expect_equal "$(answers '?02\n' | tr -d '\r\n')" '' 'the answer of ?02'

the_end
