#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv exec: the text languages from a command line, and keys that nobody else sees.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
make_guest
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# Commands as operands, in a URI, and from standard input; their answers and no more.
expect_rdv 0 'RDV keystore 0.1' exec -k "$psk" "${at}?query=?00"
expect_rdv 0 'OK
hello
OK' exec -k "$psk" "$at" 'Z00hello' I00 Z00
expect_rdv 0 '' exec -k "$psk" "$at" I00
expect_equal "$(printf 'Z00a b\r\nI00\n\n?00' | rdv exec -k "$psk" "$at" -)" "OK
a b
RDV keystore 0.1" 'answers to standard input'
expect_rdv 0 '' exec -k "$psk" "$at" '?02'
expect_rdv 0 'a b' exec -k "$psk" "$at" .I00
# What stands behind the end is not run, and that is told.
expect_rdv 69 '' exec -k "$psk" "$at" '?02' 'Z00never'
expect_has "$work/rdv.log" 'ended'
expect_rdv 69 'a b' exec -k "$psk" "$at" .I00 'Z00never'
expect_rdv 0 '{"command":"I00","answer":"a b"}' exec --json -k "$psk" "$at" I00

# Words end with their answer, however long.
rdv exec -k "$psk" "$at" '!help' '?00' >"$work/help.out"
expect_has "$work/help.out" '!guest add NAME'
expect_equal "$(tail -n 1 "$work/help.out")" 'RDV keystore 0.1' 'what follows the words'

# What is refused: the others still run, and the status tells.
expect_rdv 77 'a b' exec -k "$psk" "$at" '?A9' '?xx' I00
expect_has "$work/rdv.log" 'refused'
expect_rdv 66 '' exec -k "$psk" "$at" '!guest show nobody'
expect_has "$work/rdv.log" 'rdv exec: absent: '
expect_rdv 66 '{"error":{"code":"absent","text":"no account \"nobody\""}}' \
    exec --json -k "$psk" "$at" '!guest show nobody'

# A guest by its own key, from a file descriptor.
expect_rdv 77 'RDV keystore 0.1' exec --psk-fd 4 -i guest "$at" '?00' 'Z00x' 4<<<"$guest_psk"

# A way that leads nowhere has a status of its own.
expect_rdv 77 '' exec -k "$psk" -i stranger "$at" '?00'
expect_has "$work/rdv.log" 'refuses the identity or its key'
expect_rdv 77 '' exec -k "$(key_file other "$guest_psk")" "$at" '?00'
expect_rdv 66 '' exec -k "$psk" "shellS://key9.com(root)@$front/" '?00'
expect_has "$work/rdv.log" 'no secure element of this name'
expect_rdv 69 '' exec -k "$psk" --at 127.0.0.1:1 "$at" '?00'
expect_has "$work/rdv.log" 'Connection refused'
expect_rdv 66 '' exec -k "$psk" --at no-such-host.invalid "$at" '?00'
expect_rdv 64 '' exec -k "$psk" "$at"
expect_rdv 64 '' exec -k "$psk" '?00'
expect_rdv 64 '' exec -k "$psk" "shellS://key1.com@$front/record" '?00'
expect_rdv 64 '' exec --colour "$at" '?00'
expect_rdv 64 '' exec --timeout never "$at" '?00'
expect_rdv 64 '' exec "$at" '?00' # no key, and no terminal to ask at
expect_rdv 64 '' juggle

# A key file that others could read is not one.
chmod 640 "$psk"
expect_rdv 77 '' exec -k "$psk" "$at" '?00'
expect_has "$work/rdv.log" 'chmod 600'
chmod 600 "$psk"

# The form of the draft, key and all: it works, with a warning, and ps does not show the key.
mkfifo "$work/lines"
"$RDV_BIN/rdv" exec "shellS://key1.com:$demo_psk@$front/?query=Z00$guest_psk" - "Z01$guest_psk" \
    <"$work/lines" >"$work/draft.out" 2>"$work/draft.log" &
draft=$!
exec 3>"$work/lines"
until_true 'the answer to the draft' test -s "$work/draft.out"
tr '\0' ' ' <"/proc/$draft/cmdline" >"$work/cmdline.out"
expect_has "$work/cmdline.out" 'shellS://key1.com:***'
expect_has_not "$work/cmdline.out" "$demo_psk"
expect_has_not "$work/cmdline.out" "$guest_psk"
echo I00 >&3
exec 3>&-
wait $draft || fail 'the draft ended badly'
expect_equal "$(cat "$work/draft.out")" "OK
$guest_psk
OK" 'the answers to the draft'
expect_has "$work/draft.log" 'can be seen by every user'
expect_has_not "$work/draft.log" "$demo_psk"

the_end
