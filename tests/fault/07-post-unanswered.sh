#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The front is killed while a post is unanswered: done and not told, or never done. The client says that it
# does not know; repeated with its key, the post is done once in either case.
. "$(dirname "$0")/../e2e/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
gpsk=$(key_file meter "$guest_psk")
at="shellS://key1.com(root)@$front/"
rdv guest add -k "$psk" "$at" meter rights=read,write records=all posts=100 "psk=@$gpsk" >/dev/null
posts_of_meter() {
    rdv guest show -k "$psk" "$at" meter | sed -n 's/^posts *//p'
}

# behind_kept WHAT COMMAND...: the command posts by $bad, through a network that keeps the answer, or the request;
# the front is killed then, and another one is there at once. Its status is in $status.
behind_kept() {
    local what=$1 client
    rm -f "$work/kept"
    start cutter "$work/cutter.ready" "$RDV_BIN/cutter" "$front" "$work/cutter.ready" 1 0 0 "$what=$work/kept"
    bad=shellS://key1.com\(meter\)@$(cat "$work/cutter.ready")/record/10
    HOME=$work/home timeout "$DEADLINE" "${@:2}" "$bad" "${more[@]}" >"$work/client.out" 2>&1 &
    client=$!
    until_true "the $what to be kept" test -e "$work/kept"
    stop front KILL
    start_front
    status=0
    wait "$client" || status=$?
    stop cutter
}

posts=0
for what in answer request; do
    # Of one try: it is not known. What is there afterwards tells the two apart.
    printf '%s' "$what" >"$work/content"
    more=("$work/content")
    behind_kept "$what" "$RDV_BIN/rdv" put --tries 1 -k "$gpsk"
    expect_equal "$status" 75 "the status when the $what is lost"
    expect_has "$work/client.out" 'rdv put: outcome-unknown: '
    [ "$what" = request ] || posts=$((posts + 1))
    expect_equal "$(posts_of_meter)" "$posts/100" "posts after a lost $what"
    [ "$what" = request ] || expect_equal "$(rdv get -k "$psk" "$at" 10)" answer 'the record'

    # Repeated by rdv, and by the device of the examples: done once.
    behind_kept "$what" "$RDV_BIN/rdv" put -v -k "$gpsk"
    expect_equal "$status" 0 "the status when the post is repeated"
    expect_has "$work/client.out" 'trying again'
    posts=$((posts + 1))
    expect_equal "$(posts_of_meter)" "$posts/100" "posts after a repeated $what"
    more=("$gpsk" "$what by the device")
    behind_kept "$what" "$RDV_BIN/../examples/device"
    expect_equal "$status" 0 "the device's status"
    posts=$((posts + 1))
    expect_equal "$(posts_of_meter)" "$posts/100" "posts of the device after a lost $what"
    expect_equal "$(rdv get -k "$psk" "$at" 10)" "$what by the device" 'the record'
done

# Many at once. The card stands still, the front is killed with all that was asked and not answered; the same
# command goes on, and each is done once.
mkdir "$work/many"
for i in {0..63}; do
    head -c 60000 /dev/urandom >"$work/many/$(printf %02X "$i")"
    echo "!record set $(printf %02X "$i") max=60000"
done | rdv exec -k "$psk" "$at" - >/dev/null
mkfifo "$work/say"
"$RDV_BIN/rdv" put -v --tries 1 -k "$gpsk" "shellS://key1.com(meter)@$front/" "$work/many" 2>"$work/say" &
putting=$!
grep -m 1 -q 'record 02' "$work/say"
kill -STOP "${pid_of[card]}"
stop front KILL
kill -CONT "${pid_of[card]}"
cat "$work/say" >"$work/rest.out" || :
status=0
wait $putting || status=$?
expect_equal "$status" 75 'the status of the transfer'
expect_has "$work/rest.out" 'rdv put: outcome-unknown: '
start_front
rdv put -v -k "$gpsk" "shellS://key1.com(meter)@$front/" "$work/many" 2>"$work/rdv.log"
expect_has "$work/rdv.log" 'going on: '
expect_equal "$(posts_of_meter)" "$((posts + 64))/100" 'posts of the transfer'
for file in "$work"/many/*; do
    rdv get -k "$psk" "$at" "$(basename "$file")" | cmp - "$file" || fail "record $(basename "$file") differs"
done

the_end
