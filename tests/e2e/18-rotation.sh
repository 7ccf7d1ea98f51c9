#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A key is changed without an outage: two work for a while, and each dies when it should.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front

rotated() { # [OPTION]: of the guest s; the new key
    root_does "!guest rotate s $*"
    said psk
}

root_does '!guest add s rights=read,write,echo psk=auto'
first=$(said psk)
expect_welcome s "$first"

# Both work, as often as one likes the old one; another identity with the new key is no use of it.
second=$(rotated overlap=1h)
root_does '!guest show s'
expect_equal "$(said psk)" rotating 'what is shown of a rotation'
expect_welcome s "$first"
expect_refused root "$second"
expect_refused s "$guest_psk"
expect_welcome s "$first"

# A restart changes nothing.
stop card
start_card
expect_welcome s "$first"

# The first use of the new key ends the old one; who is in with it stays.
probe_beside old --identity s --psk "$first" play open 'send:?01a\n' 'answer:a\r\n' \
    "mark:$work/in" "await:$work/used" 'send:?01b\n' 'answer:b\r\n'
until_true 'a session of the old key' test -e "$work/in"
expect_welcome s "$second"
expect_refused s "$first"
touch "$work/used"
join old
expect_welcome s "$second"
root_does '!guest show s'
expect_equal "$(said psk)" set 'what is shown afterwards'
stop card
start_card
expect_refused s "$first"
expect_welcome s "$second"

# A login that says nothing is a use.
third=$(rotated)
s_client -quiet -no_ign_eof -servername key1.com -psk_identity s -psk "$third" </dev/null \
    >"$work/silent.out" 2>"$work/s_client.log" || fail 'a silent login'
expect_refused s "$second"
expect_welcome s "$third"

# At the stated time the old key dies, used or not.
fourth=$(rotated overlap=2s)
until_=$(date -d "$(said old-key-until)" +%s)
expect_welcome s "$third"
until_true 'the end of the overlap' eval "[ \"\$(date +%s)\" -ge $until_ ]"
expect_refused s "$third"
# And stays dead when the next rotation begins: the new key, not used yet, is then the old one.
fifth=$(rotated overlap=1h)
expect_refused s "$third"
expect_welcome s "$fourth"
expect_welcome s "$fifth"
expect_refused s "$fourth"

# A second rotation within the overlap takes the place of the first.
sixth=$(rotated)
seventh=$(rotated)
expect_refused s "$sixth"
expect_welcome s "$fifth"
expect_welcome s "$seventh"
expect_refused s "$fifth"

# Re-keying ends a rotation: neither old key is left.
eighth=$(rotated)
root_does '!guest set s psk=auto'
ninth=$(said psk)
expect_refused s "$seventh"
expect_refused s "$eighth"
expect_welcome s "$ninth"

# Refused, and nothing changes.
in_words '!guest rotate nobody' '!guest rotate s overlap=0s' '!guest rotate s overlap=-1d' \
    '!guest rotate s psk=00' '!guest rotate s when=now' '!guest rotate' '!guest add t' '!guest rotate t'
expect_equal "$(grep -c '^ERR ' "$work/words")" 7 "refusals: $(cat "$work/words")"
root_does '!guest show s'
expect_equal "$(said psk)" set 'what is shown after refusals'
expect_welcome s "$ninth"

# Root's own key, in the same way.
root_does '!guest rotate root'
next=$(said psk)
expect_welcome root "$demo_psk"
root_psk=$next
root_does '!whoami'
expect_refused root "$demo_psk"

the_end
