#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When the card refuses to start it says why, and has changed nothing.
. "$(dirname "$0")/lib.sh"

make_demo_cards
card=$work/cards/key1.com

# refuses STATUS TEXT [OPTION...]: and every file is as before, to the byte.
refuses() {
    local status=$1 text=$2 before
    shift 2
    before=$(fingerprint "$work/cards")
    expect_status "$status" env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run \
        --dir "$work/cards" --listen "unix:$work/card.sock" --ready-file "$work/card.ready" "$@"
    expect_has "$work/command.out" "$text"
    [ ! -e "$work/card.ready" ] || fail "refused to start, and yet was ready"
    [ ! -e "$work/card.sock" ] || fail "refused to start, and yet listens"
    expect_equal "$(fingerprint "$work/cards")" "$before" "the files after: $text"
}

all_refusals() {
    local mode file
    # Files that others can read or write.
    for mode in 0644 0640 0604 0620; do
        for file in "$card/card.sqlite3" "$work/cards/kek" "$card/card.sqlite3-wal"; do
            [ -e "$file" ] || continue
            chmod $mode "$file"
            refuses 77 "$file: others can read or write it"
            chmod 0600 "$file"
        done
    done

    # Another key-encryption key: named by option, or in the place of the right one.
    printf '%s\n' "$guest_psk" >"$work/other.kek"
    refuses 77 'is not its key-encryption key' --kek "file:$work/other.kek"
    mv "$work/cards/kek" "$work/kek.kept"
    cp "$work/other.kek" "$work/cards/kek"
    refuses 77 'is not its key-encryption key'
    rm "$work/cards/kek"
    refuses 66 "$work/cards/kek"
    echo 0102 >"$work/cards/kek"
    refuses 65 'not a key file'
    mv "$work/kek.kept" "$work/cards/kek"
    refuses 65 'must be file:PATH' --kek "$work/cards/kek"
}

# After a good end, and with the write-ahead log that a killed card leaves.
all_refusals
start_card
start_front
as_root 'Z00kept' >/dev/null
stop card KILL
rm "$work/card.ready" "$work/card.sock"
[ -s "$card/card.sqlite3-wal" ] || fail "no write-ahead log was left"
all_refusals
start_card
expect_talk as_root kept 'I00'
stop card
rm -f "$work/card.ready" "$work/card.sock"

# A database of a newer program.
ours=$(sqlite3 "$card/card.sqlite3" 'PRAGMA user_version')
sqlite3 "$card/card.sqlite3" 'PRAGMA user_version = 99' >"$work/sqlite.log"
refuses 76 "database version 99; this program knows up to $ours"
sqlite3 "$card/card.sqlite3" "PRAGMA user_version = $((ours + 1))" >"$work/sqlite.log"
refuses 76 "database version $((ours + 1)); this program knows up to $ours"
sqlite3 "$card/card.sqlite3" "PRAGMA user_version = $ours" >"$work/sqlite.log"
chmod 0600 "$card"/*

# Another card's database, none at all, and what is none.
make_demo_cards key2.com
cp -a "$card/card.sqlite3" "$work/card.kept"
cp "$work/cards/key2.com/card.sqlite3" "$card/card.sqlite3"
refuses 65 'in the directory of another element'
head -c 8192 /dev/zero >"$card/card.sqlite3"
refuses 65 "$card/card.sqlite3"
head -c 8192 /dev/urandom >"$card/card.sqlite3"
refuses 65 "$card/card.sqlite3"
cp -a "$work/card.kept" "$card/card.sqlite3"
mkdir "$work/empty"
expect_status 66 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run --dir "$work/empty" \
    --listen "unix:$work/card.sock"
expect_has "$work/command.out" 'make one with se-card init'

start_card
expect_talk as_root kept 'I00'
the_end
