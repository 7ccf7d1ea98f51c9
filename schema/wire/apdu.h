/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command and response APDUs, ISO/IEC 7816-4 section 5: short and extended length, cases 1 to 4.
 *
 *   command   CLA INS P1 P2 [Lc data] [Le]        response   [data] SW1 SW2
 */
#ifndef RDV_SCHEMA_WIRE_APDU_H
#define RDV_SCHEMA_WIRE_APDU_H

#include "base/bytes.h"
#include "base/err.h"

#define RDV_APDU_SHORT_MAX (5 + 255 + 1)
#define RDV_APDU_DATA_MAX 65535

/* Instructions of the TLS-SE applet (draft-urien-tls-se). */
enum rdv_ins {
    RDV_INS_SELECT = 0xA4,
    RDV_INS_GET_RESPONSE = 0xC0,
    RDV_INS_SEND = 0xD8, /* a fragment of a TLS record */
};

/* P2 of RDV_INS_SEND. */
#define RDV_SEND_FIRST 0x01
#define RDV_SEND_LAST 0x02

/* Status words. */
enum rdv_sw {
    RDV_SW_OK = 0x9000,
    RDV_SW_OPEN = 0x9001,   /* the TLS session is open */
    RDV_SW_CLOSED = 0x9002, /* send the data, then close */
    RDV_SW_MORE = 0x9F00, /* low byte: how much more waits for GET RESPONSE; F0 says "F0 or more" */
    RDV_SW_WRONG_LE = 0x6C00,
    RDV_SW_WRONG_LENGTH = 0x6700,
    RDV_SW_WRONG_P1P2 = 0x6A86,
    RDV_SW_NOT_FOUND = 0x6A82,
    RDV_SW_UNKNOWN_INS = 0x6D00,
    RDV_SW_WRITE = 0x6D02, /* record length mismatch, or longer than the card takes */
    RDV_SW_TLS = 0x6D16,   /* TLS error: the engine is reset */
};

struct rdv_apdu {
    uint8_t cla, ins, p1, p2;
    bool extended; /* lengths are in the extended form */
    struct rdv_span data;
    uint32_t le; /* most bytes wanted back; 0 when the field is absent */
};

/*
 * Reads one command APDU; spans point into `in`. The published front also sends 5 bytes with P3 = 0
 * for "no data" (INS D8): that reads as Le = 256, data empty.
 * Returns: RDV_ERR_SHORT, RDV_ERR_TRAILING (Lc and the bytes do not agree).
 */
RDV_MUST_USE enum rdv_err rdv_apdu_decode(struct rdv_apdu *out, struct rdv_span in);

/* Appends a command APDU. Returns: RDV_ERR_RANGE (data or Le too long for the form), RDV_ERR_LIMIT,
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_apdu_encode(struct rdv_buf *out, const struct rdv_apdu *apdu);

/* Bytes rdv_apdu_encode appends for an extended APDU with n bytes of data and an Le. */
#define RDV_APDU_EXTENDED_OVERHEAD 9

/* Splits a response. Returns: RDV_ERR_SHORT. */
RDV_MUST_USE enum rdv_err rdv_apdu_response(struct rdv_span *data, uint16_t *sw,
                                            struct rdv_span in);

#endif
