#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv doctor: a way that is good, and each fault that a way may have, by its name; and a card that
# must prove its own key to a profile.
. "$(dirname "$0")/lib.sh"
command -v expect >/dev/null || exit 77

make_demo_cards key1.com
se_card init --dir "$work/cards" --sen key2.com --root-psk-file "$work/key2.psk" >>"$work/init.log" 2>&1 ||
    fail 'se-card init'
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"

# expect_finding STATUS LINE ARGUMENT...: doctor says the line, by a pattern, and ends so.
expect_finding() {
    local status=0
    rdv doctor "${@:3}" >"$work/doctor.out" 2>"$work/rdv.log" </dev/null || status=$?
    grep -qE -- "$2" "$work/doctor.out" || fail "doctor ${*:3} does not say \"$2\""
    expect_equal "$status" "$1" "the status of doctor ${*:3}"
}

# A good way; keys that everybody knows are a warning.
expect_finding 0 '^ok +login +root at key2.com' -k "$work/key2.psk" "shellS://key2.com(root)@$front/"
expect_has_not "$work/doctor.out" warning
expect_equal "$(cut -c 1-17 "$work/doctor.out" | tr -s ' ' | sed 's/ $//' | tr '\n' ',')" \
    'ok key,ok name,ok connect,ok tls,ok login,ok card,ok clock,' 'the steps'
expect_finding 0 '^warning +card +demonstration' -k "$psk" "$at"
rdv doctor --json -k "$psk" "$at" >"$work/doctor.json" || fail 'doctor --json'
expect_has "$work/doctor.json" '{"check":"login","result":"ok","text":"root at key1.com"}'

# The key.
expect_finding 66 '^wrong +key .*No such file' -k "$work/none.psk" "$at"
chmod 644 "$psk"
expect_finding 77 '^wrong +key .*chmod 600' -k "$psk" "$at"
chmod 600 "$psk"
expect_finding 65 '^wrong +key .*64 hex digits' -k "$(key_file short 0102)" "$at"

# The way.
expect_finding 66 '^wrong +name +no-such-host.invalid' -k "$psk" --at no-such-host.invalid:1 "$at"
expect_finding 69 '^wrong +connect .*port 1: Connection refused' -k "$psk" --at 127.0.0.1:1 "$at"
rdv doctor --json -k "$psk" --at 127.0.0.1:1 "$at" >"$work/doctor.json" 2>&1 && fail 'a closed port is good'
expect_has "$work/doctor.json" '"check":"connect","result":"wrong"'
expect_has "$work/doctor.json" '"code":"closed"'

# What listens there. A server in Tcl, as expect brings it, that answers whatever comes.
start_answering() { # NAME TCL: what it does with connection $c, once bytes have come
    printf '%s\n' "proc answer {c} { read \$c 1; $2 }" \
        'proc come {c host port} { fconfigure $c -translation binary -blocking 0
           fileevent $c readable [list answer $c] }' \
        'set s [socket -server come -myaddr 127.0.0.1 0]' \
        'set f [open [lindex $argv 0] w]; puts $f 127.0.0.1:[lindex [fconfigure $s -sockname] 2]; close $f' \
        'vwait forever' >"$work/$1.tcl"
    start "$1" "$work/$1.ready" expect -f "$work/$1.tcl" "$work/$1.ready"
}
start_answering http 'puts -nonewline $c "HTTP/1.1 400 Bad Request\r\n\r\n"; close $c'
expect_finding 65 '^wrong +tls +what listens there does not speak TLS' -k "$psk" --at "$(cat "$work/http.ready")" "$at"
stop http KILL
start_answering mute ''
expect_finding 75 '^wrong +tls .*did not answer in time' -k "$psk" -t 0.3 --at "$(cat "$work/mute.ready")" "$at"
stop mute KILL
start_answering curt 'close $c'
expect_finding 69 '^wrong +tls .*closed the connection' -k "$psk" --at "$(cat "$work/curt.ready")" "$at"
stop curt KILL

# openssl s_server on a port of its own choice, as NAME; it writes what it is told to its log.
serve_openssl() { # NAME OPTION...
    local name=$1
    shift
    rm -f "$work/$name.in" "$work/$name.log"
    mkfifo "$work/$name.in"
    openssl s_server -accept 127.0.0.1:0 -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256 -no_ticket "$@" \
        <>"$work/$name.in" >"$work/$name.log" 2>&1 &
    pid_of[$name]=$!
    until_true "$name" grep -q '^ACCEPT 127' "$work/$name.log"
    served=$(sed -n 's/^ACCEPT //p' "$work/$name.log")
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=web -keyout "$work/web.key" \
    -out "$work/web.pem" 2>"$work/req.log" || fail 'a certificate'
serve_openssl web -cert "$work/web.pem" -key "$work/web.key"
expect_finding 76 '^wrong +tls ' -k "$psk" --at "$served" "$at"
stop web KILL

# The login.
expect_finding 66 '^wrong +sen +.*no secure element of this name .*key9.com' -k "$psk" "shellS://key9.com(root)@$front/"
expect_finding 77 '^wrong +login +.*refuses the identity or its key' -k "$(key_file other "$guest_psk")" "$at"
expect_finding 77 '^wrong +login +.*stranger at key1.com' -k "$psk" -i stranger "$at"

# A card whose clock is wrong, and that only reads: what it is asked is seen before it answers.
serve_openssl false -nocert -psk "$demo_psk" -psk_identity root -alpn rdv/1
rdv doctor -k "$psk" --at "$served" "$at" >"$work/doctor.out" 2>"$work/rdv.log" &
doctor=$!
until_true 'a question to the false card' grep -aq info "$work/false.log"
printf '\x83\x01\x00\xa2\x63now\x1a\x60\x00\x00\x00\x69read-only\xf5' >"$work/false.in"
status=0
wait $doctor || status=$?
expect_equal "$status" 65 'the status with a wrong clock'
grep -qE "^wrong +clock +this machine's clock is [0-9]+ s ahead of the card's" "$work/doctor.out" || fail 'no word of the clock'
grep -qE '^warning +card +reads only' "$work/doctor.out" || fail 'no word of reading only'
stop false KILL

# A profile knows its card by the card's own key: another card behind the same name is told, by doctor
# and by every command, before anything is asked of it.
mkdir -p "$work/home/.config/rdv"
profile() { # CARD-KEY
    printf '%s\n' '[home]' "address = $front" 'sen = key1.com' 'identity = root' "psk-file = $psk" "card-key = $1" \
        >"$work/home/.config/rdv/config"
}
key1=$(as_root '?0A' | tr -d '\r')
key2=$(sen=key2.com root_psk=$(cat "$work/key2.psk") && talk root "$root_psk" '?0A' | tr -d '\r')
[ "$key1" != "$key2" ] || fail 'two cards have one key'
profile "$key1"
expect_finding 0 '^ok +card-key +the card has proved'
expect_rdv 0 'RDV keystore 0.1' exec '?00'
profile "$key2"
expect_finding 77 '^wrong +card-key +this is not the card that the profile knows'
expect_rdv 77 '' exec 'Z00never'
expect_has "$work/rdv.log" 'not the card that the profile knows'
expect_talk as_root '' I00
profile 04AB
expect_finding 78 '^wrong +card-key '
profile "${key1%?}$([ "${key1: -1}" = 0 ] && echo 1 || echo 0)" # no point of the curve
expect_finding 78 '^wrong +card-key '

# A configuration that others can read.
chmod 644 "$work/home/.config/rdv/config"
expect_finding 77 '^wrong +profile .*chmod 600'
expect_rdv 64 '' doctor "$at" more

# The front without its card.
stop card
expect_finding 75 '^wrong +card +.*cannot serve now' -k "$psk" "$at"
the_end
