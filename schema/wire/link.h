/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link between front and card: a Unix stream connection that serves one client session after
 * the other.
 *
 *   front -> card   "RDVL" major(1) minor(1)  SEN, address, reached: each count(1) bytes
 *   card -> front   "RDVL" major(1) minor(1)  status(1) flags(1)
 *   then each way   frames: length(4) and one command APDU, or one response APDU
 *
 * Neither waits for the other before it sends: the front may send commands behind its hello, and
 * further commands before earlier ones are answered. Each command gets one response, in order; one
 * may take its time (a long poll). The card may add a response nobody asked for only to end the
 * session (status word 9002), and then closes. The front ends everything by closing.
 *
 * When the card has answered a command with the session's end (9002 or 6D16), and all commands
 * before and behind it, the link is as new: the front may close it, or send a hello for the next
 * session. Nothing of the one before is left; what is not a hello ends the link.
 *
 * The address is what the front saw of the client ("192.0.2.7:50122"): for logs and for slowing
 * down guessers. `reached` is where the client has reached the front ("203.0.113.1:8443"): for what
 * is handed over to a new guest, and for nothing else. Empty: the front does not say.
 */
#ifndef RDV_SCHEMA_WIRE_LINK_H
#define RDV_SCHEMA_WIRE_LINK_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/apdu.h"
#include "schema/wire/tls_record.h"

#define RDV_LINK_MAJOR 2 /* must be equal on both sides */
#define RDV_LINK_MINOR 0

#define RDV_SEN_MAX 15
#define RDV_LINK_ADDRESS_MAX 63
#define RDV_LINK_REACHED_MAX 255 /* a host name may be long */
#define RDV_LINK_HELLO_MAX \
    (4 + 2 + 1 + RDV_SEN_MAX + 1 + RDV_LINK_ADDRESS_MAX + 1 + RDV_LINK_REACHED_MAX)
#define RDV_LINK_FRAME_HEADER 4
/* Most bytes in one frame: a whole TLS record and its APDU; the most answers in one response. */
#define RDV_LINK_COMMAND_MAX (RDV_TLS_RECORD_MAX + RDV_APDU_EXTENDED_OVERHEAD)
#define RDV_LINK_RESPONSE_MAX (65536 + 2)

enum rdv_link_status {
    RDV_LINK_ACCEPTED = 0,
    RDV_LINK_UNKNOWN_SEN = 1,
    RDV_LINK_VERSION = 2, /* the card's version is in its hello */
    RDV_LINK_FULL = 3,
};

/* Flags of the card's answer. */
#define RDV_LINK_DEMO 0x01 /* this card uses the published demonstration keys */

struct rdv_link_hello {
    uint8_t major, minor;
    struct rdv_span sen;
    struct rdv_span address;
    struct rdv_span reached;
};

/* A secure element name: 1 to 15 bytes of letters, digits, '.', '-', '_', not beginning with '.' or
 * '-'. It is a TLS server name, a file name and an MQTT topic level, and must be harmless as each.
 */
bool rdv_sen_is_valid(struct rdv_span sen);

/* "HOST:PORT", where clients reach a front: an IPv4 address, an IPv6 one in brackets, or a name of
 * letters, digits, '.' and '-'; the port 1 to 65535. */
bool rdv_reached_is_valid(struct rdv_span reached);

RDV_MUST_USE enum rdv_err rdv_link_put_hello(struct rdv_buf *out, struct rdv_span sen,
                                             struct rdv_span address, struct rdv_span reached);

/*
 * Reads the front's hello from the start of `in`; spans point into it.
 * Out: *used, its length, or 0 when bytes are missing. Of another major version only the beginning
 * is read, up to the version: what its fields look like is not known here. Returns: RDV_ERR_FORMAT
 * (not our link), RDV_ERR_LIMIT (a field too long).
 */
RDV_MUST_USE enum rdv_err rdv_link_get_hello(struct rdv_link_hello *out, size_t *used,
                                             struct rdv_span in);

struct rdv_link_welcome {
    uint8_t major, minor;
    uint8_t status; /* enum rdv_link_status, or one of a later minor version */
    uint8_t flags;
};

RDV_MUST_USE enum rdv_err rdv_link_put_welcome(struct rdv_buf *out, enum rdv_link_status status,
                                               uint8_t flags);

/* Reads the card's answer to the hello. *used and errors as rdv_link_get_hello. */
RDV_MUST_USE enum rdv_err rdv_link_get_welcome(struct rdv_link_welcome *out, size_t *used,
                                               struct rdv_span in);

/*
 * Finds the first frame in `in`.
 * Out: *body, the APDU, and *used, the bytes it takes with its header; 0 when bytes are missing.
 * Returns: RDV_ERR_LIMIT when its length is over `most`: checked before anybody makes room for it.
 */
RDV_MUST_USE enum rdv_err rdv_link_get_frame(struct rdv_span *body, size_t *used,
                                             struct rdv_span in, size_t most);

/* Appends the frame of an INS D8 command that carries one whole TLS record, extended length. */
RDV_MUST_USE enum rdv_err rdv_link_put_record(struct rdv_buf *out, struct rdv_span record);

/* Appends the frame of a GET RESPONSE that takes as much as there is. */
RDV_MUST_USE enum rdv_err rdv_link_put_get_response(struct rdv_buf *out);

/* Appends the frame of a response: data, then the status word. */
RDV_MUST_USE enum rdv_err rdv_link_put_response(struct rdv_buf *out, struct rdv_span data,
                                                uint16_t sw);

#endif
