#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What root does with rdv: accounts, sessions, audit, keys, backup.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
as_root_rdv() { # COMMAND ARGUMENT...: by root, here
    local command=$1
    shift
    rdv "$command" -k "$psk" "$at" "$@"
}
value() { # NAME: of the lines of a result
    sed -n "s/^$1  *//p"
}

# A guest, and the address to hand over: it works as it is.
as_root_rdv guest add "o(x)@/ y" rights=read,write records=10-1F psk=auto expires=30d posts=1000 \
    >"$work/guest.out"
expect_equal "$(value posts <"$work/guest.out")" '0/1000' 'posts of the guest'
expect_has_not "$work/guest.out" handover
uri=$(value uri <"$work/guest.out")
case $uri in
"shellS://key1.com:"*"(o%28x%29%40%2F%20y)@$front/") ;;
*) fail "the address handed over is $uri" ;;
esac
expect_equal "$(printf 'Z10hi' | rdv exec "$uri" - 2>/dev/null)" OK 'the new guest writes'
expect_equal "$(rdv get "$uri" 10 2>/dev/null)" hi 'the new guest reads'
expect_rdv 77 '' get "$uri" 00
expect_has "$work/rdv.log" 'denied: right=read record=00'

# Showing, changing, rotating, locking out.
as_root_rdv guest set "o(x)@/ y" records=00-0F,20 needs-name=yes posts=none | value records >"$work/set.out"
expect_equal "$(cat "$work/set.out")" '00-0F,20' 'records of the guest'
as_root_rdv guest show "o(x)@/ y" --json | grep -qF '"needs-name":true' || fail 'guest show --json'
as_root_rdv guest rotate "o(x)@/ y" overlap=1h >"$work/rotate.out"
new=$(value uri <"$work/rotate.out")
rdv list "$uri" >/dev/null 2>&1 || fail 'the first key during the overlap'
rdv list "$new" >/dev/null 2>&1 || fail 'the second key'
expect_rdv 77 '' list "$uri"
as_root_rdv guest disable "o(x)@/ y"
expect_rdv 77 '' list "$new"
as_root_rdv guest enable "o(x)@/ y"
rdv list "$new" >/dev/null 2>&1 || fail 'the guest enabled again'
as_root_rdv guest unlock "o(x)@/ y"
as_root_rdv guest delete "o(x)@/ y"
expect_rdv 66 '' guest -k "$psk" "$at" show "o(x)@/ y"

# Many accounts: the list is whole, in however many answers it came.
for i in {1..250}; do echo "!guest add many$i"; done | rdv exec -k "$psk" "$at" - >/dev/null
expect_equal "$(as_root_rdv guest list | wc -l)" 253 'lines of the list' # head, guest, root
expect_equal "$(as_root_rdv guest list --json | grep -o '"name":"many' | wc -l)" 250 'accounts in JSON'

# Sessions.
probe_beside there --identity root --psk "$demo_psk" play open "mark:$work/there" closed
until_true 'a session' test -e "$work/there"
as_root_rdv session list >"$work/sessions.out"
id=$(awk 'NR > 1 { print $1 }' "$work/sessions.out" | sort -n | head -n 1) # the other is this one's
as_root_rdv session end "$id"
join there
expect_rdv 66 '' session -k "$psk" "$at" end 4242

# The audit, all of it and a part.
as_root_rdv audit >"$work/audit.txt"
[ "$(wc -l <"$work/audit.txt")" -gt 250 ] || fail 'the audit is not whole'
expect_equal "$(awk 'NR > 1 && $1 != NR - 1' "$work/audit.txt")" '' 'rows out of order'
expect_equal "$(as_root_rdv audit 3 2 | awk 'NR > 1 { print $1 }' | tr '\n' ' ')" '3 4 ' 'two rows'

# Keys: made, used, shown, removed; a digest from a file.
as_root_rdv key generate 03 type=secp256k1 exportable=no >/dev/null
printf %064d 7 | xxd -r -p >"$work/digest"
as_root_rdv key sign 03 "data=@$work/digest" | grep -qE '^signature +30[0-9A-F]+$' || fail 'a signature'
expect_equal "$(as_root_rdv key list | awk 'NR == 2 { print $1, $2 }')" '03 secp256k1' 'the keys'
as_root_rdv key attest 03 | grep -qE '^statement +D284' || fail 'an attestation'
as_root_rdv key hold 03 >/dev/null
expect_rdv 77 '' key -k "$psk" "$at" export 03
as_root_rdv key clear 03
expect_equal "$(as_root_rdv key list)" "" "the keys that are left"

# Records' limits, the card itself, a copy of its database.
expect_equal "$(as_root_rdv record set 20 max=10 | value max)" 10 'the limit'
expect_rdv 65 '' put -k "$psk" "$at" 20 "$psk"
expect_equal "$(as_root_rdv info | value sen)" key1.com 'the name of the card'
as_root_rdv backup monday >/dev/null
[ -s "$work/cards/key1.com/monday" ] || fail 'no copy of the database'
expect_rdv 73 '' backup -k "$psk" "$at" monday
expect_rdv 76 '' restore -k "$psk" "$at" accept

# Everything the card can do in words has a command here, or one of its own.
rdv exec -k "$psk" "$at" '!help' | sed -n 's/^  !//p' | sed 's/ -.*//' |
    grep -oE '^[a-z]+( [a-z]+( |$))?' | sed 's/ $//' | sort -u >"$work/methods.txt"
[ "$(wc -l <"$work/methods.txt")" -gt 40 ] || fail 'the help of the card was not read'
while read -r method; do
    case $method in
    help | echo | put | get | post) continue ;;
    receipt | log | wait | ack | consumer* | head | "identity keys") continue ;; # with rdv log
    esac
    grep -qE "^METHOD\\([a-z]+, \"[a-z]*\", \"$method\"," "$here/../../guest_tools/rdv/methods.def" ||
        fail "no command of rdv asks for $method"
done <"$work/methods.txt"
expect_equal "$(as_root_rdv whoami | value name)" root 'who root is'
as_root_rdv identity show | grep -qE '^public +04[0-9A-F]{128}$' || fail "the card's own key"

# A new key of one's own: the session that sets it is the last with the old one.
as_root_rdv rekey "psk=@$(key_file new "$guest_psk")"
expect_rdv 77 '' whoami -k "$psk" "$at"
expect_equal "$(rdv whoami -k "$work/new.psk" "$at" | value name)" root 'root with its new key'
rdv rekey -k "$work/new.psk" "$at" "psk=@$psk"

# Wrong use, before anybody is asked.
expect_rdv 64 '' guest -k "$psk" "$at"
expect_rdv 64 '' guest -k "$psk" "$at" adopt x
expect_rdv 64 '' guest -k "$psk" "$at" add
expect_rdv 64 '' guest -k "$psk" "$at" add x y
expect_rdv 64 '' guest -k "$psk" "$at" add x posts=1 posts=2
expect_rdv 65 '' guest -k "$psk" "$at" add x colour=red
expect_has "$work/rdv.log" 'no key "colour" here'

# Keys among the operands are struck out.
mkfifo "$work/never"
"$RDV_BIN/rdv" guest -k "$psk" "$at" add x "psk=$guest_psk" "data=@$work/never" >/dev/null 2>&1 &
waiting=$!
struck_out() {
    tr '\0' ' ' <"/proc/$waiting/cmdline" >"$work/cmdline.out"
    grep -qF 'psk=***' "$work/cmdline.out"
}
until_true 'the key struck out' struck_out
expect_has_not "$work/cmdline.out" "$guest_psk"
kill $waiting
wait $waiting || true

the_end
