#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every line has one answer, in its own record, whatever it holds; what is wrong answers ERROR,
# changes nothing, and the session goes on.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
as_root 'Z00kept' >/dev/null

error='answer:ERROR\r\n'

# error_for TEXT...: each line is refused, the session goes on.
error_for() {
    local text steps=()
    for text in "$@"; do
        steps+=("send:$text\\n" "$error")
    done
    probe --identity root play open "${steps[@]}" 'send:I00\n' 'answer:kept\r\n'
}

# An empty line, blanks, and less than a command.
error_for '' '\r' ' ' '.' '?' '?0' 'Z' 'Z0' '..?00' ' ?00' '.\r'
# The dot ends the session behind an ERROR too.
probe play open 'send:.\n' "$error" 'send:.?99\n' "$error" closed

# NUL, high and control bytes where a command should be.
error_for '\x00' '\xff\xfe\xfd' '\x1b[31m' '?00\x00' 'Z0\x00' '\x00?00' '?\x8000'
# The same as a record's content are only bytes.
probe play open 'send:Z10\x00\x01\xff\x80\r\r\n' 'answer:OK\r\n' \
    'send:I10\n' 'answer:\x00\x01\xff\x80\r\r\n' 'send:Z11\xc3\xa9\n' 'answer:OK\r\n' \
    'send:I11\n' 'answer:\xc3\xa9\r\n'

# Hex that is odd, foreign, too short or too long.
error_for '?FFA' '?FFABC' '?FFxy' '?FF0 ' '?FF 0' '?FF0g' '?FF0x' "?A0${guest_psk:0:63}" \
    "?A0${guest_psk}0" "?A0${guest_psk}00" "?A0g${guest_psk:1}" '?A0' '?A5' '?A50' '?A5011' \
    '?A502' '?A57F' '?A8' '?A804' '?A8040' '?A8040C00' '?A80610' '?A8060C' '?A80008' '?A804zz' \
    'Zxx1' 'Ix0' 'I0' 'I000' '?AA' "?AA$demo_psk" "?AA$demo_psk${demo_psk:1}"

# Commands nobody knows, and those that lack what they take.
error_for '?03' '?04' '?07' '?99' '?0C' '?0E' '?30' '?33' '?A2' '?D0' '?00x' '?02x' \
    '?A1x' '?06' '?05' 's00' 'p00' 'r00' 'P00' 'X00' 'R00' 'v00' \
    'b00' 'h00' 'H00' 'm00' 'A00' 'a00' 'E00' 'd00' 'q00' 'z001' 'i00' '\x4000' '{00' '\xe9''00'

# Names of guests and of root.
error_for '?06 guest' '?06guest ' '?06\x01' "?06$(printf 'n%.0s' {1..65})" '?06root' \
    '?06Client_identity' '?05' "?05$(printf 'n%.0s' {1..65})"

# A line that does not end, completed later; one that never is, at close_notify.
probe play open 'send:?0' 'send:0\r' 'send:\n' 'answer:RDV keystore 0.1\r\n'
probe play open 'send:I00\nI0' 'answer:kept\r\n' 'send:0\n' 'answer:kept\r\n'
probe play open 'send:Z00lost' close "$error" closed
probe play open 'send:I00\nZ00lost' close 'answer:kept\r\n' "$error" closed
probe play open 'send:I00\nZ00lost' shut 'answer:kept\r\n' ended

# Several lines in one record: one answer each, in order, each in a record of its own.
probe play open 'send:?00\r\nI00\n\nZ20a\nI20\n?99\nZ20b\nI20\n' 'answer:RDV keystore 0.1\r\n' \
    'answer:kept\r\n' "$error" 'answer:OK\r\n' 'answer:a\r\n' "$error" 'answer:OK\r\n' \
    'answer:b\r\n'
# An answer that is empty is a line all the same.
probe play open 'send:I30\nZ30\nI30\n?01\n' 'answer:\r\n' 'answer:OK\r\n' 'answer:\r\n' 'answer:\r\n'

# Text and hex back, in upper case; either case in.
probe play open 'send:?01Hello, \x22world\x22\n' 'answer:Hello, \x22world\x22\r\n' \
    'send:?ffdeadBEEF\n' 'answer:DEADBEEF\r\n' 'send:?FF\n' 'answer:\r\n' \
    'send:ZfFcase\n' 'answer:OK\r\n' 'send:IFf\n' 'answer:case\r\n'

# Five thousand lines through a pipe: five thousand answers, in order.
for i in {1..1000}; do
    printf 'Z%02X%d\nI%02X\r\n\n?01%d\n?FF%04X\n' $((i % 256)) "$i" $((i % 256)) "$i" "$i" >&3
    printf 'OK\r\n%d\r\nERROR\r\n%d\r\n%04X\r\n' "$i" "$i" "$i" >&4
done 3>"$work/lines" 4>"$work/wanted"
printf '?02\n' >>"$work/lines"
s_client -quiet -servername key1.com -psk_identity root -psk "$demo_psk" <"$work/lines" \
    >"$work/answers" 2>"$work/s_client.log"
cmp "$work/answers" "$work/wanted" || fail "the answers of a pipe"

the_end
