#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk is full: writes answer ERROR, reads go on, nothing acknowledged is lost; with room again
# writes return, and the log has an entry for each. The disk is a small tmpfs in a mount namespace of our own.
if [ -z "${RDV_OWN_MOUNTS-}" ]; then
    export RDV_OWN_MOUNTS=1
    if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
        exec unshare -m "${BASH:-bash}" "$0"
    elif unshare -rm true 2>/dev/null; then
        exec unshare -rm "${BASH:-bash}" "$0"
    fi
    echo "skipped: no mount namespace is to be had here"
    exit 77
fi
. "$(dirname "$0")/../e2e/lib.sh"

mkdir "$work/cards"
mount -t tmpfs -o size=6m,mode=700 rdv-test "$work/cards" || {
    echo "skipped: nothing can be mounted here"
    exit 77
}
take_down() {
    umount "$work/cards"
}

fill() { # takes what room there is, to the last byte
    cat /dev/zero >"$work/cards/ballast" 2>/dev/null || true
}

make_demo_cards
start_card
start_front
make_guest
root=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
key=$(rdv exec -k "$root" "$at" '?0A')

# Every chain is whole, and what was acknowledged has its entry.
check_log() {
    rdv log -k "$root" "$at" --lines >"$work/lines" || fail 'rdv log'
    rdv verify --card-key "$key" --archive --from-start --json --content <"$work/lines" >"$work/judged" \
        2>"$work/verify.log" || fail "the log: $(grep -v '"verdict":"VALID"' "$work/judged" | head -n 3)"
    sed -nE 's/.*"topic":"rdv\/key1.com\/record\/(..)".*"text":"([0-9]+) *".*/\1 \2/p' "$work/judged" |
        sort >"$work/held"
    [ "$(wc -l <"$work/held")" -gt 100 ] || fail 'few entries'
    sort "$work/state.acked" | comm -23 - "$work/held" >"$work/lost"
    [ ! -s "$work/lost" ] || fail "acknowledged, and not in the log: $(head -n 3 "$work/lost")"
}
expect_talk as_root 'OK
OK' 'ZE0kept' 'ZE1kept too'

# 32 sessions write until nothing fits any more. Some of a group that fails may still fit alone:
# each answer is true for its own line.
probe_beside writers write 32 "$work/state" "$work/begun" "$work/enough"
until_true 'all sessions to be acknowledged' test -e "$work/begun"
fill
expect_log card 'SQLite 13' # SQLITE_FULL
touch "$work/enough"
join writers
cat "$work/writers.out"
expect_has_not "$work/writers.out" ', 0 refused'
fill

# Full: reads of all kinds go on, in one session with writes that fail.
expect_talk as_root 'kept
ERROR
kept
ERROR
kept too
RDV keystore 0.1' 'IE0' 'ZE0lost' 'IE0' 'ZF0new' 'IE1' '?00'
expect_talk as_root 'ERROR
ERROR' '?06another' "?A0$guest_psk"
expect_talk as_guest 'kept' 'IE0'
expect_talk as_root 'kept
' 'IE0' 'IF0'
probe check "$work/state"
check_log

# Killed and started while it is full: what was acknowledged is there.
stop card KILL
start_card
probe check "$work/state"
check_log
expect_talk as_root 'kept
kept too
ERROR' 'IE0' 'IE1' 'ZE0lost'

# Room again: writes return, without a restart.
rm "$work/cards/ballast"
expect_talk as_root 'OK
new
kept
guest' 'ZF0new' 'IF0' 'IE0' '?06guest'
rm "$work/begun" "$work/enough"
probe_beside writers write 32 "$work/state" "$work/begun" "$work/enough"
until_true 'all sessions to be acknowledged' test -e "$work/begun"
touch "$work/enough"
join writers
expect_has "$work/writers.out" ', 0 refused'
probe check "$work/state"

stop card KILL
start_card
probe check "$work/state"
check_log
expect_talk as_root 'kept
new' 'IE0' 'IF0'

the_end
