#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A session ends when what it rests on does: soon, and nobody else's.
. "$(dirname "$0")/lib.sh"

# The card looks every 100 ms. A second is what is promised; two more are for a machine that is busy
# with other things.
within=3000

make_demo_cards
start_card
start_front

# enters NAME IDENTITY PSK: a session beside the story that waits for its end; $work/NAME.gone then.
enters() {
    rm -f "$work/$1.in" "$work/$1.gone"
    probe_beside "$1" --identity "$2" --psk "$3" play open 'send:?01here\n' 'answer:here\r\n' \
        "mark:$work/$1.in" closed "mark:$work/$1.gone"
    until_true "$1 to be there" test -e "$work/$1.in"
}

# expect_gone NAME SINCE WHAT: it has ended, this soon after the moment (seconds) at which root has had
# its answer, or before.
expect_gone() {
    join "$1"
    ms=$(echo "$(stat -c %.Y "$work/$1.gone") $2" | awk '{ printf "%d", ($1 - $2) * 1000 }')
    echo "$3: ended after $ms ms"
    [ "$ms" -le "$within" ] || fail "$3: $1 ended after $ms ms"
}

bystander_stays() {
    touch "$work/enough"
    join bystander
}

root_does '!guest add by rights=echo psk=auto'
probe_beside bystander --identity by --psk "$(said psk)" play open 'send:?01a\n' 'answer:a\r\n' \
    "mark:$work/by.in" "await:$work/enough" 'send:?01b\n' 'answer:b\r\n'
until_true 'the bystander to be there' test -e "$work/by.in"

root_does '!guest add s rights=read,write,echo records=00-0F psk=auto'
psk=$(said psk)

# Three sessions of one account end together.
for who in one two three; do
    enters $who s "$psk"
done
root_does '!guest disable s'
now=$EPOCHREALTIME
for who in one two three; do
    expect_gone $who "$now" 'disabled'
done
expect_refused s "$psk"

root_does '!guest enable s'
enters one s "$psk"
root_does '!guest set s psk=auto'
now=$EPOCHREALTIME
expect_gone one "$now" 'given another key'
expect_refused s "$psk"
psk=$(said psk)

enters one s "$psk"
as_root '?06s' "?A0$guest_psk" >/dev/null
now=$EPOCHREALTIME
expect_gone one "$now" 'given another key in the language of TLS-SE'
psk=$guest_psk

# A guest that changes its own key stays, and its other sessions end.
enters one s "$psk"
expect_equal "$(talk s "$psk" "?A0$demo_psk" '?01still' | tr -d '\r' | tail -n 1)" still 'the guest itself'
now=$EPOCHREALTIME
expect_gone one "$now" 'given another key by itself'
psk=$demo_psk

# Its time: not before it is over, and then soon.
root_does '!guest set s expires=2s'
expires=$(date -d "$(said expires)" +%s)
enters one s "$psk"
expect_gone one "$expires" 'expired'
# A file's time lags behind by a tick of the kernel.
[ "$ms" -ge -20 ] || fail "it ended $ms ms before its time"
expect_refused s "$psk"
root_does '!guest set s expires=never'
enters one s "$psk"
root_does '!guest set s not-before=1h'
now=$EPOCHREALTIME
expect_gone one "$now" 'not yet its time'
root_does '!guest set s not-before=now'

# One session, by its number.
enters one s "$psk"
enters two s "$psk"
root_does '!session list'
grep -qE '^session=[0-9]+ account=s address=127\.0\.0\.1:[0-9]+ since=20[0-9TZ:-]+ commands=1$' \
    "$work/words" || fail "no such session: $(cat "$work/words")"
expect_equal "$(grep -c ' account=s ' "$work/words")" 2 'sessions of s'
expect_equal "$(grep -c ' account=by ' "$work/words")" 1 'sessions of the bystander'
expect_equal "$(grep -c ' account=root ' "$work/words")" 1 'sessions of root'
# The newest comes first.
id=$(sed -n 's/^session=\([0-9]*\) account=s .*/\1/p' "$work/words" | head -n 1)
root_does "!session end $id"
now=$EPOCHREALTIME
expect_gone two "$now" 'ended by root'
root_does '!session list'
expect_equal "$(grep -c ' account=s ' "$work/words")" 1 'sessions of s that are left'
in_words "!session end $id" '!session end 99999' '!session end x' '!session end -1' '!session end'
expect_equal "$(cut -d ' ' -f 1,2 "$work/words" | tr '\n' ,)" \
    'ERR absent,ERR absent,ERR format,ERR format,ERR format,' 'sessions that are not there'
expect_equal "$(talk s "$psk" '!session list' '!session end 1' | grep -c '^ERR denied right=root')" 2 \
    'what a guest may say of sessions'

# Less right takes effect on the next command of a session that is there.
root_does '!guest set s rights=echo'
probe_beside writer --identity s --psk "$psk" play open 'send:Z00x\n' 'answer:ERROR\r\n' \
    "mark:$work/asked" "await:$work/granted" 'send:Z00x\n' 'answer:OK\r\n'
until_true 'the refusal' test -e "$work/asked"
root_does '!guest set s rights=echo,write'
touch "$work/granted"
join writer

# Gone for good: its sessions, its secrets; not its name.
root_does '!guest rotate s'
copy_database
id=$(of_database "SELECT id FROM account WHERE name = 's'")
sealed=$(of_database "SELECT hex(psk) FROM account WHERE name = 's'")
sealed_next=$(of_database "SELECT hex(next_psk) FROM account WHERE name = 's'")
rm "$copy"
[ ${#sealed} -gt 64 ] && [ ${#sealed_next} -gt 64 ] || fail 'no sealed keys'
root_does '!guest delete s'
now=$EPOCHREALTIME
expect_gone one "$now" 'deleted'
expect_refused s "$psk"
copy_database
for column in account.id identity.account known_address.account; do
    expect_equal "$(of_database "SELECT count(*) FROM ${column%.*} WHERE ${column#*.} = $id")" 0 \
        "rows left in ${column%.*}"
done
root_does '!record show 00' '!audit 0'
expect_has "$work/words" 'record=00 bytes=1 author=s '
expect_has "$work/words" ' actor=root action="guest delete" target=s result=ok '

# Another of the same name is another.
root_does '!guest add s rights=read'
expect_refused s "$psk"
root_does '!guest show s'
expect_equal "$(said psk)" none 'the key of the next s'
copy_database
[ "$(of_database "SELECT id FROM account WHERE name = 's'")" -gt "$id" ] || fail 'a number used again'
bystander_stays

# Once the write-ahead log is folded in, not even the sealed keys are there.
stop front
stop card
expect_no_bytes "$work/cards" "$sealed" 'the sealed key of a deleted account'
expect_no_bytes "$work/cards" "$sealed_next" 'its next sealed key'

the_end
