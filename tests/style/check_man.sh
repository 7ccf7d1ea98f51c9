#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages say what the programs do: every option, command, keyword, exit code and function is in
# its page, and nothing is there that is not in the program.
#
#   check_man.sh SOURCE BINARY      BINARY is where the tree is built
#
# Says every breach in a line, and exits 1 if there was one.
set -uo pipefail
export LC_ALL=C
source=$1 bin=$2/bin binary=$2
command -v mandoc >/dev/null || exit 77
cd "$source/docs/man" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
breaches=$work/breaches
: >"$breaches"

breach() { # PAGE WHAT
    echo "docs/man/$1:1: $2" >>"$breaches"
}

# has PAGE REGEX WHAT: a line of the page matches.
has() {
    grep -qE -- "$2" "$1" || breach "$1" "$3 is missing"
}

# --- the language ----------------------------------------------------------------------------------

for page in *; do
    mandoc -T lint "$page" 2>&1 | sed 's|^mandoc: |docs/man/|' >>"$breaches"
    head -n 1 "$page" | grep -qF 'SPDX-License-Identifier: GPL-3.0-or-later' ||
        breach "$page" 'the first line is not the SPDX line'
done

# --- programs --------------------------------------------------------------------------------------

# Options in a help text: "--name" and "-x", a line each.
options_of() {
    grep -oE '^ +(-[a-zA-Z],? +)?(--[a-z-]+)?' | grep -oE -- '--?[a-zA-Z][a-z-]*' | sort -u
}

# has_options PAGE WHOSE HELP: each is an item of a list.
has_options() {
    local option
    [ -s "$3" ] || breach "$1" "$2 has no help"
    for option in $(options_of <"$3"); do
        has "$1" "^\.It .*\bFl ${option#-}( |\$)" "$option of $2"
        echo "$option" >>"$work/$1.known"
    done
}

# knows_all PAGE: every option in its lists is one of the program's.
knows_all() {
    local option
    for option in $(grep -E '^\.It ' "$1" | grep -oE 'Fl -?[a-zA-Z][a-z-]*' | sed 's/^Fl /-/' | sort -u); do
        grep -qxF -- "$option" "$work/$1.known" || breach "$1" "$option is no option of the program"
    done
}

# Daemons: their options, and the same as keywords of their files.
for program in se-card rdv-server rdv-bridge; do
    page=$program.8
    [ -x "$bin/$program" ] || continue
    if [ ! -e "$page" ]; then
        breach "$page" 'there is no such page'
        continue
    fi
    echo --help >"$work/$page.known"
    for command in $(sed -n 's/^\.Cm \([a-z]*\)$/\1/p' "$page" | sort -u) ''; do
        "$bin/$program" ${command:+"$command"} --help >"$work/help" 2>/dev/null || continue
        has_options "$page" "$program${command:+ }$command" "$work/help"
    done
    has "$page" '^\.It Fl -help' --help
    knows_all "$page"
done
has se-card.8 '^\.Cm init$' 'the command init'
has se-card.8 '^\.Cm run$' 'the command run'

# has_keywords PAGE DEF...: with their ranges and defaults.
has_keywords() {
    local page=$1 line keyword
    shift
    for line in $(sed -n 's/^\(INT\|TEXT\|FLAG\|LIST\)(\([a-z_]*\), .*/\2/p' "$@" | tr _ -); do
        has "$page" "^\.It Ic $line = " "the keyword $line"
    done
    sed -n 's/^INT(\([a-z_]*\), \(-\{0,1\}[0-9]*\), \(-\{0,1\}[0-9]*\), \(-\{0,1\}[0-9]*\), .*/\1 \2 \3 \4/p' "$@" | tr _ - |
        while read -r keyword low high value; do
            grep -A 1 "^\.It Ic $keyword = " "$page" | grep -qxF "From $low to $high; $value unless given." ||
                breach "$page" "$keyword: not from $low to $high, $value unless given"
        done
    for keyword in $(sed -n 's/^\.It Ic \([a-z-]*\) = .*/\1/p' "$page" | sort -u); do
        grep -qE "^(INT|TEXT|FLAG|LIST)\($(echo "$keyword" | tr - _)," "$@" ||
            breach "$page" "$keyword is no option"
    done
}
has_keywords se-card.conf.5 "$source"/se_card/{run,init}_config.def
has_keywords rdv-server.conf.5 "$source/rdv_server/config.def"
if [ -x "$bin/rdv-bridge" ]; then
    [ -e rdv-bridge.conf.5 ] || breach rdv-bridge.conf.5 'there is no such page'
    has_keywords rdv-bridge.conf.5 "$source/mqtt_bridge/config.def"
fi

# --- the tool --------------------------------------------------------------------------------------

"$bin/rdv" help >"$work/rdv.help"
commands=$(sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' "$work/rdv.help")
[ -n "$commands" ] || breach rdv.1 'rdv help lists no commands'
echo --version >"$work/rdv.1.known"
has rdv.1 '^\.It Fl -version$' --version
has_options rdv.1 rdv "$work/rdv.help"
for command in $commands; do
    "$bin/rdv" help "$command" >"$work/help"
    has_options rdv.1 "rdv $command" "$work/help"
    has rdv.1 "^\.It Ic $command( |\$)" "rdv $command"
    for verb in $(sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' "$work/help"); do
        has rdv.1 "^\.It Ic $command $verb( |\$)" "rdv $command $verb"
    done
done
knows_all rdv.1
for command in $(sed -n 's/^\.It Ic \([a-z-]*\).*/\1/p' rdv.1 | sort -u); do
    grep -qx -- "$command" <<<"$commands" || breach rdv.1 "rdv has no command $command"
done

# Words of errors stand below their exit codes.
exits=$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' rdv.1)
sed -n 's/^RDV_ERR([A-Z]*, "\([a-z-]*\)", .*, \([0-9]*\))$/\1 \2/p' "$source/base/err.def" >"$work/errors"
[ -s "$work/errors" ] || breach rdv.1 'no errors in err.def'
while read -r word code; do
    echo "$exits" | awk -v code="$code" -v word="$word" '
        /^\.It / { at = $2 }
        at == code && $1 == ".Em" && $2 == word { found = 1 }
        END { exit !found }' || breach rdv.1 "exit code $code: the word $word is missing"
done <"$work/errors"

for keyword in $(grep -oE 'FIELD\("[a-z-]+"' "$source/guest_tools/rdv/profile_inih.c" | cut -d '"' -f 2) default; do
    has rdv_config.5 "^\.It Ic $keyword\$" "the keyword $keyword"
done

# --- the library -----------------------------------------------------------------------------------

sed -n 's/^ *\(rdv_[a-z_0-9]*\);$/\1/p' "$source/guest_tools/librdv/librdv.map" | sort -u >"$work/exported"
grep -oE '\bFn rdv_[a-z_0-9]+' librdv.3 | sed 's/^Fn //' | sort -u >"$work/told"
for name in $(comm -23 "$work/exported" "$work/told"); do
    breach librdv.3 "$name is missing"
done
for name in $(comm -13 "$work/exported" "$work/told"); do
    breach librdv.3 "there is no $name"
done
for header in "$source"/guest_tools/include/rdv/*.h; do
    has librdv.3 "^\.In rdv/${header##*/}\$" "the header ${header##*/}"
done

# --- installed -------------------------------------------------------------------------------------

cmake --install "$binary" --prefix "$work/root" --component man >/dev/null || breach '*' 'cmake --install fails'
for page in *; do
    [ -e "$work/root/share/man/man${page##*.}/$page" ] || breach "$page" 'it is not installed'
done

cat "$breaches"
if [ -s "$breaches" ]; then
    exit 1
fi
echo "$(find . -type f | wc -l) pages say what $(wc -l <"$work/rdv.1.known") options of rdv and $(wc -l <"$work/exported") functions do"
