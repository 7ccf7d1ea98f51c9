#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The device of the examples and rdv under valgrind, against a real card: no byte is read that was not
# written, and nothing is left behind, whether all goes well, is refused, or breaks off.
. "$(dirname "$0")/lib.sh"

client=$RDV_BIN/../client
[ -x "$client/examples/device" ] || fail 'install.client comes first'
command -v valgrind >/dev/null || exit 77
valgrind --quiet /bin/true 2>/dev/null || exit 77

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# below_valgrind STATUS COMMAND...: ends so, and valgrind has nothing to say.
below_valgrind() {
    local status=0
    HOME=$work/home XDG_CONFIG_HOME='' timeout "$DEADLINE" valgrind --quiet --leak-check=full --show-leak-kinds=all \
        --errors-for-leak-kinds=all --error-exitcode=99 \
        --log-file="$work/valgrind.log" "${@:2}" >"$work/command.out" 2>&1 </dev/null || status=$?
    expect_equal "$status" "$1" "the status of ${*:2}"
    [ ! -s "$work/valgrind.log" ] || fail "${*:2}: valgrind complains"
}

device() { # STATUS ARGUMENT...
    below_valgrind "$1" "$client/examples/device" "${@:2}"
}

tool() { # STATUS ARGUMENT...
    below_valgrind "$1" "$client/root/bin/rdv" "${@:2}"
}

device 0 "${at}record/0A" "$psk" 21.5
expect_talk as_root 21.5 I0A
device 64
device 64 'shellS://nonsense' "$psk" 1
device 66 "${at}record/0A" "$work/none" 1
device 66 "shellS://key9.com(root)@$front/record/0A" "$psk" 1
device 77 "${at}record/0A" "$(key_file other "$guest_psk")" 1
root_does '!record set 0B max=1'
device 65 "${at}record/0B" "$psk" 'more than a byte'
# An answer that is lost: the device tries again.
start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1
device 0 "shellS://key1.com(root)@$(cat "$work/cutter.ready")/record/0A" "$psk" 22.5
stop cutter
expect_talk as_root 22.5 I0A

head -c 300000 /dev/urandom >"$work/bytes"
root_does '!record set FF max=1048576'
tool 0 put -k "$psk" "$at" FF "$work/bytes"
tool 0 get -k "$psk" "$at" FF -o "$work/back"
cmp "$work/bytes" "$work/back" || fail 'a record came back changed'
tool 0 list --json -k "$psk" "$at"
tool 0 guest -k "$psk" "$at" add meter rights=read psk=auto
tool 66 guest -k "$psk" "$at" show nobody
tool 0 exec -k "$psk" "$at" '!help' '?00'
tool 0 doctor -k "$psk" "$at"
mkdir "$work/records"
cp "$work/bytes" "$work/records/FF"
tool 0 put -k "$psk" "$at" "$work/records"
tool 0 get -k "$psk" "$at" --all "$work/records"
tool 0 keygen -o "$work/public" "$work/secret"
tool 0 seal --to "@$work/public" -o "$work/box" "$work/bytes"
tool 0 open --key "$work/secret" -o "$work/opened" "$work/box"
cmp "$work/bytes" "$work/opened" || fail 'what was sealed came back changed'
tool 64 juggle
tool 69 info --at 127.0.0.1:1 -k "$psk" "$at"

the_end
