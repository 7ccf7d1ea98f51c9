#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What lies on the disk: no record and no key in clear, in no form, while the card runs and after.
. "$(dirname "$0")/lib.sh"

content='The treasure lies below the old oak'
old_content='This was here before it'
other_psk=C7B1A29D0E5F48637A8C9DAEBFC0D1E2F30415263748596A7B8C9DAEBFC0D1E2

make_demo_cards
start_card
start_front
make_guest
as_root "Z00$old_content" "Z00$content" "ZFF$content" "?06second" "?A0$other_psk" "?06guest" \
    "?A0$other_psk" >/dev/null
expect_talk as_root "$content" 'I00'

nothing_in_clear() { # WHEN
    local secret
    for secret in "$content" "$old_content" "treasure" "here before"; do
        expect_no_bytes "$work/cards" "$(hex_of "$secret")" "a record's content, $1"
    done
    for secret in "$demo_psk" "$guest_psk" "$other_psk"; do
        expect_no_bytes "$work/cards" "$secret" "the bytes of a key, $1"
        expect_no_bytes "$work/cards" "$(hex_of "$secret")" "the digits of a key, $1"
        expect_no_bytes "$work/cards" "$(hex_of "${secret,,}")" "the small digits of a key, $1"
    done
    # As the issue says it.
    find "$work/cards" -type f -exec strings -a {} + >"$work/strings"
    expect_has_not "$work/strings" treasure
}

# The search finds what there is to find.
printf %s "$content" >"$work/in-clear"
grep -qF "$(hex_of treasure)" < <(od -An -v -tx1 "$work/in-clear" | tr -d ' \n') ||
    fail "the search finds nothing"
[ -s "$work/cards/key1.com/card.sqlite3-wal" ] || fail "no write-ahead log to look into"

nothing_in_clear 'while the card runs'
stop card KILL
nothing_in_clear 'after it was killed'
start_card
as_root 'Z00another' >/dev/null
stop card
nothing_in_clear 'after it has stopped'

# Neither do the logs hold any of it.
for name in card front init; do
    for secret in treasure "here before" another "${guest_psk:2}" "${other_psk,,}" "$other_psk" \
        "${demo_psk:4}"; do
        expect_has_not "$work/$name.log" "$secret"
    done
done

the_end
