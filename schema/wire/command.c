/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/command.h"

#include "base/hex.h"

enum rdv_err rdv_command_decode(struct rdv_command *out, struct rdv_span line)
{
    struct rdv_reader rd = { line };
    struct rdv_span digits;

    *out = (struct rdv_command){ 0 };
    if (line.n > RDV_LINE_MAX)
        return RDV_ERR_FORMAT;
    if (line.n > 0 && line.p[0] == '.') {
        out->last = true;
        rd.rest.p++;
        rd.rest.n--;
    }
    if (rdv_get_u8(&rd, &out->letter) != RDV_OK || rdv_get_bytes(&rd, &digits, 2) != RDV_OK ||
        rdv_hex_decode(&out->index, 1, digits) != RDV_OK)
        return RDV_ERR_FORMAT;
    out->payload = rd.rest;
    return RDV_OK;
}

bool rdv_command_is_binary(struct rdv_span start)
{
    struct rdv_command command;

    if (start.n > 4)
        start.n = 4; /* dot, letter, digits */
    if (rdv_command_decode(&command, start) != RDV_OK)
        return false;
    if (command.letter == 'Z' || command.letter == 'I')
        return false;
    return ((command.letter >= 'A' && command.letter <= 'Z') ||
            (command.letter >= 'a' && command.letter <= 'z')) &&
           (command.index & 0x80) != 0;
}

struct rdv_span rdv_command_strip_end(struct rdv_span text)
{
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    else
        return text;
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        text.n--;
    return text;
}
