#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two bridges for one consumer are a mistake: one of them is told so, and stops; the other one carries
# on, and nothing is lost.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/mqtt.sh"

make_demo_cards
start_card
start_front
make_bridge_account
start_broker broker
subscribe reader broker

one_is_gone() {
    ! is_running first || ! is_running second
}

# One of "first" and "second" stops; the other one is called $left.
expect_one_stops() {
    local gone=first status=0
    left=second
    until_true 'one of two bridges stops' one_is_gone
    is_running first && gone=second left=first
    wait "${pid_of[$gone]}" || status=$?
    unset "pid_of[$gone]"
    expect_equal "$status" 75 "the status of the one that stops"
    grep -qE 'another bridge .*; this one stops' "$work/$gone.log" || fail "$gone does not say why"
    expect_has_not "$work/$left.log" 'this one stops'
    is_running "$left" || fail 'both are gone'
}

# By the same name, one takes the other's place at the broker.
post 100 0A 0B
bridge=first start_bridge broker
bridge=second bridge_beside broker
post 100 0A 0B
expect_one_stops
post 100 0A 0B
expect_arrived reader
stop "$left"

# two_bridges BROKER: by different names, the second one to this broker; the card tells them.
two_bridges() {
    rm -f "$work"/{first,second}.log
    bridge=first start_bridge broker
    bridge=second start_bridge "$1" --client-id other
    post 2000 0A 0B 10 11
    expect_one_stops
    until_true 'what was posted' all_carried
    [ "$1" != broker ] || until_true 'the heads' heads_came reader
    stop "$left"
}

two_bridges broker
expect_arrived reader
expect_good_feed reader
start_broker other
two_bridges other

# Who got what depends on who was left. What the card has is the same, and all of it is somewhere.
bridge=last start_bridge broker --republish-from 1
expect_arrived reader unordered
the_end
