#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv log, receipt, head, ack and put --receipt: what a card has signed, from the card itself, judged.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
root=$(key_file root "$demo_psk")
reader_psk=B1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90
reader=$(key_file reader "$reader_psk")
root_does "!guest add reader rights=read records=0A-0B psk=$reader_psk"
at="shellS://key1.com(root)@$front/"
to="shellS://key1.com(reader)@$front/"

post() { # RECORD TEXT [OPTION...]
    printf %s "$2" | rdv put -k "$root" "$at" "$1" --type text/plain "${@:3}" || fail "post to $1"
}

# Another card's key.
other=$(sed -n 's/^key - //p' "$here/../vectors/envelope/envelopes.txt")

# The verdicts in a file, with the number of the record and in its chain.
verdicts() {
    sed -nE 's/^([A-Z-]+( [0-9.]+)?) +(record|head)\/(..) +n=([0-9]+).*/\1 \4 \5/p' "$1" | paste -sd,
}

# --- receipts ---------------------------------------------------------------------------------------

post 0A one --receipt "$work/one.cose"
post 0A two --receipt "$work/two.cose" --json >"$work/two.json"
expect_has "$work/two.json" '"seq":2}'
key=$(rdv exec -k "$root" "$at" '?0A')
rdv verify --card-key "$key" --content "$work/one.cose" "$work/two.cose" >"$work/receipts.out" || fail 'receipts'
expect_equal "$(verdicts "$work/receipts.out")" 'VALID 0A 1,VALID 0A 2' 'receipts'
expect_has "$work/receipts.out" 'root text/plain 3 bytes "two"'
expect_rdv 1 "$(printf 'MALFORMED     /dev/null: message ends too early')" verify --card-key "$key" /dev/null
mkdir "$work/dir"
echo x >"$work/dir/01"
expect_rdv 64 '' put -k "$root" "$at" "$work/dir" --receipt "$work/x.cose"
expect_rdv 64 '' put -k "$root" "$at" "$work/dir" --once x
expect_rdv 64 '' put -k "$root" "$at" 0C "$work/one.cose" --once 123456789012345678901234567890123
expect_rdv 74 '' put -k "$root" "$at" 0C "$work/one.cose" --receipt "$work/nowhere/x"

# The same post with the same key of one's own is one post; another one with it is refused.
printf three | rdv put -k "$root" "$at" 0D --once k --json >"$work/posted.json"
printf three | rdv put -k "$root" "$at" 0D --once k --json | cmp - "$work/posted.json" || fail 'the same post again'
printf four | rdv put -k "$root" "$at" 0D --once k 2>"$work/rdv.log" && fail 'another post with the same key'
expect_has "$work/rdv.log" 'rdv put: exists'

# One's own entries, and those one may read.
expect_rdv 64 '' receipt -k "$root" "$at"
expect_rdv 66 '' receipt -k "$root" "$at" 99
expect_rdv 77 '' receipt -k "$reader" "$to" 3
rdv receipt -k "$reader" "$to" 2 --content -o "$work/again.cose" >"$work/receipt.out" || fail 'a receipt'
expect_equal "$(verdicts "$work/receipt.out")" 'VALID 0A 2' 'a receipt'
expect_has "$work/receipt.out" '"two"'
cmp "$work/two.cose" "$work/again.cose" || fail 'a receipt is another one now'
rm "$work/again.cose"
rdv receipt -k "$reader" "$to" 2 -o "$work/again.cose" --card-key "$other" \
    >"$work/receipt.out" 2>"$work/rdv.log" && fail 'the receipt of another card passed'
expect_has "$work/receipt.out" 'UNKNOWN-KEY   entry 2: '
[ ! -e "$work/again.cose" ] || fail 'the receipt of another card was kept'

# --- the log ------------------------------------------------------------------------------------------

post 0B other
rdv log -k "$root" "$at" >"$work/log.out"
expect_equal "$(verdicts "$work/log.out")" 'VALID 0A 1,VALID 0A 2,VALID 0C 1,VALID 0D 1,VALID 0B 1' 'the log'
rdv log -k "$root" "$at" 2 2 >"$work/log.out"
expect_equal "$(verdicts "$work/log.out")" 'VALID 0A 2,VALID 0C 1' 'two entries from the second on'
rdv log -k "$reader" "$to" >"$work/log.out"
expect_equal "$(verdicts "$work/log.out")" 'VALID 0A 1,VALID 0A 2,VALID 0B 1' 'what a reader may read'
rdv log -k "$root" "${at}record/0B" --json --content >"$work/log.out"
expect_has "$work/log.out" '"record":11,'
expect_has "$work/log.out" '"text":"other"'
expect_rdv 77 '' log -k "$reader" "${to}record/0C"
expect_rdv 64 '' log -k "$root" "$at" x
expect_rdv 64 '' log -k "$root" "$at" 1 2 3
# As many as do not fit into one answer.
for _ in $(seq 300); do printf 'Z20x\r\n'; done | rdv exec -k "$root" "$at" - >/dev/null
expect_equal "$(rdv log -k "$root" "${at}record/20" | wc -l)" 300 'a long log'
expect_equal "$(rdv log -k "$root" "${at}record/20" 1 270 | wc -l)" 270 'a part of a long log'

# Lines are what rdv verify reads; what it remembers goes on from there, whoever gives the rest.
state=$work/state
post 0A three
rdv log -k "$root" "$at" --lines | grep -v '^rdv/key1.com/record/0B' | sed 2d |
    rdv verify --card-key "$key" --from-start -s "$state" >"$work/some.out" 2>"$work/some.log" && fail 'a gap passed'
expect_has "$work/some.out" 'GAP'
expect_has "$work/some.log" '1 entries missing'
rdv log -k "$root" "$at" -s "$state" >"$work/log.out" && fail 'nothing is missing any more'
expect_equal "$(wc -l <"$work/log.out")" 0 'what came since'
rdv log -k "$root" "$at" -s "$state" --missing >"$work/log.out" || fail 'the missing entry'
expect_equal "$(verdicts "$work/log.out")" 'FILLED 0A 2' 'the missing entry'
rdv log -k "$root" "$at" --lines | sed 2d |
    rdv verify --card-key "$key" -s "$work/piped" >"$work/some.out" 2>"$work/some.log" && fail 'a gap passed'
rdv log -k "$root" "${at}record/0A" --lines | rdv verify --card-key "$key" -s "$work/piped" >"$work/log.out" 2>"$work/some.log" ||
    fail 'the missing entry, by way of lines'
expect_equal "$(verdicts "$work/log.out")" 'REPEATED 0A 1,FILLED 0A 2,REPEATED 0A 3' 'the missing entry, by way of lines'
post 0A four
rdv log -k "$root" "$at" -s "$state" >"$work/log.out" || fail 'what came since'
expect_equal "$(verdicts "$work/log.out")" 'VALID 0A 4' 'what came since'
expect_rdv 64 '' log -k "$root" "$at" --missing

# --- heads ----------------------------------------------------------------------------------------------

rdv head -k "$root" "$at" -s "$state" >"$work/head.out" || fail 'heads'
expect_equal "$(verdicts "$work/head.out")" 'VALID 0A 4,VALID 0B 1,VALID 0C 1,VALID 0D 1,VALID 20 300' 'heads'
rdv head -k "$root" "$at" FF >"$work/head.out"
expect_equal "$(verdicts "$work/head.out")" 'VALID FF 0' 'the head of nothing'
rdv head -k "$root" "${at}record/0A" --lines >"$work/head.lines"
post 0A five
rdv log -k "$root" "$at" -s "$state" >/dev/null
rdv head -k "$root" "$at" 0A -s "$state" >/dev/null || fail 'the next head'
rdv verify --card-key "$key" -s "$state" <"$work/head.lines" >"$work/head.out" && fail 'an old head passed'
expect_equal "$(verdicts "$work/head.out")" 'STALE-HEAD 0A 4' 'an old head'
expect_rdv 77 '' head -k "$reader" "$to" 20

# --- consumers ------------------------------------------------------------------------------------------

expect_rdv 0 "seq            4
consumer       archive" ack -k "$root" "$at" archive 4
rdv consumer list -k "$root" "$at" | grep -q '^4 .* archive$' || fail 'the list of consumers'
expect_rdv 75 '' ack -k "$root" "$at" archive 9 was=3
expect_rdv 66 '' ack -k "$reader" "$to" mine 1
rdv consumer add -k "$root" "$at" mine account=reader >/dev/null
rdv ack -k "$reader" "$to" mine 1 >/dev/null || fail 'a consumer that root has made'
rdv consumer drop -k "$root" "$at" archive

# --- another card ---------------------------------------------------------------------------------------

# Another card than the one that was seen is told, and nothing of it is taken.
rdv log -k "$reader" "$to" --card-key "$other" \
    >"$work/log.out" 2>"$work/other.log" && fail 'another card passed'
expect_equal "$(cut -c1-11 "$work/log.out" | sort -u)" UNKNOWN-KEY 'entries of another card'
expect_rdv 77 '' log -k "$root" "$at" --card-key "$other" -s "$state"

the_end
