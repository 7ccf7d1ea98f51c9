#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv keygen, seal, open: content that the card keeps and cannot read.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# A reader makes a key: the secret one is a file for nobody else, the public one is told.
public=$(rdv keygen "$work/reader.key")
expect_equal "${#public}" 64 'digits of the public key'
expect_equal "$(stat -c '%a %s' "$work/reader.key")" '600 65' 'mode and size of the secret key'
expect_rdv 0 "$public" keygen --public "$work/reader.key"
expect_rdv 0 "{\"public\":\"$public\"}" keygen --public --json "$work/reader.key"
expect_rdv 0 '' keygen --public -o "$work/reader.pub" "$work/reader.key"
expect_equal "$(cat "$work/reader.pub")" "$public" 'the exported public key'
before=$(sha256sum "$work/reader.key")
expect_rdv 73 '' keygen "$work/reader.key" # it must not be lost
expect_equal "$(sha256sum "$work/reader.key")" "$before" 'the secret key'
[ "$(rdv keygen "$work/other.key")" != "$public" ] || fail 'two keys are the same'

# Sealed, posted, read back, opened. The card's answer is the box, and not what is in it.
printf 'nobody between us\n' >"$work/plain"
rdv seal --to "$public" "$work/plain" >"$work/box" || fail 'seal'
expect_equal "$(stat -c %s "$work/box")" $((18 + 48)) 'the size of the box'
hex=$(od -An -v -tx1 "$work/box" | tr -d ' \n')
expect_rdv 0 OK exec -k "$psk" "$at" "Z00$hex"
rdv exec -k "$psk" "$at" I00 >"$work/kept" || fail 'reading it back'
expect_equal "$(cat "$work/kept")" "$hex" 'what the card keeps'
printf %b "$(sed 's/../\\x&/g' "$work/kept")" >"$work/back"
expect_rdv 0 'nobody between us' open --key "$work/reader.key" "$work/back"

# Through pipes, to a file, in JSON.
expect_equal "$(rdv seal --to "@$work/reader.pub" <"$work/plain" | rdv open --key "$work/reader.key" -)" \
    'nobody between us' 'through a pipe'
(umask 022 && rdv open --key "$work/reader.key" -o "$work/opened" "$work/box") || fail 'open -o'
cmp -s "$work/plain" "$work/opened" || fail 'what was opened differs'
expect_equal "$(stat -c %a "$work/opened")" 600 'the mode of what was opened'
expect_rdv 0 '{"bytes":18,"content":"nobody between us\n"}' open --json --key "$work/reader.key" "$work/box"
expect_rdv 0 "{\"bytes\":18,\"file\":\"$work/opened\"}" \
    open --json --key "$work/reader.key" -o "$work/opened" "$work/box"

# What is not a box for this reader is refused, and no file is touched.
before=$(sha256sum "$work/opened")
expect_not_opened() { # STATUS TEXT KEY FILE
    expect_rdv "$1" '' open --key "$work/$3" -o "$work/opened" "$4"
    expect_has "$work/rdv.log" "$2"
    expect_equal "$(sha256sum "$work/opened")" "$before" 'the file that was there'
}
expect_not_opened 77 'for another reader' other.key "$work/box"
for at_byte in 0 31 32 47 48 65; do
    cp "$work/box" "$work/flipped"
    printf "\\x$(printf %x $((0x$(od -An -tx1 -j $at_byte -N 1 "$work/box" | tr -d ' ') ^ 1)))" |
        dd of="$work/flipped" bs=1 seek=$at_byte conv=notrunc 2>"$work/dd.log"
    ! cmp -s "$work/box" "$work/flipped" || fail 'nothing was flipped'
    expect_not_opened 77 'damaged' reader.key "$work/flipped"
done
head -c 65 "$work/box" >"$work/cut"
expect_not_opened 77 'damaged' reader.key "$work/cut"
head -c 47 "$work/box" >"$work/cut"
expect_not_opened 65 'too short' reader.key "$work/cut"
expect_not_opened 66 'No such file' reader.key "$work/absent"
expect_not_opened 66 'No such file' absent.key "$work/box"

# A key that others can read is not one; nor is what hides nothing, or is no key.
chmod 640 "$work/reader.key"
expect_not_opened 77 'chmod 600' reader.key "$work/box"
chmod 600 "$work/reader.key"
expect_rdv 65 '' seal --to "$(printf '0%.0s' {1..64})" "$work/plain"
expect_rdv 64 '' seal --to 12 "$work/plain"
expect_rdv 65 '' seal --to "@$work/plain" "$work/plain"
expect_rdv 64 '' seal "$work/plain"
expect_rdv 64 '' open "$work/box"
expect_rdv 64 '' keygen

# A box is at most a record: 1 MiB.
head -c $((1024 * 1024 - 48)) /dev/zero >"$work/most"
rdv seal --to "$public" -o "$work/box" "$work/most" || fail 'the longest box'
expect_equal "$(stat -c %s "$work/box")" $((1024 * 1024)) 'the size of the longest box'
rdv open --key "$work/reader.key" "$work/box" | cmp -s - "$work/most" || fail 'the longest box'
echo >>"$work/most"
expect_rdv 65 '' seal --to "$public" "$work/most"
expect_has "$work/rdv.log" 'longer than 1048528 bytes'
# However much there is, not more than that is read.
status=0
yes | rdv seal --to "$public" >"$work/yes.out" 2>"$work/yes.log" || status=$?
expect_equal "$status" 65 'the status of an endless box'
[ ! -s "$work/yes.out" ] || fail 'an endless box was written'

the_end
