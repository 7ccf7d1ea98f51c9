#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A limit is exact, however many post at once: 50 clients of each of two cards, 200 posts each.
. "$(dirname "$0")/lib.sh"

clients=50
make_demo_cards key1.com key2.com
start_card
start_front
mkfifo "$work/go"

# poster NAME PSK TEXT: four posts of this text, when the others post; answers in NAME.out.
poster() {
    {
        timeout "$DEADLINE" cat "$work/go" # until somebody opens it for writing
        for record in 0 1 2 3; do
            printf 'Z0%s%s\r\n' $record "$3"
        done
        printf '?02\r\n'
    } | s_client -quiet -servername "$sen" -psk_identity s -psk "$2" >"$work/$1.out" 2>"$work/$1.log"
}

# everybody TEXT: all of both cards post at once.
everybody() {
    local sen i
    for sen in key1.com key2.com; do
        for ((i = 0; i < clients; i++)); do
            poster "$sen.$i" "${psk[$sen]}" "$1" &
            pid_of[$sen.$i]=$!
        done
    done
    until_true 'all to be in' all_in
    : >"$work/go"
    for sen in key1.com key2.com; do
        for ((i = 0; i < clients; i++)); do
            join "$sen.$i"
        done
        expect_equal "$(cat "$work/$sen".*.out | tr -d '\r' | sort | uniq -c | tr -s ' ' | tr '\n' ,)" \
            " 100 ERROR, 100 OK," "answers of $sen to 200 posts"
    done
}

all_in() {
    local sen
    for sen in key1.com key2.com; do
        in_words '!info'
        [ "$(said sessions)" -eq $((clients + 1)) ] || return 1
    done
}

declare -A psk=()
for sen in key1.com key2.com; do
    root_does '!guest add s rights=write records=00-0F posts=100 psk=auto'
    psk[$sen]=$(said psk)
done
everybody hello
for sen in key1.com key2.com; do
    root_does '!guest show s'
    expect_equal "$(said posts)" 100/100 'posts'
    root_does '!guest set s posts=none quota=1000'
    expect_equal "$(said posts) $(said quota)" 'none 0/1000' 'limits'
done
everybody 0123456789
for sen in key1.com key2.com; do
    root_does '!guest show s'
    expect_equal "$(said quota)" 1000/1000 'quota'
done
sen=key1.com

as_s() {
    talk s "${psk[key1.com]}" "$@"
}

# To the byte; a refused post leaves the record as it is; what fits still fits.
root_does '!guest set s quota=15'
expect_talk as_s 'OK
ERROR
OK
ERROR' 'Z000123456789' 'Z01123456' 'Z0112345' 'Z001'
expect_talk as_root '0123456789
12345' 'I00' 'I01'
in_words '!guest show s'
expect_equal "$(said quota)" 15/15 'quota'
talk s "${psk[key1.com]}" '!record clear 00' '!whoami' | tr -d '\r' >"$work/words"
expect_equal "$(head -n 1 "$work/words")" OK 'clearing, which takes no room'
expect_equal "$(said quota)" 15/15 'what is left after clearing'

# Both limits: the first that is reached counts. A new limit counts anew.
root_does '!guest set s posts=3 quota=10'
expect_talk as_s 'OK
OK
ERROR
OK
ERROR' 'Z001234' 'Z001234' 'Z001234' 'Z0012' 'Z00'
root_does '!guest set s posts=1'
expect_talk as_s 'OK
ERROR' 'Z00x' 'Z00x'

# What was counted is as safe as what was written.
root_does '!guest set s posts=10 quota=none'
expect_talk as_s 'OK
OK
OK' 'Z00a' 'Z00b' 'Z00c'
stop card KILL
start_card
in_words '!guest show s'
expect_equal "$(said posts)" 3/10 'posts after a crash'

the_end
