#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh PROGRAM          runs it below valgrind: no branch and no index may depend on a secret
# run.sh PROGRAM canary   the branch that the program then takes must be found
set -u

program=$1
known=$(dirname "$0")/known.supp

skip() {
    echo "skipped: $1"
    exit 77
}

command -v valgrind >/dev/null || skip 'no valgrind'
valgrind --quiet /bin/true 2>/dev/null || skip 'valgrind does not run here'

below_valgrind() {
    valgrind --quiet --error-exitcode=99 --suppressions="$known" "$@"
}

if [ "${2-}" = canary ]; then
    said=$(below_valgrind "$program" canary 2>&1)
    status=$?
    echo "$said"
    [ "$status" -eq 99 ] && echo "$said" | grep -q 'jump or move depends on uninitialised'
else
    below_valgrind "$program"
fi
