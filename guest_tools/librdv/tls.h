/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's TLS 1.3 endpoint (RFC 8446), on memory: bytes in, bytes out. An external pre-shared
 * key, the suites and groups of docs/protocol.md. It does no I/O and
 * must never accept a server without the key: certificates play no part.
 */
#ifndef RDV_GUEST_TOOLS_LIBRDV_TLS_H
#define RDV_GUEST_TOOLS_LIBRDV_TLS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

#define GUEST_TLS_EXPORT_BYTES 32

struct guest_tls;

enum guest_tls_state {
    GUEST_TLS_HANDSHAKE,
    GUEST_TLS_OPEN,
    GUEST_TLS_CLOSED, /* the server has said close_notify, or we have */
    GUEST_TLS_FAILED,
};

struct guest_tls_options {
    const char *sen; /* server name */
    const char *identity;
    const struct rdv_key *psk; /* borrowed for the call */
    const char *alpn;          /* the one protocol offered, and then insisted on; NULL: none */
    /* The one suite offered (wolfSSL binds a key to one), by its name in RFC 8446; NULL:
     * TLS_AES_128_CCM_SHA256, which every secure element has. */
    const char *suite;
};

/* The ClientHello is in guest_tls_output then. Returns: RDV_ERR_LIMIT (an identity of more than 64
 * bytes), RDV_ERR_RANGE (no such suite), RDV_ERR_NOMEM, RDV_ERR_TLS. */
RDV_MUST_USE enum rdv_err guest_tls_new(struct guest_tls **out,
                                        const struct guest_tls_options *options);
void guest_tls_free(struct guest_tls *tls);

enum guest_tls_state guest_tls_state(const struct guest_tls *tls);

/* Bytes that guest_tls_feed takes now; more once records have been read. */
size_t guest_tls_room(const struct guest_tls *tls);

/*
 * Takes bytes from the server, at most guest_tls_room, and goes on with the handshake.
 * Returns, with the reason in *why:
 *   RDV_ERR_AUTH     the server refuses the identity or the key
 *   RDV_ERR_ABSENT   it has no secure element of this name
 *   RDV_ERR_BUSY     it could not serve
 *   RDV_ERR_VERSION  it does not speak what `alpn` names
 *   RDV_ERR_FORMAT   these are not bytes of TLS
 *   RDV_ERR_TLS      anything else
 *   RDV_ERR_NOMEM
 */
RDV_MUST_USE enum rdv_err guest_tls_feed(struct guest_tls *tls, struct rdv_span bytes,
                                         struct rdv_why *why);

/* Appends the data of the next record (room for RDV_TLS_PLAIN_MAX is needed).
 * Returns: RDV_ERR_ABSENT when no record is whole, RDV_ERR_CLOSED behind close_notify, and the
 * errors of guest_tls_feed. */
RDV_MUST_USE enum rdv_err guest_tls_read(struct guest_tls *tls, struct rdv_buf *out,
                                         struct rdv_why *why);

/* Encrypts data, as one record for every RDV_TLS_PLAIN_MAX bytes. Returns: RDV_ERR_TLS,
 * RDV_ERR_NOMEM, RDV_ERR_LIMIT (too much waits to be sent: nothing was added). */
RDV_MUST_USE enum rdv_err guest_tls_write(struct guest_tls *tls, struct rdv_span data);

/* Says close_notify, once. */
void guest_tls_close(struct guest_tls *tls);

/* Bytes to send: the caller consumes from it. */
struct rdv_buf *guest_tls_output(struct guest_tls *tls);

/* A value that only the two ends of this session know: the exporter of RFC 8446 section 7.5 with
 * label "rdv acp" and no context. Returns: RDV_ERR_STATE until the session is open. */
RDV_MUST_USE enum rdv_err guest_tls_export(const struct guest_tls *tls,
                                           uint8_t out[GUEST_TLS_EXPORT_BYTES]);

/* Name of the cipher suite. */
const char *guest_tls_suite(const struct guest_tls *tls);

#endif
