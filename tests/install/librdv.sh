#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The library as others find it: installed, found by pkg-config, with the names of its headers and
# no other.
#
#   librdv.sh SOURCE BINARY CC FLAGS...      FLAGS: what the library was built with (sanitizers)
#
# The examples it builds are left in BINARY/examples, for the stories to run.
set -euo pipefail
source=$1 binary=$2 cc=$3
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "librdv.sh: $*" >&2
    exit 1
}

cmake --install "$binary" --prefix "$work" --component librdv >/dev/null
pc=$(find "$work" -name rdv.pc)
lib=$(dirname "$pc")/..
export PKG_CONFIG_PATH=${pc%/*}
# It was configured for another place than this one.
flags=$(pkg-config --define-variable=prefix="$work" --cflags --libs rdv)

# What the headers declare is what the library exports.
for header in "$work"/include/rdv/*.h; do
    echo "#include <rdv/${header##*/}>" | "$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror \
        -fsyntax-only -I"$work/include" -x c - || fail "${header##*/} does not compile alone"
done
cat "$work"/include/rdv/*.h | "$cc" -E -P -I"$work/include" -x c - |
    tr '\n' ' ' | grep -oE '\brdv_[a-z_0-9]+ ?\([^*]' | tr -d ' (' |
    sed 's/.$//' | grep -vE '^rdv_(client|session)$' | sort -u >"$work/declared"
nm -D --defined-only "$lib/librdv.so" | sed -n 's/.* T \(rdv_[a-z_0-9]*\).*/\1/p' | sort -u >"$work/exported"
diff "$work/declared" "$work/exported" >&2 || fail 'the headers (<) and the library (>) differ'
nm -D --defined-only "$lib/librdv.so" | grep -E ' [BCD] ' >&2 && fail 'it exports a variable'

# The examples, as their first lines say.
mkdir -p "$binary/examples"
for example in "$source"/guest_tools/examples/*.c; do
    name=$(basename "$example" .c)
    [ "$(wc -l <"$example")" -lt 60 ] || fail "$name has 60 lines or more"
    # shellcheck disable=SC2086
    "$cc" -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Wpedantic -Werror "$@" "$example" $flags \
        -Wl,-rpath,"$binary" -o "$binary/examples/$name" || fail "$name does not compile"
done
echo "$(wc -l <"$work/exported") functions, installed and found"
