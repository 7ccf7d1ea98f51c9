#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a guest may and may not do, and how root changes that while the guest is there.
. "$(dirname "$0")/lib.sh"

other_psk=EE02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20

make_demo_cards
start_card
start_front
make_guest
as_root 'Z00kept' >/dev/null

# Refused, all of them, and nothing has changed.
expect_talk as_guest "ERROR
ERROR
ERROR
ERROR
ERROR
ERROR
ERROR
ERROR
ERROR
ERROR" 'Z00x' 'Z00' 'ZFFx' '?05me' '?06guest' '?A1' '?A501' '?A500' '?A8040C' "?AA$demo_psk$other_psk"
expect_talk as_root 'kept
guest
'"$guest_psk" 'I00' '?06guest' '?A1'

# Allowed: reading, echo, the version, its own key.
expect_talk as_guest 'kept

RDV keystore 0.1
text
AB' 'I00' 'I01' '?00' '?01text' '?FFab'
expect_talk as_root 'guest
OK' '?06guest' '?A80503'
expect_talk as_guest 'ERROR
ERROR
kept' '?01text' '?FFab' 'I00'
expect_talk as_root 'guest
OK
OK' '?06guest' '?A80507' '?A80403'
expect_talk as_guest 'ERROR
AB' 'I00' '?FFab'
expect_talk as_root 'guest
OK' '?06guest' '?A8040C'
expect_talk as_guest 'OK
mine' 'Z00mine' 'I00'

# Its own key: set, in force at the next log-in, never read back.
expect_talk as_guest "$other_psk
ERROR" "?A0$other_psk" '?A1'
expect_refused guest "$guest_psk"
guest_psk=$other_psk
expect_talk as_guest 'mine' 'I00'

# Weak keys are refused outside demonstration mode only: see init.sh.

# A guest that is disabled while it is there gets no further.
probe_beside guest --identity guest --psk "$guest_psk" play open 'send:I00\n' \
    'answer:mine\r\n' "mark:$work/open" "await:$work/disabled" 'send:I00\n' closed
until_true 'the guest to be there' test -e "$work/open"
expect_talk as_root 'guest
OK' '?06guest' '?A500'
touch "$work/disabled"
join guest
expect_refused guest "$guest_psk"

# The server name, where root insists on it.
expect_talk as_root 'guest
OK' '?06guest' '?A581'
stop front
start_front --default-sen key1.com
probe --identity guest --psk "$guest_psk" --sen '' play hello dump | wc -c >"$work/refused.out"
expect_equal "$(cat "$work/refused.out")" 7 'bytes for a guest without the server name'
expect_talk as_guest 'mine' 'I00'

# Root's other name: the old ones stop working, sessions and records stay.
expect_talk as_root 'boss' '?05boss'
expect_refused root "$demo_psk"
expect_refused Client_identity "$demo_psk"
expect_equal "$(talk boss "$demo_psk" 'I00' | tr -d '\r\n')" mine "root's answer under its new name"

the_end
