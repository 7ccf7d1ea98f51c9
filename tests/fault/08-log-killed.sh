#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The card is killed while 32 sessions write and old entries go with every commit. After each restart
# the log holds what it must: all that was acknowledged of the records that a consumer reads, the last
# ones of the others; each chain whole, as rdv verify sees it.
. "$(dirname "$0")/../e2e/lib.sh"

ROUNDS=5
KEEP=2 # entries

make_demo_cards
start_card
start_front
root=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# Of the records that the sessions write, 00-DF, the consumer reads half.
root_does '!guest add holder rights=read records=00-6F' '!consumer add holder account=holder'
for ((record = 0; record < 224; record++)); do
    printf '!record set %02X keep=%d\n' "$record" "$KEEP" >>"$work/settings"
done
rdv exec -k "$root" "$at" - <"$work/settings" >"$work/set.out" || fail 'settings of records'
key=$(rdv exec -k "$root" "$at" '?0A')

# While it is read nothing goes: a consumer is made for that time. Else what goes between two answers
# would look like a gap.
check_log() {
    root_does '!consumer add reading account=root'
    rdv log -k "$root" "$at" --lines >"$work/lines" || fail 'rdv log'
    rdv verify --card-key "$key" --archive --json --content <"$work/lines" >"$work/judged" 2>"$work/verify.log" ||
        fail "the chains are not whole: $(grep -v '"verdict":"VALID"' "$work/judged" | head -n 3)"
    # RECORD VALUE, as they stand in the log and as the sessions were answered.
    sed -nE 's/.*"topic":"rdv\/key1.com\/record\/(..)".*"text":"([0-9]+) *".*/\1 \2/p' "$work/judged" >"$work/held"
    expect_equal "$(wc -l <"$work/held")" "$(wc -l <"$work/lines")" 'entries that were understood'
    awk -v keep="$KEEP" '
        NR == FNR { held[$0] = 1; n[$1]++; values[$1] = values[$1] " " $2; if ($1 < "70") all++; next }
        $1 < "70" && !($0 in held) { print "not in the log: " $0; bad = 1 }
        { last[$1] = $2 }
        END {
            for (r in last) { # but for those behind it that were not answered
                newer = 0
                split(values[r], v, " ")
                for (i in v)
                    newer += v[i] > last[r]
                if (!((r " " last[r]) in held) && newer < keep) {
                    print "the last is not in the log: " r " " last[r]
                    bad = 1
                }
            }
            for (r in n)
                if (r >= "70") some += n[r]
            print all " entries held for the consumer, " some " of the others"
            exit bad
        }' "$work/held" "$work/state.acked" >"$work/compared" || fail "$(head -n 3 "$work/compared")"
    root_does '!consumer drop reading'
}

# A slow machine takes more rounds.
written=0
for ((round = 1; round <= ROUNDS || written < 2000; round++)); do
    rm -f "$work/begun"
    probe_beside writers write 32 "$work/state" "$work/begun"
    until_true 'all sessions to be acknowledged' test -e "$work/begun"
    sleep "0.$(printf %03d $((RANDOM % 300)))" # the moment is chance's
    stop card KILL
    join writers
    start_card
    probe check "$work/state"
    check_log
    written=$(wc -l <"$work/state.acked")
    echo "round $round: $(cat "$work/writers.out"); $(cat "$work/compared")"
done
in_words '!info'
[ "$(said entries)" -lt "$written" ] || fail 'nothing was let go'

# The consumer has read all, and then nobody holds them. What goes now goes by the card's own timer.
root_does "!ack holder $(said seq)"
few() {
    in_words '!info'
    [ "$(said entries)" -le $((224 * KEEP)) ]
}
stop card KILL
start_card
until_true 'the log to be short' few
check_kept() {
    rdv log -k "$root" "$at" --lines | rdv verify --card-key "$key" --archive >"$work/judged" 2>&1 ||
        fail "the chains are not whole: $(grep -v '^VALID' "$work/judged" | head -n 3)"
}
check_kept
expect_talk as_root 'OK' 'Z00after'
check_kept

the_end
