#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv verify: what it says of messages on standard input, what it keeps, how it ends.
. "$(dirname "$0")/lib.sh"

vectors=$here/../vectors/envelope/envelopes.txt
key=$(sed -n 's/^key - //p' "$vectors")
state=$work/state

# line TOPIC NAME: a message of the vectors, as mosquitto_sub writes it.
line() {
    echo "rdv/key1.com/$1 $(sed -n "s/^[a-z]* $2 //p" "$vectors" | tr A-F a-f)"
}

# judged STATUS [OPTION...]: of the lines on standard input, the verdicts are in $work/verdicts.
judged() {
    local want=$1 status=0
    shift
    rdv verify --card-key "$key" "$@" >"$work/verdicts" 2>"$work/verify.log" || status=$?
    expect_equal "$status" "$want" "the status of rdv verify $*"
}

# A message that names another key than the card's.
stranger() {
    line record/0A first | sed s/f2c50e8768075c60/f2c50e8768075c61/
}

verdicts() { # as words
    sed -E 's/ (record|head|card|key|").*//; s/ *$//' "$work/verdicts" | paste -sd,
}

{
    line record/0A first
    line record/0A second
    line record/0A second
    line head/0A head
    line record/0A cleared
    line card restored
    line key keys
    echo rdv/key1.com/status 6f6e6c696e65
} >"$work/good"
judged 0 --archive --from-start -v <"$work/good"
expect_equal "$(verdicts)" VALID,VALID,REPEATED,VALID,VALID,VALID,VALID,UNSIGNED 'verdicts of a good feed'
expect_has "$work/verdicts" 'record/0A n=2 seq=2 2027-01-15T08:01:00Z sensor1 text/plain 4 bytes'
expect_has_not "$work/verdicts" 21.7
expect_has "$work/verify.log" 'record 0A: entries 1 to 3, 0 missing; head of 2'
judged 0 --archive --content <"$work/good"
expect_has "$work/verdicts" '4 bytes "21.7"'

# Each thing that is wrong has its name.
{
    line record/0A second
    line record/0B first
    stranger
    line record/0A other-key
    line record/0A other-content
    line record/0A cut
    line record/0A first
    echo "rdv/key1.com/record/0A "
    echo nonsense
} | judged 1 --archive --from-start
expect_equal "$(verdicts)" \
    'GAP 1..1,WRONG-TOPIC,UNKNOWN-KEY,BAD-SIGNATURE,BAD-SIGNATURE,MALFORMED,FILLED,MALFORMED,MALFORMED' 'verdicts of a bad feed'
expect_has "$work/verify.log" 'alarm: 9 messages, 8 alarms, 0 entries missing'
expect_has_not "$work/verdicts" 21.6
{
    line head/0A head
    line head/0A head-of-nothing
    line record/0A longest
} | judged 1 --archive
expect_equal "$(verdicts)" VALID,STALE-HEAD,WRONG-TOPIC 'verdicts of heads'
line record/0A first | judged 1 --heads --archive
expect_equal "$(verdicts)" VALID,STALE-HEAD 'an entry without a head'

# As JSON, one object a line, bytes and all.
line record/0A second | judged 0 --archive --json --content
expect_equal "$(cat "$work/verdicts")" '{"verdict":"VALID","alarm":false,"topic":"rdv/key1.com/record/0A","sen":"key1.com","record":10,"statement":"entry","time":1800000060,"hash":"0C3E69B1B9A8E9099E567081D72D8ECBC8F6C8F0370827F195951D9596CCF90D","n":2,"seq":2,"author":"sensor1","type":"text/plain","bytes":4,"joined":true,"why":"the first that was seen: of those before nothing is known","content":"32312E37","text":"21.7"}' 'a verdict as JSON'
stranger | judged 1 --json
expect_equal "$(head -n 1 "$work/verdicts")" '{"verdict":"UNKNOWN-KEY","alarm":true,"topic":"rdv/key1.com/record/0A","why":"another key than the card'\''s is named in it"}' 'a stranger as JSON'

# What a run has learned, the next one knows.
line record/0A first | judged 0 --archive -s "$state"
line record/0A cleared | judged 1 --archive -s "$state"
expect_equal "$(verdicts)" 'GAP 2..2' 'a gap in the next run'
expect_equal "$(stat -c %a "$state")" 600 'the mode of what is kept'
judged 1 --archive -s "$state" </dev/null # it is missing still
expect_has "$work/verify.log" '1 entries missing'
line record/0A second | judged 0 --archive -s "$state"
expect_equal "$(verdicts)" FILLED 'the missing entry'
line record/0A first | judged 0 --archive -s "$state"
expect_equal "$(verdicts)" REPEATED 'an entry of an earlier run'

# A state belongs to one card, to one process, and to one user; a damaged one is left alone.
other=$(sed -n 's/^ok two-keys //p' "$vectors" | grep -oE '215820[0-9A-F]{64}225820[0-9A-F]{64}' |
    sed -n '2s/^215820\(.*\)225820/04\1/p')
rdv verify --card-key "$other" -s "$state" </dev/null 2>"$work/verify.log" && fail 'the state of another card was taken'
expect_has "$work/verify.log" 'about a card with another key'
mkfifo "$work/lines"
rdv verify --card-key "$key" --archive -s "$state" <"$work/lines" >"$work/first.out" 2>&1 &
first=$!
exec 3>"$work/lines"
line record/0A second >&3
until_true 'the first of two' grep -q REPEATED "$work/first.out"
judged 75 -s "$state" </dev/null
exec 3>&-
wait $first || fail 'the first of two ended badly'
cp "$state" "$work/damaged"
printf x | dd of="$work/damaged" bs=1 seek=100 conv=notrunc 2>/dev/null
cp "$work/damaged" "$work/damaged.before"
line record/0A first | judged 65 -s "$work/damaged"
cmp "$work/damaged" "$work/damaged.before" || fail 'a damaged state was written over'
chmod 644 "$state"
judged 77 -s "$state" </dev/null
chmod 600 "$state"

# Stopped by hand it keeps what it knows, and its status says what it is.
rm -f "$state"
"$RDV_BIN/rdv" verify --card-key "$key" --archive -s "$state" <"$work/lines" >"$work/first.out" 2>&1 &
first=$!
exec 3>"$work/lines"
line record/0A second >&3
until_true 'a verdict at once' grep -q VALID "$work/first.out"
kill -INT $first
wait $first || fail 'stopped by hand, it ended badly'
exec 3>&-
line record/0A second | judged 0 --archive -s "$state"
expect_equal "$(verdicts)" REPEATED 'what was kept when it was stopped'

# The key may stand in a file, or in a profile.
echo "$key" >"$work/card.key"
line record/0A first | rdv verify --card-key "@$work/card.key" --archive >"$work/verdicts" || fail 'a key in a file'
mkdir -m 700 -p "$work/home/.config/rdv"
(umask 077 && printf '[p]\naddress = 127.0.0.1:1\nsen = key1.com\ncard-key = %s\n' "$key" >"$work/home/.config/rdv/config")
line record/0A first | rdv verify @p --archive >"$work/verdicts" || fail 'the key of a profile'
line record/0A first | rdv verify --archive >"$work/verdicts" || fail 'the key of the only profile'
sed -i s/key1.com/key2.com/ "$work/home/.config/rdv/config"
line record/0A first | rdv verify @p --archive >"$work/verdicts" 2>&1 && fail 'a message of another card passed'
expect_equal "$(head -n 1 "$work/verdicts" | cut -c1-11)" WRONG-TOPIC 'a message of another card'
expect_rdv 64 '' verify --card-key 0102
expect_rdv 66 '' verify --card-key "$key" something

the_end
