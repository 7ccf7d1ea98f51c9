#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Root twice, at the same guests at the same time: each change is whole, and none is lost.
. "$(dirname "$0")/lib.sh"

rounds=100
make_demo_cards
start_card
start_front

# both NAME-OF-LIST NAME-OF-LIST: two sessions of root say their lines at once; answers in one.out and
# two.out, without carriage returns. Each line leaves when the one before is answered, and the first
# when both are logged in, so that the two really alternate.
both() {
    local -n lines_one=$1 lines_two=$2
    rm -f "$work/one.there" "$work/two.there"
    says one "${lines_one[@]}" &
    pid_of[one]=$!
    says two "${lines_two[@]}" &
    pid_of[two]=$!
    join one
    join two
}

says() { # NAME LINE...
    local name=$1 line answer client
    shift
    coproc client (s_client -quiet -servername key1.com -psk_identity root -psk "$demo_psk" 2>"$work/$name.log")
    exec {answers}<&"${client[0]}" {lines}>&"${client[1]}"
    printf '?00\r\n' >&$lines
    IFS= read -r -t "$DEADLINE" -u "$answers" answer
    : >"$work/$name.there"
    until_true 'both roots are there' both_are_there
    for line in "$@"; do
        printf '%s\r\n' "$line" >&$lines
        while IFS= read -r -t "$DEADLINE" -u "$answers" answer; do
            answer=${answer%$'\r'}
            printf '%s\n' "$answer"
            case $answer in OK | ERR\ *) break ;; esac
        done
    done >"$work/$name.out"
    printf '?02\r\n' >&$lines
    exec {answers}<&- {lines}>&-
}

both_are_there() { [ -e "$work/one.there" ] && [ -e "$work/two.there" ]; }

answers_of() { # NAME: how often each
    grep -E '^(OK|ERR)' "$work/$1.out" | cut -d ' ' -f 1,2 | sort | uniq -c | tr -s ' ' | tr '\n' ,
}

# One raises a guest's limit step by step, the other its quota: each sees its own value after every
# step, and the other's only ever rise. A change that wrote back what it had read too early would
# lower it.
root_does '!guest add s'
posts=() quotas=()
for ((i = 1; i <= rounds; i++)); do
    posts+=("!guest set s posts=$i")
    quotas+=("!guest set s quota=$i")
done
both posts quotas
expect_equal "$(answers_of one)$(answers_of two)" " $rounds OK, $rounds OK," 'answers to changes of one guest'
values() { # NAME KEY: in the order of the answers
    sed -n "s/.* $2=\(0\/\)\{0,1\}\([0-9]*\) .*/\2/p" "$work/$1.out"
}
expect_equal "$(values one posts)" "$(seq $rounds)" 'the limit, as set'
expect_equal "$(values two quota)" "$(seq $rounds)" 'the quota, as set'
values one quota | sort -cn || fail 'a change of the quota was lost'
values two posts | sort -cn || fail 'a change of the limit was lost'
# They did take turns, or this shows nothing.
seen=$(values one quota | sort -u | wc -l)
echo "one root saw $seen of the $rounds changes of the other"
[ "$seen" -gt 2 ] || fail 'the two did not work at the same time'
root_does '!guest show s'
expect_equal "$(said posts) $(said quota)" "0/$rounds 0/$rounds" 'the end'

# Both make the same guests: each is made once. Then both delete them: each is deleted once.
adds=() deletes=()
for ((i = 0; i < rounds; i++)); do
    adds+=("!guest add g$i rights=read")
    deletes+=("!guest delete g$i")
done
once() { # WORD
    expect_equal "$(grep -c '^OK$' "$work/one.out" "$work/two.out" | awk -F: '{ n += $2 } END { print n }')" \
        $rounds "OK to two who do the same"
    expect_equal "$(grep -hc "^ERR $1 " "$work/one.out" "$work/two.out" | awk '{ n += $1 } END { print n }')" \
        $rounds "ERR $1 to two who do the same"
}
both adds adds
once exists
root_does '!guest list count=100'
expect_equal "$(grep -c '^name=g[0-9]* ' "$work/words")" $rounds 'guests'
both deletes deletes
once absent
root_does '!guest list'
expect_equal "$(grep -c '^name=g[0-9]* ' "$work/words")" 0 'guests that are left'

# One deletes what the other changes: an account is changed or gone, never half of each.
root_does "${adds[@]}"
sets=()
for ((i = 0; i < rounds; i++)); do
    sets+=("!guest set g$((rounds - 1 - i)) psk=auto identities=h$i rights=write")
done
both deletes sets
expect_equal "$(answers_of one)" " $rounds OK," 'answers to who deletes'
expect_equal "$(grep -cE '^(OK$|ERR absent )' "$work/two.out")" $rounds 'answers to who changes'
copy_database
expect_equal "$(of_database "SELECT count(*) FROM account WHERE name LIKE 'g%' AND name <> 'guest'")" 0 'accounts'
expect_equal "$(of_database "SELECT count(*) FROM identity WHERE account NOT IN (SELECT id FROM account)")" 0 \
    'identities of nobody'

# Both want one identity for different guests: it is one's or the other's.
root_does '!guest add t'
for_s=() for_t=()
for ((i = 0; i < rounds; i++)); do
    for_s+=('!guest set s identities=x' '!guest set s identities=s')
    for_t+=('!guest set t identities=x' '!guest set t identities=t')
done
both for_s for_t
expect_equal "$(grep -cEv '^(OK$|ERR exists |name=)' "$work/one.out" "$work/two.out" |
    awk -F: '{ n += $2 } END { print n }')" 0 'other answers'
copy_database
expect_equal "$(of_database "SELECT CAST(identity AS TEXT) AS i, name FROM identity JOIN account ON id = account
    WHERE i IN ('s', 't', 'x') ORDER BY 1" | tr '\n' ,)" 's|s,t|t,' 'identities'

# Keys: the last one told is the one that counts.
rekeys=() flags=()
for ((i = 0; i < rounds; i++)); do
    rekeys+=('!guest set s psk=auto')
    flags+=("!guest $([ $((i % 2)) -eq 0 ] && echo disable || echo enable) s")
done
both rekeys flags
expect_equal "$(answers_of one)$(answers_of two)" " $rounds OK, $rounds OK," 'answers about keys and flags'
expect_welcome s "$(sed -n 's/^psk=//p' "$work/one.out" | tail -n 1)"
expect_refused s "$(sed -n 's/^psk=//p' "$work/one.out" | tail -n 2 | head -n 1)"

# All of it is in the audit, once, in a chain that holds.
copy_database
expect_equal "$(of_database "SELECT count(*) FROM audit WHERE action = 'guest delete' AND result = 'ok'")" \
    $((2 * rounds)) 'deletions in the audit'
expect_equal "$(of_database 'SELECT count(*), max(seq) FROM audit')" \
    "$(of_database 'SELECT max(seq), count(*) FROM audit')" 'numbers of the audit'

the_end
