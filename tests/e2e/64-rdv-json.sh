#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --json of every command of rdv: objects, one a line, whatever comes of it; and exit codes by class, which
# go with the word of the error.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front
psk=$(key_file root "$demo_psk")
at="shellS://key1.com(root)@$front/"
mkdir -p "$work/home"
printf 'twelve bytes' >"$work/file"
mkdir "$work/records"
cp "$work/file" "$work/records/11"
key=$(as_root '?0A' | tr -d '\r')

# objects FILE KEY: each line is one, the last has the key, and it has an error only when that is the key.
objects() {
    ruby -rjson -e 'objects = File.readlines(ARGV[0]).map { |line| JSON.parse(line) }
        abort "no object: #{ARGV[0]}" unless objects.any? && objects.all? { |o| o.is_a?(Hash) }
        abort "no #{ARGV[1]} in #{objects.last}" unless objects.last.key?(ARGV[1]) || ARGV[1] == "{}"
        abort "an error" if objects.last.key?("error") != (ARGV[1] == "error")' "$1" "$2"
}

declare -A told=()
# json KEY COMMAND ARGUMENT...: it is done.
json() {
    rdv "$2" --json "${@:3}" >"$work/json.out" 2>"$work/rdv.log" </dev/null || fail "rdv ${*:2}: $?"
    objects "$work/json.out" "$1" || fail "rdv ${*:2}: not JSON as it should be"
    told[$2]=yes
}

# ask KEY COMMAND ARGUMENT...: the same of a command that asks a card; to a port where none is, it is refused.
ask() {
    json "$1" "$2" -k "$psk" "$at" "${@:3}"
    refused 69 closed "$2" -k "$psk" --at 127.0.0.1:1 -t 5 "$at" "${@:3}"
}

# refused STATUS WORD COMMAND ARGUMENT...: for people and for programs, and the status is that of the word.
refused() {
    local status=0
    rdv "$3" --json "${@:4}" >"$work/json.out" 2>"$work/rdv.log" </dev/null || status=$?
    expect_equal "$status" "$1" "the status of rdv ${*:3}"
    tail -n 1 "$work/json.out" >"$work/last.out"
    objects "$work/last.out" error || fail "rdv ${*:3}: its error is not JSON"
    grep -qF "\"code\":\"$2\"" "$work/last.out" || fail "rdv ${*:3}: another code than $2"
    [ -s "$work/rdv.log" ] || fail "rdv ${*:3}: nothing for people"
    grep -qE "^RDV_ERR\([A-Z]+, \"$2\", .*, $1\)$" "$here/../../base/err.def" || fail "$2 does not go with $1"
}

# --- done -------------------------------------------------------------------------------------------

ask changed put 10 "$work/file"
ask changed put "$work/records"
ask content get 10
ask changed get --all "$work/back"
ask list list
ask list key list
ask '{}' key generate 03 type=secp256k1
ask list guest list
ask name guest show root
json handover guest -k "$psk" "$at" add reader psk=auto
ask list session list
ask list audit
ask record record show 10
ask list confirm list
ask public identity show
ask '{}' wrap set "first=$demo_psk"
ask '{}' handshake set "psk=$demo_psk"
ask sen info
ask name whoami
ask '{}' rekey "psk=@$psk"
json '{}' backup -k "$psk" "$at" monday
json verdict log -k "$psk" "$at"
json verdict receipt -k "$psk" "$at" 1
json next watch -k "$psk" "$at" 1 --count 2
json verdict head -k "$psk" "$at"
ask '{}' ack bridge 1
ask list consumer list
rdv receipt -k "$psk" "$at" 1 -o "$work/1.cose" >"$work/receipt.out" || fail 'a receipt'
json verdict verify --card-key "$key" "$work/1.cose"
ask answer exec '?00'
json check doctor -k "$psk" "$at"
json profile profile add home "$at" -k "$psk"
json profile profile show home
json profile profile list
json profile profile remove home
json public keygen "$work/secret"
json bytes seal --to "$(rdv keygen --public "$work/secret")" -o "$work/box" "$work/file"
json content open --key "$work/secret" "$work/box"
printf '?00\nI10\n' | rdv shell --json -k "$psk" "$at" >"$work/json.out" || fail 'rdv shell'
objects "$work/json.out" answer || fail 'rdv shell: not JSON'
expect_equal "$(wc -l <"$work/json.out")" 2 'answers of the shell'
told[shell]=yes
json help help
commands=$(ruby -rjson -e 'STDIN.each_line { |l| o = JSON.parse(l); puts o["command"] if o["command"] }' < <(rdv help --json))
for command in $commands; do
    json option help "$command"
    rdv "$command" --help --json | cmp - "$work/json.out" || fail "rdv $command --help differs"
done
rdv --json --version >"$work/json.out"
objects "$work/json.out" version || fail 'rdv --version'

# --- not done ---------------------------------------------------------------------------------------

refused 64 usage get -k "$psk" "$at" 100
refused 64 unknown exec -k "$psk" "$at" '!juggle'
refused 65 limit put -k "$psk" "$at" 10 "$RDV_BIN/rdv-server"
refused 65 format guest -k "$psk" "$at" add x colour=red
refused 65 weak seal --to "$(printf '0%.0s' {1..64})" "$work/file"
refused 66 absent guest -k "$psk" "$at" show nobody
refused 66 absent put -k "$psk" "$at" 10 "$work/nowhere"
refused 73 exists keygen "$work/secret"
refused 74 io get -k "$psk" "$at" 10 -o "$work/nowhere/file"
refused 76 state restore -k "$psk" "$at" accept
told[restore]=yes
refused 77 auth info -k "$(key_file wrong "$guest_psk")" "$at"
chmod 644 "$psk"
refused 77 exposed info -k "$psk" "$at"
chmod 600 "$psk"
json '{}' key -k "$psk" "$at" hold 03
refused 77 denied key -k "$psk" "$at" export 03 part=private
echo '[x' >"$work/broken"
chmod 600 "$work/broken"
refused 78 config info -c "$work/broken"
stop card
refused 75 busy info -k "$psk" "$at"

# Whoever adds a command to rdv tells here what it says.
for command in $commands; do
    [ "${told[$command]-}" = yes ] || fail "nothing is told here of rdv $command"
done

the_end
