#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# However a client's bytes are cut or glued, they mean the same; and what is too long, or comes too
# late, is answered as RFC 8446 asks.
. "$(dirname "$0")/lib.sh"

make_demo_cards
start_card
start_front

# Too long, in an open session and before Finished: what was acknowledged stays.
probe play open 'send:Z00kept\n' 'answer:OK\r\n' raw:170303ffff 'alert:record overflow' ended
probe play open raw:170303ffff "text:0123456789" 'alert:record overflow' ended
probe play hello raw:170303ffff dump >"$work/before-finished"
# Not too long, but not encrypted with the session's key.
head -c 1000 /dev/zero >"$work/zeros"
probe play open raw:17030303e8 "text:@$work/zeros" 'alert:bad record mac' ended
# In an open session: alerts and a ChangeCipherSpec in clear, a ClientHello, and what is not TLS.
for plain in 15030300020228 15030300020100 140303000101; do
    probe play open raw:$plain 'alert:unexpected_message' ended
done
probe play open raw:1703034101 'alert:record overflow' ended # one byte too many
probe play open hold 'send:I00\n' raw:00 go 'answer:kept\r\n' ended
probe play open raw:16030100050100000100 dump >"$work/hello-in-clear"
probe play open raw:00 dump >"$work/not-tls"
expect_log front 'not a TLS record'
expect_talk as_root kept 'I00'

# Byte by byte.
probe play bytes open 'send:I00\r\n' 'answer:kept\r\n' 'send:?02\r\n' closed
probe play bytes hello:17 hello open 'send:.I00\n' 'answer:kept\r\n' closed
# One byte of text in each record, CR and LF apart.
probe play open pieces:1 'send:Z01apart\r\nI01\r\n' 'answer:OK\r\n' 'answer:apart\r\n'
probe play bytes open pieces:1 'send:I01\n?02\n' 'answer:apart\r\n' closed
# All at once: the handshake's end, a command and goodbye in one segment.
probe play hold open 'send:I01\n' close go 'answer:apart\r\n' closed

# After close_notify nothing is obeyed (RFC 8446 6.1), alone or in the same segment.
probe play open close 'send:Z00late\n' closed
probe play open hold 'send:I00\n' close 'send:Z00late\n' 'send:?00\n' go 'answer:kept\r\n' closed
probe play open hold close raw:1703030010 text:0123456789abcdef go closed
# And after ?02.
probe play open hold 'send:?02\n' 'send:Z00late\n' go closed
probe play open 'send:?02\nZ00late\n' closed
probe play open 'send:.I00\nZ00late\n' 'answer:kept\r\n' closed
# The end of the connection without close_notify: what came whole is obeyed.
probe play open 'send:Z02whole\nZ02ha' shut 'answer:OK\r\n' ended
expect_talk as_root 'kept
whole' 'I00' 'I02'

the_end
