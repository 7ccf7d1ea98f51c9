#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the compiler does not check: who includes whom, which names and calls there are, how it reads.
#
#   check_fences.sh SOURCE BINARY CC LIBRARY...
#
# SOURCE is the tree, BINARY where it is built, LIBRARY each static library of ours. Says every
# breach in a line "file:line: what" and exits 1 if there was one.
set -u
export LC_ALL=C

source=$1 binary=$2 cc=$3
shift 3
cd "$source" || exit 2
breaches=$(mktemp) || exit 2
trap 'rm -f "$breaches"' EXIT

files=$(find . -path ./build -prune -o -name '*.[ch]' -print | sed 's|^\./||' | sort)
headers=$(echo "$files" | grep '\.h$')

# The lines of a file that match, as "file:line: what: text".
find_in() {
    grep -nE "$2" "$1" | while IFS=: read -r line text; do
        echo "$1:$line: $3: $text"
    done
}

# --- includes ---------------------------------------------------------------------------------------

# Ours are written from the root, so that the layer shows.
from_the_root() {
    find_in "$1" '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' 'include' |
        while IFS= read -r found; do
            path=${found#*\"} path=${path%%\"*}
            [ -f "$path" ] || [ -f "$binary/generated/$path" ] ||
                echo "${found%%: include:*}: \"$path\" is not a path from the root of the tree"
        done
}

# The folders whose headers a folder may include.
may_include() {
    case $1 in
    base/*) echo 'base' ;;
    schema/*) echo 'base|schema' ;;
    rdv_server/*) echo 'base|schema|rdv_server' ;;
    se_card/*) echo 'base|schema|se_card' ;;
    guest_tools/*) echo 'base|schema|guest_tools' ;;
    mqtt_bridge/*) echo 'base|schema|guest_tools|mqtt_bridge' ;;
    tests/bench/*) echo 'base|schema|guest_tools|tests' ;;
    tests/*) echo 'base|schema|rdv_server|se_card|guest_tools|mqtt_bridge|tests' ;;
    *) echo 'nothing: unknown folder' ;;
    esac
}

inside_its_fence() {
    grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$1" |
        grep -vE "\"($(may_include "$1"))/" |
        while IFS=: read -r line text; do
            echo "$1:$line: this folder may include $(may_include "$1" | tr '|' ' ') only: $text"
        done
}

# The suffix of the files that may include a foreign header; empty for headers of the C library.
home_of() {
    case $1 in
    wolfssl/*) echo _wolf.c ;;
    sqlite3.h) echo _sqlite.c ;;
    uv.h) echo _uv.c ;;
    openssl/*) echo _openssl.c ;;
    seccomp.h) echo _seccomp.c ;;
    ini.h) echo _inih.c ;;
    secp256k1*.h) echo _secp.c ;;
    MQTT*.h) echo _paho.c ;;
    winscard.h | PCSC/*) echo _pcsc.c ;;
    cbor.h | cbor/*) echo _cbor.c ;;
    jansson.h) echo _jansson.c ;;
    histedit.h) echo _edit.c ;;
    sodium.h) echo _sodium.c ;;
    rdv/*.h) echo client ;;
    p11-kit/*) echo _p11.c ;;
    dlfcn.h) ;;
    CUnit/* | valgrind/*) echo tests ;;
    arpa/*.h | linux/*.h | net/*.h | netinet/*.h | sys/*.h) ;;
    assert.h | ctype.h | dirent.h | endian.h | errno.h | fcntl.h | ftw.h | getopt.h | glob.h) ;;
    grp.h | inttypes.h | libgen.h | limits.h | locale.h | math.h | netdb.h | poll.h | pthread.h) ;;
    pwd.h | regex.h | sched.h | signal.h | spawn.h | stdalign.h | stdarg.h | stdatomic.h) ;;
    stdbool.h | stddef.h | stdint.h | stdio.h | stdlib.h | string.h | strings.h | termios.h) ;;
    time.h | unistd.h) ;;
    *) echo unknown ;;
    esac
}

# Each library is fenced into files that carry its name.
foreign_at_home() {
    find_in "$1" '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' 'include' |
        while IFS= read -r found; do
            header=${found#*<} header=${header%%>*}
            home=$(home_of "$header")
            case $1 in
            *"$home" | *"${home%.c}.h") continue ;;
            tests/*) [ "$home" = tests ] || [ "$home" = client ] && continue ;;
            guest_tools/* | mqtt_bridge/*) [ "$home" = client ] && continue ;;
            esac
            if [ "$home" = unknown ]; then
                echo "${found%%: include:*}: <$header>: name its home in check_fences.sh"
            else
                echo "${found%%: include:*}: <$header> belongs in a file named *$home"
            fi
        done
}

# --- text -------------------------------------------------------------------------------------------

calls='strcpy|strcat|sprintf|vsprintf|strtok|atoi|gets|alloca|system|popen'

# A library prints nothing, logs nothing and ends nothing.
calls_of_a_program='printf|fprintf|vfprintf|puts|fputs|putchar|perror|exit|_exit|abort|log_(error|warn|info|debug)(_e)?'

no_forbidden_call() {
    local_calls=$calls
    case $1 in
    guest_tools/librdv/*) local_calls="$calls|$calls_of_a_program" ;;
    esac
    find_in "$1" "(^|[^A-Za-z0-9_])($local_calls)[[:space:]]*\\(" 'forbidden call'
}

begins_with_the_licence() {
    head -n 1 "$1" | grep -qxF '/* SPDX-License-Identifier: GPL-3.0-or-later */' ||
        echo "$1:1: the first line is not the SPDX line"
}

formatted() {
    if command -v clang-format >/dev/null; then
        echo "$files" | xargs clang-format --dry-run -Werror 2>&1 | grep -E 'error:'
    else
        echo 'no clang-format: formatting not checked' >&2
    fi
}

# --- what the tools see -----------------------------------------------------------------------------

# A header that is a part of another says "No include guard" and cannot stand alone.
compiles_alone() {
    head -n 5 "$1" | grep -q 'No include guard' ||
        "$cc" -std=c11 -D_GNU_SOURCE -DRDV_VERSION='""' -I. -Iguest_tools/include -I"$binary/generated" -Werror \
            -fsyntax-only -x c "$1" >/dev/null 2>&1 ||
        echo "$1:1: does not compile alone"
}

# Names that begin with two underscores or a dot are the sanitizers'.
global_names_have_a_prefix() {
    nm -g --defined-only "$1" | sed -n 's/^[0-9a-f]* [A-Z] //p' |
        grep -vE '^(__|\.|rdv_|se_|guest_|bridge_)' | while read -r name; do
            echo "${1##*/}:1: global name without a prefix: $name"
        done
}

# librdv keeps nothing between calls: no variable of its own that could change.
no_globals() {
    case $1 in
    */librdv_guest.a | */librdv_verify.a)
        nm -f sysv --defined-only "$1" | sed 's/ //g' |
            awk -F '|' '$7 ~ /^\.t?(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ && $1 !~ /^[._]/ {
                print $1 }' |
            while read -r name; do
                echo "${1##*/}:1: a variable that can change: $name"
            done
        ;;
    esac
}

# A file of tests that no list names would never run.
every_suite_is_listed() {
    for file in tests/unit/test_*.c; do
        suite=${file##*/test_} suite=${suite%.c}
        grep -qx "SUITE($suite)" tests/unit/suites.def ||
            echo "$file:1: not in tests/unit/suites.def"
    done
}

for file in $files; do
    from_the_root "$file"
    inside_its_fence "$file"
    foreign_at_home "$file"
    no_forbidden_call "$file"
    begins_with_the_licence "$file"
done >>"$breaches"
for header in $headers; do
    compiles_alone "$header"
done >>"$breaches"
for library in "$@"; do
    global_names_have_a_prefix "$library"
    no_globals "$library"
done >>"$breaches"
every_suite_is_listed >>"$breaches"
formatted >>"$breaches"

cat "$breaches"
if [ -s "$breaches" ]; then
    exit 1
fi
echo "$(echo "$files" | wc -l) files, $(echo "$headers" | wc -l) headers, $# libraries: all fences hold"
