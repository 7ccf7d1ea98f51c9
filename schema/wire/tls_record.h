/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outside of TLS records (RFC 8446 section 5.1): what is in clear whatever the keys. */
#ifndef RDV_SCHEMA_WIRE_TLS_RECORD_H
#define RDV_SCHEMA_WIRE_TLS_RECORD_H

#include "base/bytes.h"
#include "base/err.h"

#define RDV_TLS_HEADER 5
#define RDV_TLS_PLAIN_MAX 16384
#define RDV_TLS_BODY_MAX (RDV_TLS_PLAIN_MAX + 256) /* of a protected record */
#define RDV_TLS_RECORD_MAX (RDV_TLS_HEADER + RDV_TLS_BODY_MAX)

enum rdv_tls_type {
    RDV_TLS_CHANGE_CIPHER_SPEC = 20,
    RDV_TLS_ALERT = 21,
    RDV_TLS_HANDSHAKE = 22,
    RDV_TLS_APPLICATION_DATA = 23,
};

/* Alert descriptions (RFC 8446 section 6), those we send in clear or tell apart. */
enum rdv_tls_alert {
    RDV_ALERT_UNEXPECTED_MESSAGE = 10,
    RDV_ALERT_RECORD_OVERFLOW = 22,
    RDV_ALERT_HANDSHAKE_FAILURE = 40,
    RDV_ALERT_ILLEGAL_PARAMETER = 47,
    RDV_ALERT_DECODE_ERROR = 50,
    RDV_ALERT_DECRYPT_ERROR = 51,
    RDV_ALERT_PROTOCOL_VERSION = 70,
    RDV_ALERT_INTERNAL_ERROR = 80,
    RDV_ALERT_MISSING_EXTENSION = 109,
    RDV_ALERT_UNRECOGNIZED_NAME = 112,
    RDV_ALERT_UNKNOWN_PSK_IDENTITY = 115,
    RDV_ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/*
 * Looks at the first record in `in`.
 * Out: *whole, the record with its header, or empty when bytes are still missing.
 * Returns: RDV_ERR_FORMAT when these bytes cannot begin a TLS record (unknown type, major version
 * not 3), RDV_ERR_LIMIT when its length is over RDV_TLS_BODY_MAX.
 */
RDV_MUST_USE enum rdv_err rdv_tls_record_peek(struct rdv_span *whole, struct rdv_span in);

/* Appends a fatal alert as an unprotected record: 7 bytes. */
RDV_MUST_USE enum rdv_err rdv_tls_put_alert(struct rdv_buf *out, enum rdv_tls_alert alert);

#endif
