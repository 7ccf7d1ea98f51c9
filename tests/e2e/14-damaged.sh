#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One flipped byte in each sealed column: that row is refused and reported, the rest is served.
. "$(dirname "$0")/lib.sh"

database=$work/cards/key1.com/card.sqlite3

make_demo_cards
start_card
start_front
make_guest
as_root 'Z00first' 'Z01second' 'Z02third' >/dev/null
stop card

query() {
    sqlite3 "$database" "$1" 2>"$work/sqlite.log" || fail "sqlite3: $1"
}

# flip TABLE COLUMN WHERE BYTE: one bit of that byte; negative: from the end.
flip() {
    local hex at byte
    hex=$(query "SELECT hex($2) FROM $1 WHERE $3")
    at=$((2 * $4))
    [ "$at" -ge 0 ] || at=$((${#hex} + at))
    byte=$(printf %02X $((0x${hex:at:2} ^ 1)))
    query "UPDATE $1 SET $2 = X'${hex:0:at}$byte${hex:at+2}' WHERE $3"
    chmod 0600 "$database"*
}

# The data key: nothing can be served then. In the nonce, in the text, in the tag.
for byte in 0 12 20 -1; do
    flip element data_key 'id = 1' $byte
    before=$(fingerprint "$work/cards")
    expect_status 77 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run \
        --dir "$work/cards" --listen "unix:$work/card.sock"
    expect_has "$work/command.out" 'or its data key is damaged'
    expect_equal "$(fingerprint "$work/cards")" "$before" 'the files of a card that did not start'
    flip element data_key 'id = 1' $byte
done
# Shortened to nothing.
kept=$(query 'SELECT hex(data_key) FROM element')
query "UPDATE element SET data_key = X''"
chmod 0600 "$database"*
expect_status 77 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run --dir "$work/cards" \
    --listen "unix:$work/card.sock"
query "UPDATE element SET data_key = X'$kept'"

# A guest's key, and a record's content; in the nonce, in the text, in the tag.
for byte in 0 12 -1; do
    flip account psk "name = 'guest'" $byte
    flip record content 'slot = 1' $byte
    start_card
    expect_refused guest "$guest_psk"
    expect_log card 'its sealed key (psk) is damaged'
    expect_talk as_root 'first
ERROR
third' 'I00' 'I01' 'I02'
    expect_log card 'record 01: its sealed content is damaged'
    stop card
    rm "$work/card.log"
    flip account psk "name = 'guest'" $byte
    flip record content 'slot = 1' $byte
    start_card
    expect_talk as_guest 'second' 'I01'
    stop card
    rm "$work/card.log"
done

# A value moved whole to another row is damaged too.
query 'UPDATE record SET content = (SELECT content FROM record WHERE slot = 2) WHERE slot = 1'
query "UPDATE account SET psk = (SELECT psk FROM account WHERE name = 'root') WHERE name = 'guest'"
chmod 0600 "$database"*
start_card
expect_refused guest "$demo_psk"
expect_talk as_root 'ERROR
third' 'I01' 'I02'

# What root writes anew is good again.
expect_talk as_root 'OK
renewed' 'Z01renewed' 'I01'
make_guest
expect_talk as_guest renewed 'I01'
stop card
start_card
expect_talk as_guest renewed 'I01'
expect_talk as_root 'first
renewed
third' 'I00' 'I01' 'I02'

the_end
