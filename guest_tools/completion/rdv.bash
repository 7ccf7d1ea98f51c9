# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of rdv for bash. What there is, it asks rdv itself: it is never behind.

# _rdv_items [COMMAND]: commands, or the verbs of one.
_rdv_items() {
    "$_rdv_program" help "$@" 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'
}

# Options, from a help text.
_rdv_options() {
    sed -n 's/^  \{1,\}\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
}

# _rdv_argument OPTION HELP: what an option takes; nothing for a flag.
_rdv_argument() {
    local name=${1#-}
    sed -n "s/^  -$name, --[a-z-]* \([A-Z:]*\) .*/\1/p; s/^  \{1,\}\(-[a-zA-Z], \)\{0,1\}-$name \([A-Z:]\{1,\}\) .*/\2/p" <<<"$2"
}

# NAME= of a command's verb, or of a command without verbs.
_rdv_names() { # VERB HELP
    sed -n "s/^  $1 //p" <<<"$2" | grep -o '[a-z-]*='
}

_rdv_profiles() {
    local config=${XDG_CONFIG_HOME:-$HOME/.config}/rdv/config
    sed -n 's/^\[\([A-Za-z0-9._-]*\)\].*/@\1/p' "$config" 2>/dev/null
}

_rdv() {
    local _rdv_program=$1 line=${COMP_LINE:0:COMP_POINT}
    local words current='' before command='' verb='' word help argument='' candidates='' IFS=$' \t\n'
    COMPREPLY=()
    # bash breaks words at '=' and ':', rdv does not.
    read -ra words <<<"$line"
    if [[ $line != *[[:space:]] ]]; then
        current=${words[-1]}
        unset 'words[-1]'
    fi
    for word in "${words[@]:1}"; do
        if [ -z "$command" ]; then
            [[ $word == -* ]] || command=$word
        elif [ -z "$verb" ] && [[ $word != -* && $word != @* && $word != *://* ]]; then
            verb=$word
        fi
    done
    before=${words[-1]}
    IFS=$'\n'
    help=$("$_rdv_program" help ${command:+"$command"} 2>/dev/null)
    [[ $before != -* ]] || argument=$(_rdv_argument "$before" "$help")
    if [ "$argument" = FILE ]; then
        compopt -o filenames 2>/dev/null
        candidates=$(compgen -f -- "$current")
    elif [ -n "$argument" ]; then
        return
    elif [[ $current == -* ]]; then
        candidates=$(_rdv_options <<<"$help")
    elif [ -z "$command" ] || { [ "$command" = help ] && [ -z "$verb" ]; }; then
        candidates=$(_rdv_items)
    elif [[ $current == @* ]]; then
        candidates=$(_rdv_profiles)
    elif [ -z "$verb" ] && grep -q '^usage: .* VERB' <<<"$help"; then
        candidates=$(_rdv_items "$command")
    elif candidates=$(_rdv_names "$verb" "$help") && [ -n "$candidates" ]; then
        compopt -o nospace 2>/dev/null
    elif [ "$command" != help ]; then
        compopt -o filenames 2>/dev/null
        candidates=$(compgen -f -- "$current")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
    # Only what stands behind the last break is replaced.
    COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*[=:]}"}"}")
}

complete -F _rdv rdv
