#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One link between front and card serves one session after the other, and nothing of a session stays
# on it. The card is killed while links wait for a session, and at the moment in which one is taken.
. "$(dirname "$0")/../e2e/lib.sh"

# The sockets of the front, of which its clients and its links are some.
sockets() {
    find "/proc/${pid_of[front]}/fd" -mindepth 1 -printf '%l\n' | grep '^socket:' | sort
}

are_sockets() {
    [ "$(sockets)" = "$1" ]
}

# so_many_more N THAN: sockets, than there were.
so_many_more() {
    [ "$(sockets | wc -l)" -eq $(($1 + $(wc -l <<<"$2"))) ]
}

some_more() {
    [ "$(sockets | wc -l)" -gt $(($1 + $(wc -l <<<"$2"))) ]
}

make_demo_cards key1.com key2.com
start_card
start_front --verbose
front_pid=${pid_of[front]}
without=$(sockets)

# The first session leaves its link; those after it take it and leave it, whoever they are of.
probe --identity root play hello open 'send:Z00first\n' 'answer:OK\r\n' \
    'send:?06guest\n' 'answer:guest\r\n' "send:?A0$guest_psk\n" "answer:$guest_psk\r\n" \
    'send:?A501\n' 'answer:OK\r\n' 'send:?02\n' closed
until_true 'a link to wait' so_many_more 1 "$without"
with=$(sockets)
same_link() {
    until_true 'the same link to wait' are_sockets "$with"
}
probe --identity guest --psk "$guest_psk" play hello open 'send:I00\n' 'answer:first\r\n' \
    'send:Z00other\n' 'answer:ERROR\r\n' 'send:?A1\n' 'answer:ERROR\r\n' close closed
same_link
probe --identity root --psk "$guest_psk" play hello 'alert:decrypt error' ended
same_link
probe --identity root play hello open 'send:Z00half a li' close 'answer:ERROR\r\n' closed
same_link
probe --identity root play hello open 'send:?00\n' 'answer:RDV keystore 0.1\r\n' \
    'send:.I00\n' 'answer:first\r\n' closed
same_link

# Of a long answer the front asks for more before it knows whether there is more.
{ printf Z00; head -c 4096 /dev/zero | tr '\0' r; echo; } >"$work/line"
{ head -c 4096 /dev/zero | tr '\0' r; printf '\r\n'; } >"$work/record"
for _ in {1..40}; do echo I00; done >"$work/lines"
probe --identity root play hello open "send:@$work/line" 'answer:OK\r\n' \
    "send:@$work/lines" "answer:40*@$work/record" 'send:Z00first\n' 'answer:OK\r\n' close closed
same_link

# Another card has its own.
probe --sen key2.com --identity root play hello open 'send:I00\n' 'answer:\r\n' close closed
until_true 'a second link to wait' so_many_more 1 "$with"

# The card is killed while links of twenty sessions wait: the front forgets them.
probe_beside crowd crowd 20
join crowd
expect_has "$work/crowd.out" '20 of 20'
until_true 'links to wait' some_more 1 "$with"
stop card KILL
start_card
until_true 'no link to wait any more' are_sockets "$without"
expect_talk as_root 'first' 'I00'

probe --identity root play hello open close closed
until_true 'a link to wait again' so_many_more 1 "$without"

# It is killed, and is back, while the front looks away: the client was heard first, and is given
# the link of the card that is no more. It goes on, on another one.
probe_beside late --identity root play hello:100 "mark:$work/half" "await:$work/go" hello \
    "mark:$work/whole" open 'send:I00\n' 'answer:first\r\n' close closed
until_true 'half a hello' test -e "$work/half"
until_true 'the front to have it' so_many_more 2 "$without"
kill -STOP "$front_pid"
touch "$work/go"
until_true 'the rest of it' test -e "$work/whole"
stop card KILL
start_card
kill -CONT "$front_pid"
join late
expect_has "$work/front.log" 'its link was of a card that has gone'

is_running front || fail "the front is gone"
expect_equal "${pid_of[front]}" "$front_pid" 'the front'
expect_has_not "$work/front.log" 'the card has gone;'

the_end
