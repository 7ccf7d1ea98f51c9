#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The server name picks the card; a client that names none, or no card of ours, is told so.
. "$(dirname "$0")/lib.sh"

longest=fifteen-letters
make_demo_cards key1.com key2.com "$longest"
start_card
start_front

no_card() { # SEN
    probe --sen "$1" play hello 'alert:unrecognized name' ended
}

no_card key3.com
no_card '' # none, and no default
no_card sixteen-letters1
no_card "$longest."
no_card key1.co
no_card KEY1.COM
no_card .
no_card ..
no_card ../cards/key1.com
no_card '*'
no_card "$(printf 'x%.0s' {1..255})"
# As a person sees it.
sen=key3.com expect_refused root "$demo_psk"
expect_has "$work/s_client.log" 'unrecognized name'
expect_log front 'no valid server name'
expect_log front 'no such card'

# A name in bytes of no name: control bytes cannot get into the log as they are.
probe --sen $'key1\ncom' play hello 'alert:unrecognized name' ended
expect_has_not "$work/card.log" 'com: TLS'

probe --sen "$longest" --identity root play open 'send:?00\n' 'answer:RDV keystore 0.1\r\n'
sen=key2.com
expect_talk as_root OK 'Z00two'
sen=key1.com
expect_talk as_root '' 'I00'
stop front

start_front --default-sen key2.com
probe --sen '' --identity root play open 'send:I00\n' 'answer:two\r\n' close closed
# A name that is wrong stays wrong.
no_card key3.com
no_card sixteen-letters1
sen=key1.com
expect_talk as_root '' 'I00'
stop front

# A default that cannot be a card is refused at the start; one that merely is away is told.
expect_status 64 "$RDV_BIN/rdv-server" --listen 127.0.0.1:0 --cards "unix:$work/card.sock" \
    --default-sen sixteen-letters1
expect_has "$work/command.out" sixteen-letters1
start_front --default-sen key9.com
no_card ''

the_end
