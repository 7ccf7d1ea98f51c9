#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All records of a directory, there and back; broken off and gone on with; a bar at a terminal.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
gpsk=$(key_file meter "$guest_psk")
rdv guest add -k "$psk" "$at" meter rights=read,write records=all posts=100000 "psk=@$gpsk" >/dev/null
posts_of_meter() {
    rdv guest show -k "$psk" "$at" meter | sed -n 's/^posts *//p'
}

# 256 records of all sizes up to the limit, some of them with an ending.
mkdir "$work/out" "$work/home"
for i in {0..255}; do
    name=$(printf %02X "$i")
    [ $((i % 3)) -ne 0 ] || name=$name.dat
    head -c $((1 + (i * 16) % 4096)) /dev/urandom >"$work/out/$name"
done
touch "$work/out/.hidden"

same() { # DIR: holds what was put, by number
    local file record
    for file in "$work"/out/[0-9A-F]*; do
        record=$(basename "$file" .dat)
        cmp "$file" "$1/$record" || fail "record $record came back changed"
    done
}

rdv put -k "$gpsk" "shellS://key1.com(meter)@$front/" "$work/out/" --type text/plain
expect_equal "$(posts_of_meter)" 256/100000 'posts of the meter'
rdv get -k "$psk" "$at" --all "$work/back"
same "$work/back"
[ ! -e "$work/back/.rdv-get" ] && [ ! -e "$work/out/.rdv-put" ] || fail 'a journal was left'
changed=$(rdv get -k "$psk" "$at" 10 --json | sed 's/.*"changed":\([0-9]*\).*/\1/')
expect_equal "$(stat -c %Y "$work/back/10")" "$changed" 'the time of the file'
expect_equal "$(rdv list -k "$psk" "$at" | grep -c text/plain)" 256 'records with their type'
rdv get -k "$psk" "$at" --all "$work/json" --json >"$work/get.json"
expect_equal "$(grep -c '^{"record":[0-9]*,"changed":[0-9]*}$' "$work/get.json")" 256 'lines of JSON'

# A network that loses answers: requests under way are repeated, and done once.
start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1
bad="shellS://key1.com(meter)@$(cat "$work/cutter.ready")/"
rdv put -v -k "$gpsk" "$bad" "$work/out" 2>"$work/rdv.log"
expect_has "$work/rdv.log" 'trying again'
expect_equal "$(posts_of_meter)" 512/100000 'posts of the meter'
stop cutter

# Where the network is gone it is broken off, and the same command goes on: what the card has done
# already is not done again. (Reading, the list is a session of its own.)
for file in "$work"/out/[0-9A-F]*; do printf x >>"$file"; done
rm "$work"/out/FF.dat # at the limit
lossy() { # SKIP RECORDS: $bad loses what comes behind so many records, and is gone
    rm -f "$work/cutter.ready"
    "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1 "$1" "$2" end &
    pid_of[lossy]=$!
    until_true 'the cutter' test -s "$work/cutter.ready"
    bad=$(cat "$work/cutter.ready")
}
lossy 0 1
expect_rdv 75 '' put --tries 1 -k "$gpsk" "shellS://key1.com(meter)@$bad/" "$work/out"
expect_has "$work/rdv.log" 'the same command goes on'
expect_has "$work/rdv.log" 'rdv put: outcome-unknown: '
join lossy
[ -s "$work/out/.rdv-put" ] || fail 'no journal was left'
expect_rdv 0 '' put -k "$gpsk" "shellS://key1.com(meter)@$front/" "$work/out"
grep -qE 'going on: [1-9][0-9]* of 255 records were done before' "$work/rdv.log" || fail 'it began anew'
expect_equal "$(posts_of_meter)" 767/100000 'posts of the meter'
[ ! -e "$work/out/.rdv-put" ] || fail 'the journal was left'
rm -r "$work/back"
lossy 1 5
expect_rdv 69 '' get --tries 1 -k "$psk" "shellS://key1.com(root)@$bad/" --all "$work/back"
join lossy
expect_rdv 0 '' get -k "$psk" "$at" --all "$work/back"
grep -qE 'going on: [1-9][0-9]* of 256 records were done before' "$work/rdv.log" || fail 'it began anew'
same "$work/back"

# The card is killed in the middle; with the next one it goes on, and nothing is missing.
for file in "$work"/out/[0-9A-F]*; do head -c 4000 /dev/urandom >"$file"; done
mkfifo "$work/say"
rdv put -v --tries 20 -k "$gpsk" "shellS://key1.com(meter)@$front/" "$work/out" 2>"$work/say" &
putting=$!
grep -m 1 -q 'record 10' "$work/say" && stop card KILL
start_card
cat "$work/say" >"$work/rest.out" || :
wait $putting || fail "putting ended with $?"
rdv get -k "$psk" "$at" --all "$work/back"
same "$work/back"

# What is refused is told, the rest is done, and the journal says so.
rdv record set -k "$psk" "$at" 20 max=1 >/dev/null
printf 'too long' >"$work/out/20"
expect_rdv 65 '' put -k "$psk" "$at" "$work/out"
expect_has "$work/rdv.log" 'rdv put: limit: record 20: '
[ -s "$work/out/.rdv-put" ] || fail 'no journal was left'
printf z >"$work/out/20"
expect_rdv 0 '' put -k "$psk" "$at" "$work/out"
expect_has "$work/rdv.log" 'going on: 254 of 255 records were done before'

# Nothing is sent when a name is wrong, twice there, or of another transfer.
mkdir "$work/wrong"
printf a >"$work/wrong/00"
printf b >"$work/wrong/notes"
expect_rdv 64 '' put -k "$psk" "$at" "$work/wrong"
expect_has "$work/rdv.log" '"notes" is not the name of a record'
mv "$work/wrong/notes" "$work/wrong/00.txt"
expect_rdv 64 '' put -k "$psk" "$at" "$work/wrong"
expect_has "$work/rdv.log" 'are the same record'
rm "$work/wrong/00.txt"
echo 'rdv put key2.com root' >"$work/wrong/.rdv-put"
expect_rdv 78 '' put -k "$psk" "$at" "$work/wrong"
expect_has "$work/rdv.log" 'remove it to give that up'
rm "$work/wrong/.rdv-put" "$work/wrong/00"
expect_rdv 66 '' put -k "$psk" "$at" "$work/wrong"
expect_rdv 66 '' put -k "$psk" "$at" "$work/nowhere/"
rdv get -k "$psk" "$at" 00 | cmp - "$work/out/00.dat" || fail 'a refused transfer has changed a record'
expect_rdv 64 '' get -k "$psk" "$at" --all -o file "$work/back"
expect_rdv 69 '' put --at 127.0.0.1:1 -k "$psk" "$at" "$work/out"

# At a terminal there is a bar; nowhere else.
expect_has_not "$work/rdv.log" '%'
if command -v expect >/dev/null; then
    cat >"$work/bar.exp" <<EOF
set stty_init "rows 40 columns 100"
set env(HOME) $work/home
set timeout $DEADLINE
spawn -noecho $RDV_BIN/rdv put -k $psk $at $work/out
expect timeout { exit 3 } eof {}
exit [lindex [wait] 3]
EOF
    timeout $((DEADLINE + 10)) expect -f "$work/bar.exp" >"$work/bar.out" || fail "the bar ended with $?"
    # How far, how fast, how long it will take.
    expect_has "$work/bar.out" '[..............................]   0%  0/255  0 B of 1.0 MB  0 B/s  -:-- left'
    grep -qE '#\] 100%  255/255  1\.0 MB of 1\.0 MB  [0-9.]+ [kM]B/s  0:00 left' "$work/bar.out" ||
        fail 'the bar does not end with a rate and no time left'
fi

the_end
