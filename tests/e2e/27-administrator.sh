#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An administrator goes by docs/operations.md and README.md: what stands there is done here, word for
# word, on a card for real use.
. "$(dirname "$0")/lib.sh"

source_dir=$(cd "$here/../.." && pwd)
manual=$source_dir/docs/operations.md
ln -s "$source_dir/scripts" "$work/scripts"
cd "$work"
mkdir bin
cat >bin/se-card <<EOF
#!/bin/sh
ASAN_OPTIONS=$card_sanitizer exec "$RDV_BIN/se-card" "\$@"
EOF
chmod +x bin/se-card
PATH=$work/bin:$PATH

# section TITLE: what is indented there, without the indent.
section() {
    sed -n "/^## $1\$/,/^## /s/^    //p" "$manual"
}

# A card, as the README makes one.
init=$(sed -n 's/^    \(se-card init [^#]*\).*/\1/p' "$source_dir/README.md")
[ "$(wc -l <<<"$init")" -eq 1 ] || fail "README.md: $init"
eval "$init" >init.log 2>&1 || fail "$init"
expect_equal "$(stat -c %a key1.com.root.psk)" 600 "the mode of root's key file"
start_card
start_front

# The way in.
export FRONT=$front
eval "$(section Accounts | sed -n '/^root() {/,/^}/p')"
declare -F root >root.out || fail 'no root() in the manual'

# says FILE LINE...: a session in the way of the manual; carriage returns taken out.
says() {
    local file=$1
    shift
    printf '%s\n' "$@" '?02' | timeout "$DEADLINE" bash -c "$(declare -f root); root" 2>root.log | tr -d '\r' >"$file" ||
        fail "root: $(cat root.log)"
}

# every_line TITLE: all commands of that section, in their order, are answered OK.
every_line() {
    local lines
    mapfile -t lines < <(section "$1" | grep '^!')
    [ ${#lines[@]} -gt 0 ] || fail "no commands under $1"
    says answers.out "${lines[@]}"
    expect_equal "$(grep -c '^OK$' answers.out)" ${#lines[@]} "OK to $1: $(grep '^ERR' answers.out)"
    echo "$1: ${#lines[@]} commands"
}

every_line Accounts
says shown '!guest show sensor1' '!guest show reader1'
grep -q '^name=sensor1 enabled=yes rights=write records=10-1F,40 .* psk=rotating .* posts=0/1000 ' shown ||
    fail "sensor1: $(cat shown)"
expect_has shown 'identity=sensor1-spare failures=0'
expect_has shown 'name=reader1 enabled=yes rights=read records=10 '
# What was told of a key is ready to use: the last one of sensor1.
line=$(grep '^  openssl .*sensor1' answers.out | tail -n 1)
expect_equal "$(printf 'Z10hello\n?02\n' | sh -c "$line" 2>sensor.log | tr -d '\r')" OK 'what the sensor posts'
says read 'I10'
expect_equal "$(cat read)" hello 'what it has posted'

every_line Guessing

# The audit, checked by the line that stands there, and the row as it is described there.
check=$(section Audit | grep check_audit)
timeout "$DEADLINE" bash -c "$(declare -f root); $check" >check.out 2>&1 || fail "$check: $(cat check.out)"
grep -qE '^rows 1 to [0-9]+: the chain holds, and ends [0-9A-F]{64}$' check.out || fail "$(cat check.out)"
last=$(sed -n 's/.* ends //p' check.out)
grep -q -- "--after HASH" "$manual" || fail 'the manual does not tell how to go on'
says rows '!guest disable reader1' '!audit 1' '!audit 51'
seq=$(sed -n 's/^seq=\([0-9]*\) .*/\1/p' rows | tail -n 1)
says rows "!audit $seq"
scripts/check_audit --after "$last" <rows >check.out || fail 'the check did not go on'
names() { # of the values of a row
    grep -oE '[a-z]+=' <<<"$1" | tr -d '\n'
}
expect_equal "$(names "$(section Audit | grep '^seq=')")" "$(names "$(grep '^seq=' rows)")" 'the row in the manual'
expect_equal "$(section Audit | grep '^seq=' | sed 's/.* actor/actor/; s/ hash.*//')" \
    "$(grep '^seq=' rows | sed 's/.* actor/actor/; s/ hash.*//')" 'the row in the manual'

# Backup and restore.
says answers.out "$(section 'Backup and restore' | grep '^!backup')"
expect_has answers.out 'file=monday'
says answers.out '!guest delete sensor1'
mv cards/key1.com/monday .
stop card
put_back=$(section 'Backup and restore' | grep '^cp ')
eval "${put_back//DIR\/NAME/cards/key1.com}" || fail "$put_back"
start_card
says answers.out '!info' 'I10' 'Z10later'
expect_has answers.out read-only=
expect_equal "$(tail -n 2 answers.out | tr '\n' ,)" 'hello,ERROR,' 'a card that waits for root'
says answers.out "$(section 'Backup and restore' | grep '^!restore')" '!guest show sensor1' 'Z10later'
expect_equal "$(grep -E "^(OK|ERR.*|ERROR)$" answers.out | tr "\n" ,)" OK,OK,OK, "after the acceptance"

the_end
