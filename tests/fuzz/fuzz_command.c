/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_command_decode rdv_command_is_binary rdv_command_strip_end */
#include "schema/wire/command.h"

#include "base/hex.h"
#include "tests/fuzz/fuzz.h"

/* The line that a command was read from, but for the case of its digits. */
static void check_line(struct rdv_span line)
{
    struct rdv_buf out = RDV_BUF(RDV_LINE_MAX);
    struct rdv_command command, again;

    if (rdv_command_decode(&command, line) != RDV_OK)
        return;
    RDV_INVARIANT(!command.last || rdv_put_text(&out, ".") == RDV_OK);
    RDV_INVARIANT(rdv_put_u8(&out, command.letter) == RDV_OK &&
                  rdv_hex_put(&out, (struct rdv_span){ &command.index, 1 }) == RDV_OK &&
                  rdv_put_bytes(&out, command.payload) == RDV_OK);
    RDV_INVARIANT(rdv_buf_len(&out) == line.n);
    RDV_INVARIANT(rdv_command_decode(&again, rdv_buf_view(&out)) == RDV_OK);
    RDV_INVARIANT(command.last == again.last && command.letter == again.letter &&
                  command.index == again.index && rdv_span_equal(command.payload, again.payload));
    RDV_INVARIANT(!rdv_command_is_binary(line) || (command.index & 0x80) != 0);
    rdv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span text = { data, size };
    const struct rdv_span start = { data, size < 4 ? size : 4 };
    const struct rdv_span line = rdv_command_strip_end(text);

    RDV_INVARIANT(rdv_command_is_binary(text) == rdv_command_is_binary(start));
    RDV_INVARIANT(line.p == data && line.n <= size && size - line.n <= 2);
    check_line(text);
    check_line(line);
    return 0;
}
