#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk is full, and what happens then would belong in the audit: the effect is refused rather than
# its row lost, reading goes on (the audit's too), and what waited is written when there is room.
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

check_audit=$here/../../scripts/check_audit

make_demo_cards
start_card --free-failures 1000
start_front
root_does '!guest add g rights=read records=00-0F psk=auto'
g_psk=$(said psk)
expect_talk as_root 'OK' 'Z00kept'
expect_welcome g "$g_psk"

# A full disk, to the last byte. What is still on its way (the counter is stepped some time after a
# write) may find room before.
rows() {
    in_words '!audit 1'
    grep '^seq=' "$work/words" >"$work/rows.out"
}
cat /dev/zero >"$work/cards/ballast" 2>/dev/null || true
full() {
    cat /dev/zero >>"$work/cards/ballast" 2>/dev/null || true
    expect_equal "$(as_root 'Z00kept' | tr -d '\r')" ERROR 'a write'
}
until_true 'a disk that takes nothing' full
rows
cp "$work/rows.out" "$work/before"

probe_beside g --identity g --psk "$g_psk" play open 'send:I00\n' 'answer:kept\r\n' \
    "mark:$work/in" "await:$work/tried" 'send:I00\n' 'answer:kept\r\n'
until_true 'the guest to be there' test -e "$work/in"

# No effect without its row, and each says why.
in_words '!guest disable g' '!guest add h' '!guest set g rights=write' '!guest rotate g' '!guest delete g' \
    '!record set 00 max=10' '!record clear 00'
expect_equal "$(sort "$work/words" | uniq -c | tr -s ' ')" \
    ' 7 ERR full it could not be written to the disk' 'what root changes on a full disk'
expect_equal "$(as_root '?06guest' '?A1' '?06h' "?A0$guest_psk" | tr -d '\r' | sort | uniq -c | tr -s ' ')" \
    ' 4 ERROR' 'an export, and what else would leave a row'
talk g "$g_psk" '!guest list' '!guest delete g' | grep -vE '^ERR (denied|full) ' >"$work/other.out" || true
[ ! -s "$work/other.out" ] || fail 'a guest was answered something else'
touch "$work/tried"
join g

# Logins that fail are kept for later, and stand in nobody's way.
for ((i = 0; i < 5; i++)); do
    expect_refused stranger "$guest_psk"
done
for ((i = 0; i < 3; i++)); do
    expect_talk as_root 'kept
RDV keystore 0.1' 'I00' '?00'
    expect_equal "$(talk g "$g_psk" 'I00' | tr -d '\r')" kept 'what a guest reads'
    root_does '!audit 1' '!guest show g' '!guest list' '!record show 00' '!session list' '!info' '!help'
done
rows
expect_equal "$(cat "$work/rows.out")" "$(cat "$work/before")" 'the audit on a full disk'

# Room again: what waited is written, and everything works.
rm "$work/cards/ballast"
waited() {
    rows
    [ "$(grep -c ' actor="identity stranger" action=login target="" result=failed ' "$work/rows.out")" -eq 5 ]
}
until_true 'the failed logins in the audit' waited
expect_equal "$(head -n "$(wc -l <"$work/before")" "$work/rows.out")" "$(cat "$work/before")" 'the rows from before'
root_does '!guest show g'
expect_equal "$(said rights) $(said enabled)" 'read yes' 'what root had tried to change'
root_does '!guest disable g' '!guest delete g'
rows
"$check_audit" <"$work/rows.out" || fail 'the chain is broken'
expect_equal "$(grep -c 'action="guest delete" target=g result=ok' "$work/rows.out")" 1 'rows of what was done once'

the_end
