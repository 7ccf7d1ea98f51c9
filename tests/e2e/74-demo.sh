#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo that newcomers start with: every answer and every verdict in it is right, and data that it
# has kept is good for a second time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mqtt.sh"

demo() {
    ASAN_OPTIONS=$card_sanitizer "$here/../../scripts/demo" --once --port 0 --bin "$RDV_BIN" --dir "$work/demo" \
        >"$work/demo.out" 2>&1 || fail "the demo: $(grep -B 1 -m 1 WRONG "$work/demo.out" || tail -n 1 "$work/demo.out")"
}

demo
demo
the_end
