#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What root hands over with a new key is ready to use: pasted into a shell it logs in, whatever the
# identity is called, and the URI says the same.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front

# handed_over COMMAND...: what root is told, in $work/told.
handed_over() {
    as_root "$@" | tr -d '\r' >"$work/told"
    expect_has "$work/told" OK
}

# The line as a newcomer takes it: all of it, blanks in front included.
pasted() {
    printf '!whoami\r\n?02\r\n' | timeout "$DEADLINE" sh -c "$(grep '^  openssl' "$work/told")" \
        2>"$work/s_client.log" | tr -d '\r' || fail "the pasted line: $(tail -n 1 "$work/s_client.log")"
}

# The identity that the URI holds, with its escapes undone.
identity_of_uri() {
    sed -n 's/^uri=shellS:..[^:]*:[0-9A-F]*(\(.*\))@[^()]*$/\1/p' "$work/told" | sed 's/%\(..\)/\\x\1/g' |
        xargs -0 printf %b
}

# expect_ready NAME ADDRESS: the line logs NAME in, and the URI holds the same key and address.
expect_ready() {
    local psk
    expect_equal "$(pasted | head -n 1 | sed 's/ enabled=.*//')" "$(name_shown "$1")" "pasted: $1"
    psk=$(sed -n 's/^psk=//p' "$work/told")
    grep -qE "^uri=shellS://key1.com:$psk\\([A-Za-z0-9._~%-]*\\)@" "$work/told" || fail "the URI of $1"
    expect_has "$work/told" ")@$2/"
    expect_equal "$(identity_of_uri | tr -d '\n')" "$1" "the identity in the URI of $1"
    expect_has_not "$work/told" HOST
}

name_shown() { # as the language of words writes it
    local name=${1//\\/\\\\}
    case $1 in
    *[\ \"\\=]*) printf 'name="%s"' "${name//\"/\\\"}" ;;
    *) printf 'name=%s' "$1" ;;
    esac
}

word_of() {
    local name=${1//\\/\\\\}
    printf '"%s"' "${name//\"/\\\"}"
}

# shellcheck disable=SC2016,SC1003 # nothing is to be expanded
names=('sensor1' 'two words' "it's" 'say "hi"' 'a\b' '$(touch pwned) `touch pwned`' '-leads' "''"
    '%41+&?#/@:(x)' '*;|<>!~=[]{}^,' 'Quit' "a 'b' \"c\" \\'d" '\\' '"')
for name in "${names[@]}"; do
    handed_over "!guest add $(word_of "$name") psk=auto"
    expect_ready "$name" "$front"
done
[ ! -e pwned ] || fail 'a name was run by the shell'

# A second key is handed over in the same way, and the first identity counts.
handed_over "!guest rotate $(word_of "it's")"
expect_ready "it's" "$front"
handed_over '!guest set sensor1 identities="other,b c" psk=auto'
expect_equal "$(identity_of_uri)" 'b c' 'the first of two identities'
expect_equal "$(pasted | head -n 1 | sed 's/ enabled=.*//')" name=sensor1 'pasted: by another identity'

# A key that root has made up is not repeated.
as_root "!guest set sensor1 psk=$guest_psk" >"$work/told"
expect_has_not "$work/told" "$guest_psk"
expect_has_not "$work/told" openssl

# The address is the one that root has reached, here another of this machine.
port=${front##*:}
stop front
front=0.0.0.0:$port
start_front
front=127.0.0.2:$port
handed_over '!guest add here psk=auto'
expect_ready here "127.0.0.2:$port"
stop front

# Over IPv6 too, where there is one; an IPv4 client of such a front keeps its own name.
if front='[::]:0' && start_front 2>/dev/null; then
    port=${front##*:}
    front="[::1]:$port"
    handed_over '!guest add six psk=auto'
    expect_ready six "[::1]:$port"
    front=127.0.0.1:$port
    handed_over '!guest add four psk=auto'
    expect_ready four "127.0.0.1:$port"
    until_true 'its line' grep -q ' from 127.0.0.1:[0-9]* sen=key1.com' "$work/front.log"
    expect_has_not "$work/front.log" '::ffff:'
    stop front
else
    echo 'no IPv6 here: not tried'
fi

# What the front is told counts more.
front=127.0.0.1:0
start_front --public rdv.example.org:443
handed_over '!guest add far psk=auto'
expect_has "$work/told" "-connect 'rdv.example.org:443' "
expect_has "$work/told" '(far)@rdv.example.org:443/'
stop front
# shellcheck disable=SC2016
for bad in 'x' 'x:0' 'a b:1' '$(x):1' ':1' "x:1'"; do
    expect_status 64 "$RDV_BIN/rdv-server" --cards "unix:$work/card.sock" --public "$bad"
    expect_has "$work/command.out" 'is not HOST:PORT'
done

the_end
