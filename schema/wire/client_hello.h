/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ClientHello (RFC 8446 section 4.1.2), as far as the front needs it to choose a card and the
 * card to apply rules its TLS library does not.
 */
#ifndef RDV_SCHEMA_WIRE_CLIENT_HELLO_H
#define RDV_SCHEMA_WIRE_CLIENT_HELLO_H

#include "base/bytes.h"
#include "base/err.h"

#define RDV_CLIENT_HELLO_MAX 16384 /* bytes of the handshake message we are willing to hold */
/* Records it may be cut into. Each arrival starts from the first of them again: without a limit, a
 * stranger's one-byte records would cost time that grows with the square of their number. */
#define RDV_CLIENT_HELLO_RECORDS 1024

struct rdv_client_hello {
    struct rdv_span cipher_suites; /* two bytes each */
    bool has_server_name;
    struct rdv_span server_name; /* host_name of extension 0, RFC 6066 section 3 */
    bool has_supported_versions;
    bool offers_tls13;
    bool has_psk;        /* extension 41 */
    bool has_psk_modes;  /* extension 45 */
    bool offers_psk_dhe; /* psk_dhe_ke is among the modes */
    bool has_groups;     /* extension 10 */
    bool offers_group;   /* P-256 or X25519 is among them */
    struct rdv_span first_identity;
    struct rdv_span first_binder;   /* its proof, */
    struct rdv_span before_binders; /* over the message up to the list of binders */
};

/*
 * Collects the handshake message from the records at the start of `in` (it may be cut over several)
 * and reads it.
 * Out: *n_records_bytes, how many bytes of `in` those records take; 0 when more bytes are needed.
 *      Spans point into `message`, which receives the collected handshake message.
 * Returns: RDV_ERR_FORMAT (not a TLS handshake, not a ClientHello, lengths that disagree, bytes of
 *          another message behind it), RDV_ERR_LIMIT (record or message too long, too many
 * records), RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_client_hello_collect(struct rdv_client_hello *out,
                                                   size_t *n_records_bytes, struct rdv_buf *message,
                                                   struct rdv_span in);

/* Reads one whole handshake message, header included; spans point into it. Returns as above. */
RDV_MUST_USE enum rdv_err rdv_client_hello_decode(struct rdv_client_hello *out,
                                                  struct rdv_span message);

#endif
