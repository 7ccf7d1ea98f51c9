#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# librdv and rdv alone, as a device's maker builds them: without the daemons and where nothing is that only
# they take; and what is in the library then, which no sanitizer has added to.
#
#   client.sh SOURCE BINARY CC GENERATOR
#
# What was installed, and the examples built with it, are left in BINARY/client, for a story under valgrind.
set -euo pipefail
source=$1 binary=$2 cc=$3 generator=$4
client=$binary/client
fail() {
    echo "client.sh: $*" >&2
    exit 1
}

# All that pkg-config finds there.
mkdir -p "$client/pkgconfig"
for package in inih libcrypto libedit libsecp256k1 libsodium jansson wolfssl; do
    ln -sf "$(pkg-config --variable=pcfiledir "$package")/$package.pc" "$client/pkgconfig/"
done
export PKG_CONFIG_LIBDIR=$client/pkgconfig
! pkg-config --exists sqlite3 || fail 'sqlite3 is still found'

# Debug information that valgrind reads of every compiler.
cmake -G "$generator" -S "$source" -B "$client/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS=-gdwarf-4 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DRDV_DAEMONS=OFF -DRDV_WERROR=ON >"$client/cmake.log" ||
    fail "cmake: $(tail -n 5 "$client/cmake.log")"
cmake --build "$client/build" --parallel 2 >"$client/build.log" 2>&1 ||
    fail "it does not build: $(tail -n 20 "$client/build.log")"
[ "$(ls "$client/build/bin")" = rdv ] || fail "built, but not asked for: $(ls "$client/build/bin")"
rm -rf "$client/root"
cmake --install "$client/build" --prefix "$client/root" >/dev/null

# It prints nothing, ends nothing, and has no variable that could change. The compiler's own are not ours.
library=$(find "$client/root" -name librdv.so)
nm -D --undefined-only "$library" | awk '{ print $2 }' | sed 's/@.*//; s/^__\(.*\)_chk$/\1/' |
    grep -xE '(v|f|vf|d|vd)?printf|f?puts|f?putc|putchar|fwrite|perror|std(out|err)|_?exit|_Exit|quick_exit|abort|v?syslog' >&2 &&
    fail 'it calls what a library must not'
nm -f sysv --defined-only "$library" | tr -d ' ' |
    awk -F '|' '$7 ~ /^\.t?(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ && $1 !~ /^(completed\.0|__dso_handle|_|\.)/' |
    grep . >&2 && fail 'it has a variable that can change'

export PKG_CONFIG_LIBDIR=$PKG_CONFIG_LIBDIR:${library%/*}/pkgconfig
flags=$(pkg-config --define-variable=prefix="$client/root" --cflags --libs rdv)
mkdir -p "$client/examples"
for example in "$source"/guest_tools/examples/*.c; do
    # shellcheck disable=SC2086
    "$cc" -std=c11 -D_DEFAULT_SOURCE -O1 -gdwarf-4 -Wall -Wextra -Werror "$example" $flags \
        -Wl,-rpath,"${library%/*}" -o "$client/examples/$(basename "$example" .c)"
done
"$client/root/bin/rdv" --version
