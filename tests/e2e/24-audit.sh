#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The audit: what is in it, that its chain can be checked without us, that nobody can change it
# unseen, and what becomes of it when there is too much.
. "$(dirname "$0")/lib.sh"

check_audit=$here/../../scripts/check_audit

# audit_rows [FROM]: all of them from there, as `!audit` tells them, in $work/rows.
audit_rows() {
    local next=${1:-1} last
    : >"$work/rows.out"
    while :; do
        in_words "!audit $next"
        last=$(sed -n 's/^seq=\([0-9]*\) .*/\1/p' "$work/words" | tail -n 1)
        [ -n "$last" ] || break
        grep '^seq=' "$work/words" >>"$work/rows.out"
        next=$((last + 1))
    done
}

# expect_row TEXT: exactly one row says this between its time and its hash.
expect_row() {
    expect_equal "$(grep -cE -- "^seq=[0-9]+ time=20[0-9TZ:-]+ $1 hash=[0-9A-F]{64}$" "$work/rows.out")" 1 \
        "rows that say $1"
}

chain_holds() {
    "$check_audit" "$@" <"$work/rows.out" >"$work/check.out" 2>&1 || fail "$(cat "$work/check.out")"
}

make_demo_cards
start_card
start_front

# --- what is written -------------------------------------------------------------------------------

root_does '!guest add g rights=write records=10 psk=auto posts=1'
g_psk=$(said psk)
root_does '!guest add reader rights=audit psk=auto' '!guest set g rights=read,write' '!guest disable g' \
    '!guest enable g' '!guest rotate reader overlap=1h' '!guest unlock g' '!record set 10 max=100' \
    '!guest add gone' '!guest delete gone' '!backup b1'
reader_psk=$(sed -n 's/^psk=//p' "$work/words" | tail -n 1)
as_root '?06guest' "?A0$guest_psk" '?A501' '?A8040C' '?A1' "?AA$demo_psk$guest_psk" '?05boss' >/dev/null
talk boss "$guest_psk" "?AA$guest_psk$demo_psk" '?05root' >/dev/null
talk g "$g_psk" 'Z11x' 'Z10x' 'Z10over' '!guest list' '!record show 11' '!audit 1' '!backup b2' '?06guest' \
    "?A0$demo_psk" >/dev/null
expect_refused g "$guest_psk"
expect_refused 'no such "one"' "$guest_psk"
root_does '!whoami'
audit_rows

expect_row 'actor=root action="guest add" target=g result=ok detail="rights=write records=10 psk=\.\.\. posts=1"'
expect_row 'actor=root action="guest add" target=reader result=ok detail="rights=audit psk=\.\.\."'
expect_row 'actor=root action="guest set" target=g result=ok detail="rights=read,write"'
expect_row 'actor=root action="guest disable" target=g result=ok detail=""'
expect_row 'actor=root action="guest enable" target=g result=ok detail=""'
expect_row 'actor=root action="guest rotate" target=reader result=ok detail="overlap=1h"'
expect_row 'actor=root action="guest unlock" target=g result=ok detail=""'
expect_row 'actor=root action="record set" target="record 10" result=ok detail="ttl=0 keep=0 max=100"'
expect_row 'actor=root action="guest delete" target=gone result=ok detail=""'
expect_row 'actor=root action=backup target=b1 result=ok detail=""'
expect_row 'actor=root action=\?06 target=guest result=ok detail=""'
expect_row 'actor=root action=\?A0 target=guest result=ok detail=""'
expect_row 'actor=root action=\?A5 target=guest result=ok detail="flags=01"'
expect_row 'actor=root action=\?A8 target=guest result=ok detail="[^"]*"'
expect_row 'actor=root action=\?A1 target=guest result=ok detail=""' # an export
expect_row 'actor=root action=\?05 target="" result=ok detail=boss'
expect_equal "$(grep -c ' action=?AA target="" result=ok ' "$work/rows.out")" 2 'changes of the key of root'
expect_row 'actor=g action=Z target="" result=denied detail="right=write record=11"'
expect_row 'actor=g action=Z target="" result=limit detail="limit=posts"'
expect_row 'actor=g action="guest list" target="" result=denied detail="right=root"'
expect_row 'actor=g action="record show" target="record 11" result=denied detail="right=read record=11"'
expect_row 'actor=g action=audit target="" result=denied detail="right=audit"'
expect_row 'actor=g action=backup target="" result=denied detail="right=root"'
expect_row 'actor=g action=\?06 target="" result=denied detail="right=root"'
expect_row 'actor=g action=\?A0 target="" result=ok detail=""'
expect_row 'actor="identity g" action=login target="" result=failed detail="from 127\.0\.0\.1"'
expect_row 'actor="identity no such \\\\x22one\\\\x22" action=login target="" result=failed detail="from 127\.0\.0\.1"'
for secret in "$g_psk" "$reader_psk" "$guest_psk" "$demo_psk"; do
    expect_has_not "$work/rows.out" "$secret"
done

# What a guest may do is not written, nor what only reads.
expect_has_not "$work/rows.out" 'action=whoami'
expect_equal "$(grep -c 'actor=g action=Z .*result=ok' "$work/rows.out")" 0 'posts in the audit'

# --- who reads it ----------------------------------------------------------------------------------

talk reader "$reader_psk" '!audit 1 3' 'Z00x' '!guest list' | tr -d '\r' >"$work/words"
expect_equal "$(grep -c '^seq=[123] ' "$work/words")" 3 'rows for one who has the right'
expect_equal "$(grep -c '^ERR denied right=root$' "$work/words")" 1 'no other right'
in_words '!audit' '!audit x' '!audit -1' '!audit 1 51' '!audit 1 2 3' '!audit 99999999999999999999'
expect_equal "$(grep -c '^ERR format ' "$work/words")" 6 "faults: $(cat "$work/words")"
in_words '!audit 999999' '!audit 2 1'
expect_equal "$(sed 's/ .*//' "$work/words" | tr '\n' ,)" OK,seq=2,OK, 'no rows, and one'

# --- the chain -------------------------------------------------------------------------------------

audit_rows
chain_holds
expect_has "$work/check.out" "rows 1 to $(wc -l <"$work/rows.out"): the chain holds"
last=$(sed -n 's/.* ends //p' "$work/check.out")

# The same from the database, with nothing but SQL and sha256sum.
copy_database
sqlite3 "$copy" "SELECT printf('%016x%016x', seq, time)
    || printf('%08x', length(CAST(actor AS BLOB))) || hex(actor)
    || printf('%08x', length(CAST(action AS BLOB))) || hex(action)
    || printf('%08x', length(CAST(target AS BLOB))) || hex(target)
    || printf('%08x', length(CAST(result AS BLOB))) || hex(result)
    || printf('%08x', length(CAST(detail AS BLOB))) || hex(detail) || ' ' || hex(hash)
    FROM audit ORDER BY seq" >"$work/hex"
before=$(printf '%064d' 0)
while read -r bytes hash; do
    got=$(printf %b "$(printf %s "$before$bytes" | sed 's/../\\x&/g')" | sha256sum)
    got=${got%% *}
    expect_equal "${got^^}" "$hash" 'a hash in the database'
    before=$hash
done <"$work/hex"
grep -q " $last\$" "$work/hex" || fail 'the database does not hold the last row that was told'

# A later check begins where the earlier one ended.
head -n 5 "$work/rows.out" | "$check_audit" >"$work/check.out"
middle=$(sed -n 's/.* ends //p' "$work/check.out")
sed -i 1,5d "$work/rows.out"
chain_holds --after "$middle"
expect_has "$work/check.out" "ends $last"
expect_status 1 "$check_audit" --after "$last" <"$work/rows.out"

# Changed, taken out, put in another order, cut off in front: each is seen, and where.
expect_broken() { # SQL TEXT
    stop card
    cp "$work/cards/key1.com/card.sqlite3" "$work/kept"
    sqlite3 "$work/cards/key1.com/card.sqlite3" "$1"
    start_card
    audit_rows
    ! "$check_audit" <"$work/rows.out" >"$work/check.out" 2>&1 || fail "not seen: $1"
    expect_has "$work/check.out" "$2"
    stop card
    cp "$work/kept" "$work/cards/key1.com/card.sqlite3"
    rm -f "$work/cards/key1.com/epoch" # or it would be an older copy
    start_card
    root_does '!restore accept'
}
expect_broken "UPDATE audit SET target = 'h' WHERE seq = 4" 'row 4 is not what was written'
expect_broken "UPDATE audit SET time = time + 1 WHERE seq = 9" 'row 9 is not what was written'
expect_broken "UPDATE audit SET actor = '', action = actor || action WHERE seq = 5" 'row 5 is not'
expect_broken 'DELETE FROM audit WHERE seq = 6' 'row 6 is missing'
expect_broken 'DELETE FROM audit WHERE seq < 3' 'row 3 is the first one'
expect_broken "UPDATE audit SET detail = (SELECT detail FROM audit WHERE seq = 2) WHERE seq = 3;" 'row 3 is not'
audit_rows
chain_holds

# --- too much --------------------------------------------------------------------------------------

# A flood of refusals: some rows, and how many there were besides, exactly.
refusals=500
from_row=$(($(wc -l <"$work/rows.out") + 1))
lines=()
for ((i = 0; i < refusals; i++)); do
    lines+=('!guest list')
done
expect_equal "$(talk g "$demo_psk" "${lines[@]}" | grep -c '^ERR denied right=root')" $refusals refusals
accounted_for() { # TEXT: rows of this flood, and those not written one by one
    audit_rows "$from_row"
    one_by_one=$(grep -c -- "$1" "$work/rows.out") || true
    summed=$(sed -n 's/.* actor=card action=refusals .* detail="\([0-9]*\) more .*/\1/p' "$work/rows.out" |
        awk '{ n += $1 } END { print n + 0 }')
    [ $((one_by_one + summed)) -eq "$2" ]
}
until_true 'all refusals to be accounted for' accounted_for ' actor=g action="guest list" ' $refusals
echo "$refusals refusals: $one_by_one rows, $summed summed up"
[ "$one_by_one" -le $((refusals / 2)) ] || fail "$one_by_one rows of $refusals refusals"

# The same for failed logins.
audit_rows
from_row=$(($(wc -l <"$work/rows.out") + 1))
for ((i = 0; i < 60; i++)); do
    probe_beside "stranger$i" --identity nobody play hello 'alert:decrypt error'
done
for ((i = 0; i < 60; i++)); do
    join "stranger$i"
done
until_true 'all failed logins to be accounted for' accounted_for ' action=login ' 60
echo "60 failed logins: $one_by_one rows, $summed summed up"
audit_rows
chain_holds

# Retention: the oldest go, a row says which and what their chain ended with, and the rest holds.
rows=$(wc -l <"$work/rows.out")
stop card
start_card --audit-keep 100
lines=()
for ((i = 0; i < 60; i++)); do
    lines+=('!guest disable g' '!guest enable g')
done
for round in 1 2 3; do
    root_does "${lines[@]}"
    rows=$((rows + 120))
    audit_rows
    [ "$(wc -l <"$work/rows.out")" -le 111 ] || fail "$(wc -l <"$work/rows.out") rows are left"
    [ "$(wc -l <"$work/rows.out")" -ge 100 ] || fail "only $(wc -l <"$work/rows.out") rows are left"
    grep -q 'actor=card action="audit retention" target="" result=ok detail="rows [0-9]* to [0-9]* removed; their chain ends [0-9A-F]*"' \
        "$work/rows.out" || fail 'no row about those that went'
    chain_holds
    cat "$work/check.out"
done
[ "$(tail -n 1 "$work/rows.out" | sed 's/^seq=\([0-9]*\) .*/\1/')" -ge "$rows" ] || fail 'numbers are used again'
# Without that row nobody could say that the beginning is the beginning.
grep -v 'audit retention' "$work/rows.out" >"$work/less.out" || true
expect_status 1 "$check_audit" <"$work/less.out"

the_end
