#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guessing gets slower and slower, and then useless for a while; whether the identity exists makes no
# difference; who has been here before is not locked out. Addresses of this machine (127.0.0.x) stand
# for those of the world.
. "$(dirname "$0")/lib.sh"

# Delays of the answers to wrong keys, ms (se_card/guard.h). The card never answers sooner; how much
# later is the machine's affair: of several guessers the quickest counts, within reason. The tenth
# locks for 5 s, the next for 10, the next for 20.
delays=(0 0 0 100 200 400 800 1600 3000 3000 3000 3000)
slack=2500

make_demo_cards
start_card
start_front

root_does '!guest add s rights=echo psk=auto'
s_psk=$(said psk)
root_does '!guest add t rights=echo psk=auto'
t_psk=$(said psk)
root_does '!guest add u rights=echo psk=auto'
u_psk=$(said psk)

expect_refused_from() { # ADDRESS IDENTITY PSK
    local from=$1
    expect_refused "$2" "$3"
}

expect_welcome_from() {
    local from=$1
    expect_welcome "$2" "$3"
}

milliseconds() {
    echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# guesses NAME ADDRESS IDENTITY NUMBER: how long each took, in NAME.times; when the last one began, in
# NAME.last.
guesses() {
    local from=$2 work=$work/$1 i began
    mkdir "$work"
    for ((i = 0; i < $4; i++)); do
        began=$(milliseconds)
        expect_refused "$3" "$guest_psk"
        echo $(($(milliseconds) - began))
    done >"$work.times"
    echo "$began" >"$work.last"
}

known() { # ADDRESS: for root
    copy_database
    [ "$(of_database "SELECT count(*) FROM known_address WHERE account = 1 AND address = '$1'")" -eq 1 ]
}
until_true "root's address" known 127.0.0.1
all_but_audit >"$work/before.sql"

# An identity that exists, one that does not, and root's: at the same time, from three addresses.
declare -A guessers=([exists]='127.0.0.9 s 12' [stranger]='127.0.0.8 nobody 12' [root]='127.0.0.6 root 12'
    [ten]='127.0.0.10 u 10')
for name in "${!guessers[@]}"; do
    # shellcheck disable=SC2086 # three words
    guesses "$name" ${guessers[$name]} >"$work/$name.out" 2>&1 &
    pid_of[$name]=$!
done
quickest=()
for name in "${!guessers[@]}"; do
    join "$name"
    mapfile -t took <"$work/$name.times"
    echo "$name: ${took[*]} ms"
    expect_equal "${#took[@]}" "${guessers[$name]##* }" "guesses of $name"
    for i in "${!took[@]}"; do
        [ "${took[i]}" -ge "${delays[i]}" ] || fail "$name: guess $i took ${took[i]} ms, wanted ${delays[i]}"
        [ "${took[i]}" -ge "${quickest[i]:-999999}" ] || quickest[i]=${took[i]}
    done
done
for i in "${!delays[@]}"; do
    [ "${quickest[i]}" -le $((delays[i] + slack)) ] || fail "guess $i took ${quickest[i]} ms, wanted ${delays[i]}"
done

# Now the right key is refused as well: of a guest, and of root ...
refused_beside() { # NAME ADDRESS IDENTITY PSK
    local from=$2 work=$work/$1
    mkdir "$work"
    expect_refused "$3" "$4"
}
refused_beside locked_s 127.0.0.7 s "$s_psk" &
pid_of[locked_s]=$!
refused_beside locked_root 127.0.0.5 root "$demo_psk" &
pid_of[locked_root]=$!
# An address that has guessed is refused whatever the account.
refused_beside locked_t 127.0.0.9 t "$t_psk" &
pid_of[locked_t]=$!
join locked_t
join locked_s
join locked_root
# ... but not where root has been before, nor for another account from elsewhere.
at_home=999999
for i in 1 2 3; do
    began=$(milliseconds)
    expect_welcome root "$demo_psk"
    took=$(($(milliseconds) - began))
    [ $took -ge $at_home ] || at_home=$took
done
[ $at_home -lt 3000 ] || fail "root waited $at_home ms at home"
expect_welcome_from 127.0.0.4 t "$t_psk"
expect_welcome_from 127.0.0.4 t "$t_psk"

root_does '!guest show s'
expect_equal "$(said failures)" 13 'failures shown of s'
root_does '!guest show t'
expect_equal "$(said failures)" 0 'failures shown of t' # its last login was right

# Nothing of all this is in the database but the address of t, and rows of the audit.
all_but_audit | grep -v '127\.0\.0\.4' >"$work/after.sql"
cmp "$work/before.sql" "$work/after.sql" || fail "guessing has filled $(diff "$work/before.sql" "$work/after.sql")"
copy_database
expect_equal "$(of_database "SELECT count(*) FROM audit WHERE action = 'login' AND result = 'failed'
    AND detail LIKE 'from 127.0.0._, refused for a while'")" 9 'logins that were refused for a while'
# The free ones came fast: what was more than 20 in a second is summed up.
expect_equal "$(of_database "SELECT (SELECT count(*) FROM audit WHERE action = 'login' AND result = 'failed')
    + (SELECT coalesce(sum(CAST(detail AS INTEGER)), 0) FROM audit WHERE action = 'refusals')")" 49 'failed logins'
[ "$(of_database "SELECT count(*) FROM audit WHERE actor = 'identity nobody' AND action = 'login'
    AND result = 'failed' AND detail LIKE 'from 127.0.0.8%'")" -ge 8 ] || fail 'a stranger is not on record'

# Unlocked by root: at once.
root_does '!guest unlock root'
expect_welcome_from 127.0.0.3 root "$demo_psk"

# Unlocked by time: 5 s after the tenth failure, and a little for the clock.
unlock_at=$(($(cat "$work/ten.last") + slack + 5000))
until_true 'the end of the lock' eval "[ \"\$(milliseconds)\" -ge $unlock_at ]"
began=$(milliseconds)
expect_welcome_from 127.0.0.2 u "$u_psk"
took=$(($(milliseconds) - began))
[ $took -ge 3000 ] || fail "a right key after the lock took $took ms" # it still waits
root_does '!guest show u'
expect_equal "$(said failures)" 0 'failures of u, after a right key'

# How much is free is for whoever runs the card to say. Unknown names fill no table, however many.
stop card
start_card --free-failures 1000000
all_but_audit >"$work/before.sql"
for ((i = 0; i < 200; i++)); do
    probe --identity "stranger$i" play hello 'alert:decrypt error'
done
all_but_audit >"$work/after.sql"
cmp "$work/before.sql" "$work/after.sql" || fail 'strangers have filled a table'
expect_welcome_from 127.0.0.9 t "$t_psk" # a restart forgets

the_end
