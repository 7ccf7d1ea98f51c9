#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the log keeps: a full one refuses, and lets go only what may go and every consumer has; an older
# copy that was put back is told to all who read the log.
. "$(dirname "$0")/lib.sh"

dir=$work/cards/key1.com
make_demo_cards
start_card --log-quota 65536
start_front
root=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
key=$(rdv exec -k "$root" "$at" '?0A')
text=$(printf 'x%.0s' {1..1000})

# --- full -------------------------------------------------------------------------------------------

root_does '!guest add bridge rights=publish psk=auto' '!consumer add b account=bridge' '!record set 10 keep=2' \
    '!record set 11 ttl=30d'
until as_root "Z10$text" "Z10$text" | grep -q ERROR; do :; done
in_words '!info'
entries=$(said entries)
[ "$entries" -gt 30 ] || fail "only $entries entries"
in_words "!post 10 $text" "!post 11 $text" '!log 1 1' '!get 10' '!receipt 1' '!head 10'
expect_equal "$(grep ^ERR "$work/words" | sort | uniq -c | tr -s ' ')" ' 2 ERR full limit=log max=65536' 'refusals'
expect_equal "$(as_root "Z10$text" "Z11$text" '?00' | tr -d '\r' | paste -sd,)" 'ERROR,ERROR,RDV keystore 0.1' 'lines'
expect_log card 'key1.com: the log is full: writes are refused'
printf %s "$text" | rdv put -k "$root" "$at" 10 --json >"$work/full.json" 2>"$work/rdv.log" && fail 'a full log took a post'
expect_has "$work/rdv.log" 'limit=log'

# The consumer has five: so many may go, and the next finds room.
root_does '!ack b 5'
expect_talk as_root 'OK' "Z10$text"
in_words '!log 1 1'
expect_has "$work/words" "seq=6 record=10 n=6 "
in_words '!receipt 1'
expect_has "$work/words" 'ERR absent no entry 1'

# Nobody waits for them any more: two of the record stay, whatever comes.
root_does '!consumer drop b'
for _ in {1..120}; do echo "Z10$text"; done >"$work/lines"
mapfile -t lines <"$work/lines"
expect_equal "$(as_root "${lines[@]}" | tr -d '\r' | uniq -c | tr -s ' ')" ' 120 OK' 'writes into a log that lets go'
in_words '!info'
last=$(said seq)
two() {
    in_words '!info'
    [ "$(said entries)" -eq 2 ]
}
until_true 'the log to hold two entries' two
rdv log -k "$root" "$at" --card-key "$key" >"$work/log.out" || fail 'the log'
expect_equal "$(sed -nE 's/^VALID .* seq=([0-9]+).*/\1/p' "$work/log.out" | paste -sd,)" "$((last - 1)),$last" 'what stays'

# A post is known by its key when its entry has gone, and the card was restarted.
root_does '!post 10 mine key=k'
cp "$work/words" "$work/posted"
root_does '!post 10 a' '!post 10 b'
until_true 'the log to hold two entries' two
stop card KILL
start_card --log-quota 65536
root_does '!post 10 mine key=k'
cmp "$work/words" "$work/posted" || fail 'a repeat was answered otherwise'
in_words "!receipt $((last + 1))" '!post 10 other key=k'
expect_equal "$(cat "$work/words")" "ERR absent no entry $((last + 1))
ERR exists once: it stands for another post" 'a receipt that has gone, and another post with the same key'

# --- an older copy ----------------------------------------------------------------------------------

feed() {
    rdv log -k "$root" "$at" --lines | rdv verify --card-key "$key" -s "$work/state" >"$work/judged" 2>"$work/verify.log"
}
root_does '!record set 10 keep=all' '!post 20 one' '!backup copy' '!post 20 two' '!post 20 three'
feed || fail 'the log, before'
stop card
cp "$dir/copy" "$dir/card.sqlite3"
rm -f "$dir/card.sqlite3-wal"
start_card
in_words '!head 20' '!post 20 x' '!log 1 1'
expect_equal "$(grep -c '^ERR readonly' "$work/words")" 2 'what an older copy does not say'
root_does '!restore accept' '!post 20 TWO'
feed && fail 'a fork passed'
expect_equal "$(sed -E 's/^([A-Z]+) +([^ ]+) +(n=[0-9]+).*/\1 \2 \3/' "$work/judged" | grep -v ^REPEATED)" \
    "VALID card n=1
FORKED record/20 n=2" 'what somebody sees who has seen what is gone'
expect_has "$work/judged" 'application/rdv-card+cbor'
expect_has "$work/judged" 'the card was put back to an older state, and goes on from here'
expect_equal "$(rdv log -k "$root" "$at" --card-key "$key" | grep -c ^VALID)" 5 'what somebody sees who has not'
the_end
