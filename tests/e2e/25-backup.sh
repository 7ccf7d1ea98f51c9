#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A copy is made while all goes on, and is whole. An older one that is put back is noticed: it is
# read and nothing else, until root accepts it.
. "$(dirname "$0")/lib.sh"

check_audit=$here/../../scripts/check_audit
dir=$work/cards/key1.com

make_demo_cards key1.com key2.com
start_card
start_front
root_does '!guest add g rights=read,write records=00-0F psk=auto'
g_psk=$(said psk)
root_does '!guest add auditor rights=audit psk=auto'
expect_talk as_root 'OK
OK' 'Z00a sentence in the clear' 'Z01first'

# --- making one ------------------------------------------------------------------------------------

# Names that lead elsewhere, or to a file that is there for something.
touch "$dir/taken"
in_words '!backup' '!backup a b' '!backup ""' '!backup ../x' '!backup a/b' '!backup /tmp/x' '!backup .' '!backup ..' \
    '!backup .hidden' '!backup -x' '!backup "a b"' '!backup card.sqlite3' '!backup card.sqlite3-wal' \
    "!backup $(printf '%065d' 0)" '!backup name=x'
expect_equal "$(cut -d ' ' -f 1,2 "$work/words" | sort | uniq -c | tr -s ' ')" ' 15 ERR format' 'names'
in_words '!backup taken' '!backup epoch'
expect_equal "$(cut -d ' ' -f 1,2 "$work/words" | sort | uniq -c | tr -s ' ')" ' 2 ERR exists' 'names of files that are there'
[ ! -s "$dir/taken" ] || fail 'a file that was there was written to'
expect_equal "$(talk g "$g_psk" '!backup mine' | tr -d '\r')" 'ERR denied right=root' 'a backup by a guest'
[ ! -e "$dir/mine" ] || fail 'a guest has made a backup'

# While 16 sessions write.
probe_beside writers write 16 "$work/state" "$work/begun" "$work/enough"
until_true 'all sessions to be acknowledged' test -e "$work/begun"
for i in 1 2 3; do
    root_does "!backup hot$i"
    expect_equal "$(said file)" "hot$i" 'the name of the copy'
done
touch "$work/enough"
join writers
for i in 1 2 3; do
    expect_equal "$(stat -c %a "$dir/hot$i")" 600 'the mode of a copy'
    expect_equal "$(sqlite3 "$dir/hot$i" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'a copy'
done
expect_equal "$(find "$dir" -name 'hot*' | wc -l)" 3 'files of the copies' # nothing beside them
expect_no_bytes "$dir" "$(hex_of 'a sentence in the clear')" 'what a record says'
expect_no_bytes "$dir" "$g_psk" 'the key of a guest'

# --- putting one back ------------------------------------------------------------------------------

# A card that is killed has not been put back, whatever it had on its way.
for i in 1 2 3 4 5; do
    expect_talk as_root 'OK' "Z02killed $i"
    stop card KILL
    start_card
    root_does '!info'
    expect_has_not "$work/words" read-only
done

expect_talk as_root 'OK' 'Z01before'
root_does '!backup before'
# After the copy: a record changes, an account goes, another comes, a key is changed.
expect_talk as_root 'OK' 'Z01after'
root_does '!guest delete g' '!guest add h rights=read records=all psk=auto'
h_psk=$(said psk)

put_back() { # FILE
    stop card
    cp "$dir/$1" "$dir/card.sqlite3"
    rm -f "$dir/card.sqlite3-wal"
    start_card
}

expect_read_only() {
    root_does '!info'
    expect_has "$work/words" 'read-only="its database is an older copy, put back: root says !restore accept"'
    expect_talk as_root 'before
ERROR
ERROR
ERROR
before' 'I01' 'Z01x' '?06x' "?A0$guest_psk" 'I01'
    in_words '!guest add x' '!guest disable g' '!guest rotate g' '!record clear 01' '!record set 01 max=9' '!backup x'
    expect_equal "$(sort "$work/words" | uniq -c | tr -s ' ')" \
        ' 6 ERR readonly its database is an older copy, put back: root says !restore accept' 'refusals'
    [ ! -e "$dir/x" ] || fail 'a backup of what may be wrong'
    root_does '!guest list' '!guest show g' '!audit 1' '!record list' '!session list' '!help'
}

put_back before
expect_log card 'key1.com: READ-ONLY: its database is an older copy, put back'
expect_read_only
# A guest that was there then is there again: it reads, and nothing more.
expect_equal "$(talk g "$g_psk" 'I01' 'Z01x' 'I01' '!restore accept' | tr -d '\r' | tr '\n' ,)" \
    'before,ERROR,before,ERR denied right=root,' 'a guest of a copy'
expect_refused h "$h_psk"
# The other card is as it was.
sen=key2.com
expect_talk as_root 'OK
x' 'Z00x' 'I00'
in_words '!restore accept'
expect_has "$work/words" 'ERR state the card is not read-only: there is nothing to accept'
sen=key1.com
# It is not forgotten.
stop card
start_card
expect_read_only
stop card KILL
start_card
expect_read_only
expect_refused h "$h_psk"

root_does '!restore accept'
expect_talk as_root 'OK
again' 'Z01again' 'I01'
expect_welcome g "$g_psk"
root_does '!info'
expect_has_not "$work/words" read-only
root_does '!audit 1'
"$check_audit" <"$work/words" || fail 'the chain is broken'
expect_equal "$(grep -cE ' actor=root action="restore accept" target="" result=ok detail="from [0-9]+\.[0-9]+, had come to [0-9]+\.[0-9]+"' \
    "$work/words")" 1 'rows of the acceptance'
# So is what came while nothing could be written.
expect_has "$work/words" 'actor="identity h" action=login target="" result=failed'
in_words '!restore accept'
expect_has "$work/words" 'ERR state'
stop card
start_card
expect_talk as_root 'again
OK' 'I01' 'Z01again'

# The same copy a second time is older still; and so is one from before the acceptance.
put_back before
expect_read_only
root_does '!restore accept'
put_back hot1
root_does '!info'
expect_has "$work/words" read-only=
root_does '!restore accept'

# What is put back as it was taken away is no older copy.
stop card
cp "$dir/card.sqlite3" "$work/same"
rm "$dir/card.sqlite3"
cp "$work/same" "$dir/card.sqlite3"
start_card
root_does '!info'
expect_has_not "$work/words" read-only

# Without what was noted, or with what is no note, nothing is taken for granted.
stop card
rm "$dir/epoch"
start_card
root_does '!info'
expect_has "$work/words" read-only=
stop card
start_card
root_does '!info' '!restore accept'
stop card
start_card
root_does '!info'
expect_has_not "$work/words" read-only
stop card
echo 'many' >"$dir/epoch"
expect_status 65 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run --dir "$work/cards" \
    --listen "unix:$work/card.sock"
expect_has "$work/command.out" 'epoch: not two numbers'
rm "$dir/epoch"
start_card
root_does '!restore accept'

the_end
