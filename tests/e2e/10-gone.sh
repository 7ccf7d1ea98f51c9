#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Clients that go away: in the middle of a handshake, of a command, before their answer. What they
# have sent whole is done, what they have not is not, and nothing of them stays behind.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front --handshake-timeout 60000 --idle-timeout 60000
as_root 'Z00kept' >/dev/null

open_files() { # NAME: as far as they can be counted
    ls "/proc/${pid_of[$1]}/fd" 2>/dev/null | wc -l
}
# Connections of the front: its own files tell, and ours they are.
before=$(open_files front)

# In the handshake, by FIN and by RST.
probe play shut ended
probe play reset
probe play hello:1 reset
probe play hello:200 reset
probe play hello:200 shut ended
probe play hello reset
probe play hello shut dump >"$work/flight"
probe play open reset

# In a command: half a line, half a record.
probe play open 'send:Z00ha' reset
probe play open 'send:Z00ha' shut ended
probe play open raw:1703030100 text:half reset
probe play open raw:1703030100 text:half shut ended
probe play open raw:170303 shut ended
expect_talk as_root kept 'I00'

# Before the answer: what was sent whole before an orderly end is done, and answered if it still listens.
probe play open hold 'send:Z01fin\n' go shut 'answer:OK\r\n' ended
probe play open hold 'send:Z02notified\n' close go shut 'answer:OK\r\n' closed
probe play open hold 'send:Z03half-closed\nI03\n' go shut 'answer:OK\r\n' 'answer:half-closed\r\n' ended
expect_talk as_root 'half-closed' 'I03'
expect_talk as_root 'notified' 'I02'
expect_talk as_root 'fin' 'I01'

# A stock client that does not wait: its input ends, it says goodbye and goes.
for i in {1..20}; do
    printf 'Z04%s\r\n' "$i" | s_client -servername key1.com -psk_identity root -psk "$demo_psk" \
        >"$work/hasty.out" 2>&1 || fail "a hasty s_client"
    expect_talk as_root "$i" 'I04'
done

# A reset may lose the command or not; it loses nothing else.
for i in {1..20}; do
    probe play open "send:Z05reset\n" reset
    probe play open "send:I40\nI40\nI40\n" reset
done
expect_equal "$(as_root 'I05' | tr -d '\r\n' | sed 's/^reset$//')" '' 'the record of the resets'
expect_talk as_root kept 'I00'

# Nothing of them is left.
all_gone() {
    [ "$(open_files front)" -le "$before" ]
}
until_true 'the front to forget them' all_gone

the_end
