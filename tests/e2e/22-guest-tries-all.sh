#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest says every command that is not for it, as the card itself lists them, in several ways: each
# is refused, nothing changes, and each refusal is on record.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front

every=read,write,keygen,sign,secret,export,publish,audit,rsa,echo
root_does "!guest add mighty rights=$every records=all keys=all psk=auto"
mighty_psk=$(said psk)
root_does '!guest add poor psk=auto'
poor_psk=$(said psk)
root_does '!guest add victim rights=read,write,echo records=00-0F psk=auto'
victim_psk=$(said psk)
expect_talk as_root 'guest
OK
OK' '?06guest' '?A501' 'Z00kept'

# --- what there is to try --------------------------------------------------------------------------

# The commands, in the words of !help, and the right that each takes.
in_words '!help'
grep '^  ' "$work/words" | sed 's/ - .*//; s/^  //' >"$work/syntax"
names=()
while IFS= read -r line; do
    case $line in
    !*) names+=("$(sed -E 's/^!([a-z]+( [a-z]+)?)( .*)?$/\1/' <<<"$line")") ;;
    \?*) names+=("${line:0:3}") ;;
    *) names+=("${line:0:1}") ;;
    esac
done <"$work/syntax"
[ ${#names[@]} -gt 30 ] || fail "only ${#names[@]} commands"
in_words "${names[@]/#/!help }"
mapfile -t rights < <(sed -n 's/^right=\([a-z|]*\) .*/\1/p' "$work/words")
expect_equal ${#rights[@]} ${#names[@]} 'commands whose right is told'

hex=$guest_psk
accounts='mighty poor victim guest root nobody'

# ways_of NAME: arguments to try, one a line; what fits the syntax, and what fits another.
ways_of() {
    local syntax key account
    syntax=$(grep -F -m 1 -- "$1" "$work/syntax")
    syntax=${syntax#*"$1"}
    printf '\n'
    case $1 in
    \?*) # TLS-SE
        printf '%s\n' victim mighty root 00 01 80 81 040C "$hex" "$demo_psk$hex" "$hex$hex" 00text
        return
        ;;
    ?) # from 80 on, the rest of the record would belong to the line
        printf '%s\n' 00 00text "00$hex" 20 38 7F
        return
        ;;
    esac
    for account in $accounts; do
        printf ' %s\n' "$account"
        for key in $(grep -oE '\[[a-z-]+=' <<<"$syntax" | tr -d '[='); do
            case $key in
            rights) printf ' %s rights=%s\n' "$account" $every ;;
            records | keys) printf ' %s %s=all\n' "$account" "$key" ;;
            psk) printf ' %s psk=%s\n %s psk=auto\n' "$account" "$hex" "$account" ;;
            identities) printf ' %s identities=%s,x\n' "$account" "$account" ;;
            *) printf ' %s %s=none\n %s %s=1\n %s %s=1h\n' "$account" "$key" "$account" "$key" "$account" "$key" ;;
            esac
        done
    done
    for way in 00 '00 ttl=1s keep=1 max=1' 1 2 3 4 5 6 '0 50' accept taken x; do
        printf ' %s\n' "$way"
    done
}

# attempts WHO-HAS-EVERYTHING: in $work/attempts, the lines to say.
attempts() {
    local i mark
    for i in "${!names[@]}"; do
        case ${rights[i]} in
        root) ;;
        none) continue ;; # for everybody: ?A0 sets one's own key, and no other
        *) [ "$1" = poor ] || continue ;;
        esac
        case ${names[i]} in [a-z]?*) mark='!' ;; *) mark='' ;; esac
        ways_of "${names[i]}" | sed "s/^/$mark${names[i]}/"
    done >"$work/attempts"
}

# --- trying ----------------------------------------------------------------------------------------

known() { # addresses that accounts have come from, once they are written
    copy_database
    [ "$(of_database 'SELECT count(DISTINCT account) FROM known_address')" -eq "$1" ]
}

probe_beside victim --identity victim --psk "$victim_psk" play open 'send:Z01mine\n' 'answer:OK\r\n' \
    "mark:$work/in" "await:$work/tried" 'send:I01\n' 'answer:mine\r\n'
until_true 'the victim to be there' test -e "$work/in"
expect_welcome mighty "$mighty_psk"
expect_welcome poor "$poor_psk"
until_true 'their addresses' known 4

tries() { # WHO PSK
    local n
    attempts "$1"
    n=$(wc -l <"$work/attempts")
    [ "$n" -gt 100 ] || fail "only $n attempts"
    all_but_audit >"$work/before.sql"
    grep -q 'INSERT INTO account' "$work/before.sql" || fail 'no dump'
    mapfile -t lines <"$work/attempts"
    talk "$1" "$2" "${lines[@]}" '!whoami' | tr -d '\r' >"$work/answers"
    expect_equal "$(tail -n 1 "$work/answers")" OK "what $1 may still say"
    expect_equal "$(($(wc -l <"$work/answers") - 2))" "$n" 'answers, of one line each'
    head -n -2 "$work/answers" | paste -d '|' "$work/attempts" - >"$work/pairs.out"
    grep -vE '\|(ERROR|ERR denied right=[a-z|]+( (record|key)=[0-9A-F]{2})?)$' "$work/pairs.out" \
        >"$work/other.out" || true
    [ ! -s "$work/other.out" ] || fail "$1 was not refused: $(head -n 3 "$work/other.out")"
    all_but_audit >"$work/after.sql"
    cmp "$work/before.sql" "$work/after.sql" || fail "$1 has changed something: $(diff "$work/before.sql" "$work/after.sql")"
    echo "$1: $n attempts, all refused"
}

on_record() { # WHO NUMBER: rows of refusals, with those that are summed up
    copy_database
    [ "$(of_database "SELECT (SELECT count(*) FROM audit WHERE actor = '$1' AND result = 'denied') +
        (SELECT coalesce(sum(CAST(detail AS INTEGER)), 0) FROM audit WHERE action = 'refusals')")" -eq "$2" ]
}

tries mighty "$mighty_psk"
mighty_attempts=$(wc -l <"$work/attempts")
until_true 'every refusal of mighty' on_record mighty "$mighty_attempts"
[ ! -e "$work/cards/key1.com/x" ] && [ ! -e "$work/cards/key1.com/taken" ] || fail 'a guest has made a backup'
tries poor "$poor_psk"

# The others are as they were.
touch "$work/tried"
join victim
expect_talk as_root 'kept
mine' 'I00' 'I01'
expect_welcome victim "$victim_psk"
expect_refused mighty "$hex"
expect_refused victim "$hex"

the_end
