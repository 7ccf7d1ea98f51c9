#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of rdv, as it is installed, in a real bash at a real terminal.
. "$(dirname "$0")/lib.sh"
command -v expect >/dev/null || exit 77

cmake --install "$RDV_BIN/.." --prefix "$work/root" --component rdv >"$work/install.log" 2>&1 || fail 'installing rdv'
script=$work/root/share/bash-completion/completions/rdv
[ -s "$script" ] || fail 'no completion is installed'
mkdir -p "$work/home/.config/rdv" "$work/here"
printf '[home]\naddress = 127.0.0.1:1\nsen = key1.com\n[holiday]\nsen = x\n' >"$work/home/.config/rdv/config"
touch "$work/here/letter.box" "$work/here/a file"

# What the function offers for a line, sorted, by one blank each; the cursor is at the line's end.
offers() {
    (
        cd "$work/here"
        HOME=$work/home PATH=$work/root/bin:$PATH LD_LIBRARY_PATH=$work/root/lib \
            bash --norc --noprofile -c '
            . "$1"
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<<"$2"
            [[ $2 != *" " ]] || COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _rdv rdv
            printf "%s\n" "${COMPREPLY[@]}"' - "$script" "$1" 2>"$work/bash.log" |
            sort | tr '\n' ' ' | sed 's/^ *//; s/ *$//'
    )
}

expect_offers() { # LINE WANTED
    expect_equal "$(offers "$1")" "$2" "what is offered for '$1'"
    [ ! -s "$work/bash.log" ] || fail "bash complains: $(cat "$work/bash.log")"
}

# All commands, of the program itself, and all of its options.
commands=$(rdv help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//')
[[ " $commands " == *' exec '* ]] || fail 'rdv help lists no exec'
expect_offers 'rdv ' "$commands"
expect_offers 'rdv help ' "$commands"
for command in $commands; do
    options=$(rdv help "$command" | grep -oE -- '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort | tr '\n' ' ' | sed 's/ $//')
    [[ " $options " == *' --json '* ]] || fail "rdv help $command lists no --json"
    expect_offers "rdv $command --" "$options"
done
expect_offers 'rdv --v' '--verbose'
expect_offers 'rdv ke' 'key keygen'
expect_offers 'rdv exec --psk-' '--psk-fd --psk-file'
expect_offers 'rdv exec @ho' '@holiday @home'
expect_offers 'rdv guest ro' 'rotate'
expect_offers 'rdv -v guest @home ro' 'rotate'
expect_offers 'rdv guest add x ri' 'rights='
expect_offers 'rdv guest rotate @home x ' 'overlap= psk='
expect_offers 'rdv guest add x rights=' ''
expect_offers 'rdv open --key l' 'letter.box'
expect_offers 'rdv open -o l' 'letter.box'
expect_offers 'rdv seal a' 'a file'
expect_offers 'rdv exec --psk-fd ' ''
expect_offers 'rdv nonsense ' 'a file letter.box'
expect_offers 'rdv help exec ' ''

# The same by the Tab key.
cat >"$work/tab.exp" <<'EOF'
set timeout $env(DEADLINE)
proc must {what} {
    expect -ex $what {} timeout { puts "\nno $what"; exit 1 } eof { puts "\nthe end, no $what"; exit 1 }
}
spawn -noecho bash --norc --noprofile
send "PS1='> '; . '$env(SCRIPT)'; cd '$env(HERE)'; echo is-\"\"ready\r"
must is-ready
must "> "
send "echo; rdv keyg\t"
must "rdv keygen "
send "\025rdv exec --psk-fi\t"
must "rdv exec --psk-file "
send "\025rdv exec @hol\t"
must "rdv exec @holiday "
send "\025rdv guest add x expi\t1d rig\t"
must "expires=1d rights="
send "\025rdv seal let\t"
must "rdv seal letter.box "
send "\025rdv seal a\t"
must "rdv seal a\\ file "
send "\025exit\r"
expect eof
EOF
SCRIPT=$script HERE=$work/here DEADLINE=$DEADLINE HOME=$work/home PATH=$work/root/bin:$PATH \
    timeout "$DEADLINE" expect -f "$work/tab.exp" >"$work/tab.out" 2>&1 || fail 'the Tab key'

the_end
