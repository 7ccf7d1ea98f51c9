#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv shell at a terminal: completion, history, refusals, keys that leave no trace, a card that comes
# back, and a key typed without echo.
. "$(dirname "$0")/lib.sh"
command -v expect >/dev/null || exit 77

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
mkdir -p "$work/home/.config/rdv"

# libedit loses a few words of memory when it ends.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# terminal NAME: plays what standard input says, in expect's words; the screen is in NAME.out.
terminal() {
    {
        echo "set timeout $DEADLINE"
        echo 'proc must {what} { expect -ex $what {} timeout { exit 3 } eof { exit 4 } }'
        echo 'proc done {} { expect timeout { exit 5 } eof {}; exit [lindex [wait] 3] }'
        echo 'set stty_init "rows 40 columns 200"'
        echo "set env(TERM) vt100; set env(HOME) $work/home"
        echo "set rdv $RDV_BIN/rdv; set at shellS://key1.com(root)@$front/"
        cat
    } >"$work/$1.exp"
    timeout $((DEADLINE + 10)) expect -f "$work/$1.exp" >"$work/$1.out" 2>&1
}

terminal talk <<EOF || fail "the talk ended with $?"
spawn -noecho \$rdv shell -k $psk \$at
must "Ctrl-D ends."
must "root@key1.com> "
send "?00\r"
must "RDV keystore 0.1"
must "root@key1.com> "
send "Z00kept in mind\r"
must "OK"
must "root@key1.com> "
# The editor has the terminal once it shows that it has: before, Ctrl-C is a signal.
# Tab: the only way on, all ways on, and a value.
send "!inf\t\r"
must "sen=key1.com"
must "root@key1.com> "
send "!guest \t"
must "add  set  show  list"
must "root@key1.com> "
send "a\tmeter ri\tread rec\tall ps\ta\t\r"
must "uri=shellS://key1.com:"
must "name=meter enabled=yes rights=read records=00-FF"
must "root@key1.com> "
# A refusal is told, and the talk goes on; Ctrl-C gives a line up, not the talk.
send "!guest show nobody\r"
must "rdv shell: absent: "
must "root@key1.com> "
send "!inf\t"
must "o "
send "\003"
must "^C"
must "root@key1.com> "
# The way back in history; a line with a key is not in it.
send "?FF0102030405060708090A0B0C0D0E0F10\r"
must "0102030405060708090A0B0C0D0E0F10"
must "root@key1.com> "
send "I00\r"
must "kept in mind"
must "root@key1.com> "
send "\020\020\r"
must "rdv shell: absent: "
must "root@key1.com> "
send "!inf\t"
must "o "
send "\003"
must "^C"
must "root@key1.com> "
send "\004"
done
EOF
expect_has "$work/home/.config/rdv/history" 'I00'
expect_has_not "$work/home/.config/rdv/history" '0102030405'
expect_equal "$(stat -c %a "$work/home/.config/rdv/history")" 600 'rights on the history'

# What was typed yesterday is there today; the card is restarted between two lines.
terminal again <<EOF &
spawn -noecho \$rdv shell -k $psk \$at
must "root@key1.com> "
send "\020\r"
must "absent: "
must "root@key1.com> "
exec touch $work/talking
while {![file exists $work/restarted]} { after 10 }
send "I00\r"
must "logging in again"
must "kept in mind"
must "root@key1.com> "
send "?02\r"
must "has ended the session"
must "root@key1.com> "
send "exit\r"
done
EOF
again=$!
until_true 'the second talk' test -e "$work/talking"
stop card
start_card
touch "$work/restarted"
wait $again || fail "the second talk ended with $?"

# A key typed: the terminal shows nothing of it, and is as before.
terminal typed <<EOF || fail "typing a key ended with $?"
spawn -noecho bash --norc -c "\$rdv exec --ask '\$at' I00; stty -a"
must "Key of root at key1.com (64 hex digits): "
send "$demo_psk\r"
must "kept in mind"
must " echo "
done
EOF
expect_has_not "$work/typed.out" "${demo_psk:0:16}"
terminal untyped <<EOF || [ $? = 69 ] || fail "not typing a key ended with $?"
spawn -noecho \$rdv exec --ask \$at I00
must "64 hex digits): "
send "01\003"
done
EOF

# Without a terminal it is a plain reader of lines.
expect_equal "$(printf 'I00\n!guest show nobody\nI00\n' | rdv shell -k "$psk" "shellS://key1.com(root)@$front/" \
    2>/dev/null || echo "$?")" 'kept in mind
kept in mind
66' 'what the shell writes to a pipe'

the_end
