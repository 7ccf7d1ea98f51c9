#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command in words, by hand at a terminal and through a pipe, with and without -quiet: openssl
# s_client takes nothing of it for itself, and no answer looks as if it were meant for it.
. "$(dirname "$0")/lib.sh"

command -v expect >/dev/null || {
    echo 'skipped: expect is not installed'
    exit 77
}

make_demo_cards
start_card
start_front

# --- what is said ----------------------------------------------------------------------------------

digest=$demo_psk
lines=('!help' '!help Z' '!help guest' '!help guest add' '!whoami' '!info'
    # Names that would be commands of s_client.
    '!guest add Quit rights=read psk=auto' '!guest add k' '!guest add K' '!guest add Connect' '!guest add "R S"'
    '!guest set Quit records=00-0F identities=Q,R,C,k,K posts=5' '!guest show Quit' '!guest disable Quit'
    '!guest enable Quit' '!guest rotate Quit' '!guest unlock Quit' '!guest list' '!guest delete K'
    '!guest add ""' '!guest add Quit' '!guest show Q' '!Quit' '! Q' '!k' '!R' '!C' '!' '!guest'
    '!record set 00 max=100' '!record list' '!record show 00' '!record clear 00'
    '!post 00 hello' '!receipt 1' '!log 1 1' '!wait 1 1' '!ack Quit 1' '!consumer add R account=root'
    '!consumer show Quit' '!consumer list' '!consumer skip Quit 1 "too large"' '!consumer drop Quit' '!consumer drop R'
    '!head 00'
    '!key generate 00' '!key generate 30' '!key generate 38' '!key show 00' '!key list' '!key attest 00'
    "!key sign 00 data=$digest" "!key hmac 30 data=$digest" "!key encrypt 30 data=$digest"
    "!key decrypt 30 data=$digest" '!key derive 01 seed=38 path=80000000' '!key hold 30' '!key export 30'
    '!key clear 01' '!confirm list'
    '!session list' '!session end 999' '!audit 1' '!audit 1 2' '!restore accept')

# And whatever else there is, said without a thing behind it.
in_words '!help'
grep '^  !' "$work/words" | sed -E 's/^  (!([a-z]+( [a-z]+)?))( .*)?$/\1/; s/ - .*//' >"$work/names"
[ "$(wc -l <"$work/names")" -gt 20 ] || fail "only $(wc -l <"$work/names") commands"
while IFS= read -r name; do
    case " ${lines[*]}" in *" $name"*) ;; *) lines+=("$name") ;; esac
done <"$work/names"
printf '%s\n' "${lines[@]}" >"$work/lines"

# expect_answers FILE WHAT: as many as lines, and none that s_client would take for itself, were it
# said to it.
expect_answers() {
    tr -d '\r' <"$1" >"$work/answers.out"
    expect_equal "$(grep -cE '^(OK$|ERR [a-z]+ )' "$work/answers.out")" ${#lines[@]} "answers, $2"
    ! grep -n '^[QRCkK]' "$work/answers.out" || fail "$2: an answer that begins with a letter of s_client"
    [ "$(grep -c '^OK$' "$work/answers.out")" -gt $((${#lines[@]} / 2)) ] || fail "$2: hardly anything was OK"
    # Between two ways the guests go, or they would be there already.
    as_root '!guest delete Quit' '!guest delete k' '!guest delete Connect' '!guest delete "R S"' '!key clear 00' \
        '!key clear 30' '!key clear 38' >/dev/null
    rm -f "$work/answers.out"
}
for line in "${lines[@]}"; do
    [[ $line == '!'* ]] || fail "$line is not in words"
done

# --- through a pipe --------------------------------------------------------------------------------

as_root "${lines[@]}" >"$work/piped"
expect_answers "$work/piped" 'piped, with -quiet'

# Without -quiet s_client looks at the first letter of what it reads, and ends with its input: so each
# line is written when the one before has been answered.
mkfifo "$work/to"
s_client -servername key1.com -psk_identity root -psk "$demo_psk" <"$work/to" >"$work/piped" 2>&1 &
pid_of[piped]=$!
exec {to}>"$work/to"
answered() {
    [ "$(tr -d '\r' <"$work/piped" | grep -cE '^(OK$|ERR [a-z]+ )')" -ge "$1" ]
}
n=0
for line in "${lines[@]}"; do
    printf '%s\r\n' "$line" >&$to
    n=$((n + 1))
    until_true "an answer to $line" answered $n
done
printf 'Q\n' >&$to # it does listen
exec {to}>&-
join piped
expect_has "$work/piped" DONE
sed -n '/^read R BLOCK/,$p; /^---/,$p' "$work/piped" | tac | sed '/^---/,$d' | tac >"$work/answers"
expect_answers "$work/answers" 'piped, without -quiet'

# --- at a terminal ---------------------------------------------------------------------------------

cat >"$work/by_hand.exp" <<'EXPECT'
# by_hand.exp SECONDS LINES S_CLIENT...: types each line once the one before is answered, then ?02.
set timeout [lindex $argv 0]
set lines [split [string trimright [read [open [lindex $argv 1]]] "\n"] "\n"]
set stty_init -echo
match_max 200000
proc lost {what} { send_error "expect: $what\n"; exit 1 }
eval spawn -noecho [lrange $argv 2 end]
if {[lsearch $argv -quiet] < 0} { expect timeout { lost "no session" } eof { lost "refused" } -re {\n---\r\n$} }
foreach line $lines {
    send -- "$line\r"
    expect timeout { lost "no answer to $line" } eof { lost "the end at $line" } \
        -re {(^|\n)(OK|ERR [^\r\n]*)\r\r?\n}
}
send -- "?02\r"
expect timeout { lost "no end" } eof
lassign [wait] pid spawn_id os_error status
exit $status
EXPECT

by_hand() { # OPTION...
    timeout $((2 * DEADLINE)) expect "$work/by_hand.exp" "$DEADLINE" "$work/lines" openssl s_client -connect "$front" \
        -servername key1.com -psk_identity root -psk "$demo_psk" "$@" >"$work/typed" 2>"$work/expect.log" ||
        fail "at a terminal: $(cat "$work/expect.log")"
}

by_hand -quiet
expect_answers "$work/typed" 'at a terminal, with -quiet'
by_hand
expect_has "$work/typed" 'closed'
tr -d '\r' <"$work/typed" | sed '1,/^Verify return code\|^    Verify return code/d' | sed '/^closed$/d' >"$work/answers"
expect_answers "$work/answers" 'at a terminal, without -quiet'

the_end
