#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is not TLS 1.3 with a pre-shared key is told so, and disturbs nobody.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front --handshake-timeout 500

refused_by() { # ALERT OPTION...
    local alert=$1 status=0
    shift
    s_client -quiet -servername key1.com "$@" </dev/null >"$work/refused.out" 2>&1 || status=$?
    expect_equal "$status" 1 "s_client $*: its status"
    expect_has "$work/refused.out" "$alert"
}

refused_by 'alert protocol version' -tls1_2
refused_by 'alert protocol version' -tls1_2 -psk_identity root -psk "$demo_psk" -cipher PSK
refused_by 'missing extension' # certificates, as servers usually have
refused_by 'missing extension' -tls1_3
probe --psk-ke-only --identity root play hello 'alert:handshake failure' ended

# No TLS at all. The first byte tells.
probe play text:garbage 'alert:decode error' ended
probe play raw:00 'alert:decode error' ended
probe play raw:1602 'alert:decode error' ended            # major version 2
probe play raw:160301000401000000 'alert:decode error' ended # an empty ClientHello
probe play raw:16030100080200000400000000 'alert:decode error' ended # a ServerHello
probe play raw:1703030010 'alert:decode error' ended      # application data first
probe play raw:1603010000 'alert:decode error' ended      # an empty record

# Random bytes behind a good header, whatever they are.
head -c 300 /dev/urandom >"$work/noise"
probe play raw:160301012c "text:@$work/noise" 'alert:decode error' ended

# A browser is answered in its own language.
probe play 'text:GET / HTTP/1.1\r\nHost: x\r\n\r\n' dump >"$work/http.out"
expect_has "$work/http.out" 'HTTP/1.0 400 Bad Request'
expect_has "$work/http.out" 'TLS 1.3'

# Half a ClientHello, less, or nothing, then silence: an alert when the time is over.
probe play hello:100 'alert:handshake failure' ended
probe play hello:3 'alert:handshake failure' ended
probe play 'alert:handshake failure' ended
# The ClientHello alone, and then no Finished: keys are in use, no alert can be sent in clear.
probe play hello dump >"$work/flight"
expect_equal "$(($(wc -c <"$work/flight") > 0))" 1 'that a flight came'
expect_log_times front 4 'handshake took too long'

# A record longer than TLS allows: at once, without its content being waited for.
probe play raw:16030141ff 'alert:record overflow' ended
probe play raw:160301ffff 'alert:record overflow' ended
# A ClientHello longer than we allow, in a record of allowed length.
probe play raw:160301000601ffffff0000 'alert:record overflow' ended

# Half a ClientHello, then something else; half of it, then the end.
probe play hello:100 shut ended
probe play hello:100 reset

expect_talk as_root 'RDV keystore 0.1' '?00'
the_end
