#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/using.md does what it says: its boxes are run in their order, against a card, with librdv installed.
. "$(dirname "$0")/lib.sh"

page=$here/../../docs/using.md
build=$(cd "$RDV_BIN/.." && pwd)
se_card init --dir "$work/cards" --sen key1.com --root-psk-file "$work/key1.com.root.psk" >>"$work/init.log" 2>&1 ||
    fail 'se-card init'
start_card
start_front

# What the boxes find: the tool, the library, the example, the card's address. The line of the broker has a
# story of its own.
cmake --install "$build" --prefix "$work/root" --component librdv >"$work/install.log" || fail 'librdv'
sed -n 's/^    //p' "$page" | grep -v '^mosquitto_sub ' >"$work/boxes"
[ "$(wc -l <"$work/boxes")" -gt 25 ] || fail 'the boxes are not found'
flags=$(sed -n 's/^RDV_SANITIZE:STRING=\(..*\)/-fsanitize=\1/p' "$build/CMakeCache.txt")
cp "$here/../../guest_tools/examples/device.c" "$work/"
pkgconfig=$(dirname "$(find "$work/root" -name rdv.pc)")
{
    echo 'set -eo pipefail'
    sed "s|192\.0\.2\.1:8443|$front|g
         s|pkg-config |pkg-config --define-variable=prefix=$work/root |
         s|^cc |cc $flags -Wl,-rpath,$build |" "$work/boxes"
} >"$work/boxes.sh"
(
    cd "$work"
    HOME=$work/home XDG_CONFIG_HOME='' PATH=$RDV_BIN:$PATH PKG_CONFIG_PATH=$pkgconfig \
        timeout 120 bash "$work/boxes.sh" >"$work/boxes.out" 2>"$work/boxes.log"
) || fail "a box ends with $?"

# Some of what they must have done.
expect_has "$work/boxes.out" 'login'
expect_has "$work/boxes.out" '22.5'
expect_has "$work/boxes.out" 'for your eyes'
expect_has "$work/boxes.out" '"name":"meter"'
expect_equal "$(grep -c 'VALID  .*record/0A' "$work/boxes.out")" 4 'entries that were judged'
[ -s "$work/cards/key1.com/monday" ] || fail 'no backup'
[ ! -e "$work/meter.uri" ] || fail 'an address with a key was left'

the_end
