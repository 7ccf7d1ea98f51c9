#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv watch: entries as they come, judged, through every loss of the connection; at a terminal in colours,
# and ended by hand.
. "$(dirname "$0")/lib.sh"
command -v expect >/dev/null || exit 77

make_demo_cards
start_card
start_front
root=$(key_file root "$demo_psk")
reader_psk=B1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90
reader=$(key_file reader "$reader_psk")
root_does "!guest add reader rights=read records=0A-0B psk=$reader_psk"
to="shellS://key1.com(reader)@$front/"

post() { # RECORD TEXT
    printf %s "$2" | rdv put -k "$root" "shellS://key1.com(root)@$front/" "$1" --type text/plain ||
        fail "post to $1"
}

# The entries in a file: verdict, record, number in its chain.
entries() {
    sed -nE 's/^([A-Z-]+( [0-9.]+)?) +record\/(..) +n=([0-9]+).*/\1 \3 \4/p' "$1" | paste -sd,
}

# watch NAME [OPTION...]: beside the story, as the reader; what it writes is in NAME.out.
watch() {
    local name=$1
    shift
    rm -f "$work/$name.log" # of an earlier one of this name
    HOME=$work/home "$RDV_BIN/rdv" watch -k "$reader" "$to" -v "$@" >"$work/$name.out" 2>"$work/$name.log" &
    pid_of[$name]=$!
    until_true "$name" grep -q 'logged in' "$work/$name.log"
}

# --- through every loss -----------------------------------------------------------------------------

post 0A one
post 0B two
post 0A three
state=$work/state
watch first --content -s "$state"
until_true 'its beginning' grep -q 'head/0B' "$work/first.out"
post 0A four
until_true 'the first entry' grep -q '"four"' "$work/first.out"
stop front
post_while_away() { # by another front, at another port
    local away=$front
    front=127.0.0.1:0
    start_front
    post 0A "$1"
    post 20 "$1, for others"
    stop front
    front=$away
}
post_while_away five
post_while_away six
start_front
until_true 'what came while it was away' grep -q '"six"' "$work/first.out"

# The card is killed while it waits; the front is there, and has none to offer.
before=$(grep -c 'trying again' "$work/first.log")
stop card KILL
until_true 'two tries without a card' more_than $((before + 1)) 'trying again' "$work/first.log"
start_card
post 0B seven
until_true 'what came since' grep -q '"seven"' "$work/first.out"

# Both, again and again, while others post: each entry is shown once, in its order.
for round in 1 2 3 4 5; do
    stop front KILL
    post_while_away "round $round"
    stop card KILL
    start_card
    start_front
    post 0B "round $round"
done
until_true 'all entries' more_than 13 ' record/' "$work/first.out"
expect_equal "$(entries "$work/first.out")" "$(
    echo VALID 0A 3,VALID 0A 4,VALID 0A 5,VALID 0B 2,VALID 0A 6,VALID 0B 3,VALID 0A 7,VALID 0B 4,VALID 0A 8,VALID 0B 5,VALID 0A 9,VALID 0B 6,VALID 0A 10,VALID 0B 7
)" 'entries that were shown'

# Killed, it goes on where it was. What it knows is kept behind what it has shown.
all_is_kept() {
    ! [ "$work/first.out" -nt "$state" ]
}
until_true 'all that was shown to be kept' all_is_kept
stop first KILL
post 0B eight
rdv watch -k "$reader" "$to" --content -s "$state" --count 1 >"$work/next.out" 2>"$work/next.log" || fail 'the next watch'
expect_equal "$(entries "$work/next.out")" 'VALID 0B 8' 'the next entry'

# Killed at any moment, again and again while others post: what was kept is whole, and nothing is
# missing. What was shown and not kept yet may be shown once more.
killed=$work/killed
rdv watch -k "$reader" "${to}record/0A" -s "$killed" --count 10 1 >"$work/killed.out" 2>"$work/killed.log" || fail 'a first watch'
(
    for n in $(seq 60); do
        printf 'Z0Aposted %d\r\n' "$n"
        sleep 0.1
    done
    printf '?02\r\n'
) | s_client -quiet -servername key1.com -psk_identity root -psk "$demo_psk" >"$work/posted.out" 2>"$work/posted.log" &
pid_of[posts]=$!
while is_running posts; do
    HOME=$work/home "$RDV_BIN/rdv" watch -k "$reader" "${to}record/0A" -s "$killed" >>"$work/killed.out" 2>>"$work/killed.log" &
    pid_of[victim]=$!
    sleep "0.$((RANDOM % 60 + 10))"
    stop victim KILL
done
join posts
expect_equal "$(grep -c OK "$work/posted.out")" 60 'posts'
last=$(sed -n '$s/.* n=\([0-9]*\) .*/\1/p' "$work/killed.out")
[ "$last" -ge 70 ] || rdv watch -k "$reader" "${to}record/0A" -s "$killed" --count $((70 - last)) >>"$work/killed.out" 2>>"$work/killed.log" ||
    fail 'the last watch'
expect_equal "$(sed -nE 's/^VALID +record\/0A n=([0-9]+) .*/\1/p' "$work/killed.out" | sort -nu | paste -sd,)" \
    "$(seq -s , 70)" 'entries that were shown'
expect_equal "$(grep -cv '^VALID' "$work/killed.out")" 0 'other verdicts'
[ "$(grep -c '^' "$work/killed.out")" -lt 90 ] || fail 'most was shown again'
expect_has_not "$work/killed.log" damaged

# --- the end, and the cursor ------------------------------------------------------------------------

# Ended by a signal, it says where another one goes on; also while the front is away.
watch ended
until_true 'its beginning' grep -q 'head/0B' "$work/ended.out"
post 0A nine
until_true 'an entry' grep -q 'record/0A' "$work/ended.out"
stop ended INT
in_words '!head 0A'
next=$(($(said seq) + 1))
expect_has "$work/ended.log" "rdv watch: the next entry is $next"
watch ended --json
until_true 'its beginning' grep -q '"statement":"head"' "$work/ended.out"
stop front
until_true 'the loss' grep -q 'trying again' "$work/ended.log"
stop ended TERM
expect_equal "$(tail -n 1 "$work/ended.out")" "{\"next\":$next}" 'the cursor in JSON'
start_front
post 0A ten
post 0A eleven
rdv watch -k "$reader" "$to" "$next" --content --count 2 >"$work/next.out" 2>"$work/next.log" || fail 'a watch from a number on'
expect_has "$work/next.out" '"ten"'
expect_has "$work/next.out" '"eleven"'
expect_has "$work/next.log" "the next entry is $((next + 2))"

# One record; a line that nobody reads ends it.
rdv watch -k "$reader" "${to}record/0B" 1 --count 2 >"$work/next.out" 2>"$work/next.log" || fail 'a watch of one record'
expect_equal "$(entries "$work/next.out")" 'VALID 0B 1,VALID 0B 2' 'entries of one record'
status=0
rdv watch -k "$reader" "$to" 1 >/dev/full 2>"$work/next.log" || status=$?
expect_equal "$status" 74 'the status of a watch whose output is full'

expect_rdv 64 '' watch -k "$reader" "$to" --count none
expect_rdv 64 '' watch -k "$reader" "$to" none
expect_rdv 77 '' watch -k "$(key_file other "$guest_psk")" "$to" --count 1
expect_rdv 77 '' watch -k "$reader" "${to}record/20" --count 1

# --- at a terminal ----------------------------------------------------------------------------------

# at_terminal [NAME=VALUE...]: a watch of two entries, one of another card, then ^C; as it was shown.
cat >"$work/terminal.exp" <<'EXPECT'
set timeout $env(DEADLINE)
log_user 0
spawn -noecho sh -c {stty -onlcr; exec rdv watch -k "$reader" "$to" 1}
expect {
    -re {record/0A n=12[^\n]*\n} {}
    default { puts "no entry: $expect_out(buffer)"; exit 1 }
}
puts $expect_out(buffer)
send "\003"
expect {
    -re {the next entry is [0-9]+\n} {}
    default { puts "no cursor"; exit 1 }
}
expect eof
exit [lindex [wait] 3]
EXPECT
at_terminal() {
    env DEADLINE="$DEADLINE" HOME="$work/home" PATH="$RDV_BIN:$PATH" reader="$reader" to="$to" TERM=xterm "$@" \
        expect -f "$work/terminal.exp" >"$work/terminal.out" || fail "a watch at a terminal: $*"
}
post 0A twelve
green=$'\033[32m' plain=$'\033[0m'
at_terminal NO_COLOR=
expect_has "$work/terminal.out" "${green}VALID        $plain record/0A n=12"
at_terminal NO_COLOR=1
expect_has "$work/terminal.out" 'VALID         record/0A n=12'
expect_has_not "$work/terminal.out" $'\033'
at_terminal TERM=dumb
expect_has_not "$work/terminal.out" $'\033'
expect_has_not "$work/first.out" $'\033'

the_end
