#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The card's fences, seen from outside: no new rights, no network, no core, no looking in, and no
# second card on the same files or socket.
. "$(dirname "$0")/lib.sh"

# Whoever may trace any process may look into the card too: here nobody may, root neither.
without_rights=()
[ "$(id -u)" -ne 0 ] || without_rights=(setpriv --bounding-set=-all --inh-caps=-all)
lock_all=(prlimit --memlock=unlimited:unlimited)
"${lock_all[@]}" true 2>/dev/null || lock_all=()
card_under=("${lock_all[@]}" "${without_rights[@]}")

make_demo_cards key1.com key2.com
start_card
start_front
as_root 'Z00x' >/dev/null
pid=${pid_of[card]}

field() { # PATH NAME
    sed -n "s/^$2:[[:space:]]*//p" "$1"
}
expect_equal "$(field "/proc/$pid/status" NoNewPrivs)" 1 'NoNewPrivs'
expect_log card 'elements,'
for thread in "/proc/$pid/task"/*; do
    until_true 'its seccomp filter' grep -q '^Seccomp:[[:space:]]*2' "$thread/status"
done
expect_equal "$(sed -n 's/^Max core file size *\([0-9]*\) *\([0-9]*\) .*/\1 \2/p' "/proc/$pid/limits")" \
    '0 0' 'the limit of core files'

# Keys in use are not swapped out: all memory is locked where that is allowed, or it says so. A build
# with sanitizers locks nothing.
if [ "${#lock_all[@]}" -eq 0 ]; then
    expect_log card 'memory may be swapped out'
elif ! grep -qa __asan_init "$RDV_BIN/se-card" && ! grep -qa __tsan_init "$RDV_BIN/se-card"; then
    [ "$(field "/proc/$pid/status" VmLck | tr -dc 0-9)" -gt 1000 ] || fail "its memory is not locked"
fi

# Its owner can look into a process that does not refuse it, but not into the card.
"${without_rights[@]}" tail -f /dev/null &
pid_of[open]=$!
looks_into() { # PID
    "${without_rights[@]}" cat "/proc/$1/environ"
}
until_true 'an ordinary process to be open' looks_into "${pid_of[open]}"
! looks_into "$pid" >/dev/null 2>&1 || fail "the card can be looked into"
! "${without_rights[@]}" head -c 1 "/proc/$pid/mem" >/dev/null 2>&1 || fail "its memory can be read"
kill "${pid_of[open]}"
{ wait "${pid_of[open]}" || true; } 2>/dev/null
unset 'pid_of[open]'

# Its sockets, as far as we may see them: none of the network, in any family.
if ls "/proc/$pid/fd" >/dev/null 2>&1; then
    sockets=$(find "/proc/$pid/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n')
    [ -n "$sockets" ] || fail "not even its own socket was seen"
    for inode in $sockets; do
        for family in tcp tcp6 udp udp6 raw raw6 icmp packet netlink; do
            [ -r "/proc/$pid/net/$family" ] || continue
            ! grep -qw "$inode" "/proc/$pid/net/$family" || fail "socket $inode is of $family"
        done
    done
fi

# A second card: on the same socket, then on the same files.
second() { # STATUS TEXT DIR SOCKET
    expect_status "$1" env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run --dir "$3" \
        --listen "unix:$4" --ready-file "$work/second.ready"
    expect_has "$work/command.out" "$2"
    [ ! -e "$work/second.ready" ] || fail "the second card was ready"
    expect_talk as_root x 'I00'
}
se_card init --dir "$work/others" --sen key3.com --demo >>"$work/init.log" 2>&1
second 75 'another card listens there' "$work/others" "$work/card.sock"
second 75 'locked' "$work/cards" "$work/second.sock"
second 75 'locked' "$work/cards" "$work/card.sock"

# A socket that a killed card has left is no obstacle.
stop card KILL
[ -S "$work/card.sock" ] || fail "the killed card's socket is gone"
start_card
expect_talk as_root x 'I00'
expect_equal "$(stat -c %a "$work/card.sock")" 600 'the mode of the socket'

# Both on one processor, when they are told so; the card's other threads are free.
stop card
stop front
cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
start_card --cpu "$cpu"
start_front --cpu "$cpu"
expect_talk as_root x 'I00'
expect_log card 'elements,'
for pid in "${pid_of[card]}" "${pid_of[front]}"; do
    expect_equal "$(field "/proc/$pid/status" Cpus_allowed_list)" "$cpu" 'its processor'
done
for thread in "/proc/${pid_of[card]}/task"/*; do
    [ "${thread##*/}" = "${pid_of[card]}" ] ||
        expect_equal "$(field "$thread/status" Cpus_allowed_list)" \
            "$(field /proc/self/status Cpus_allowed_list)" 'the processors of another thread'
done
stop card
expect_status 65 env "ASAN_OPTIONS=$card_sanitizer" "$RDV_BIN/se-card" run --dir "$work/cards" \
    --listen "unix:$work/card.sock" --ready-file "$work/third.ready" --cpu 1023
expect_has "$work/command.out" 'there is no processor 1023'
[ ! -e "$work/third.ready" ] || fail "ready, without its processor"

the_end
