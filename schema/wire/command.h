/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of the TLS-SE command language:
 *
 *   ['.'] letter hex hex payload          "Z001234", "?06guest", ".?00"
 *
 * The dot ends the session after the answer. The two digits are an index (of a record, a key slot
 * with mode bits), or with the letter '?' they name the command.
 */
#ifndef RDV_SCHEMA_WIRE_COMMAND_H
#define RDV_SCHEMA_WIRE_COMMAND_H

#include "base/bytes.h"
#include "base/err.h"

#define RDV_LINE_MAX 16384 /* bytes of a line, its end not counted */

struct rdv_command {
    bool last; /* the dot */
    uint8_t letter;
    uint8_t index;
    struct rdv_span payload; /* points into the line */
};

/* Reads a line without its end. Returns: RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err rdv_command_decode(struct rdv_command *out, struct rdv_span line);

/*
 * True when a line that begins like this carries raw bytes, so that it ends with its TLS record and
 * not at a line feed: a letter with mode digits and bit 8 of the first one. '?' takes no modes, and
 * for Z and I the digits name one of 256 records.
 */
bool rdv_command_is_binary(struct rdv_span start);

/* `text` without one CR LF or LF at its end. */
struct rdv_span rdv_command_strip_end(struct rdv_span text);

#endif
