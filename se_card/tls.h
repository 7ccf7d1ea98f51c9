/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The card's TLS 1.3 endpoint (RFC 8446), on memory: records in, records out. External pre-shared
 * keys with (EC)DHE only; suites TLS_AES_128_CCM_SHA256, TLS_AES_128_GCM_SHA256 and
 * TLS_CHACHA20_POLY1305_SHA256; groups P-256 and X25519; no certificates, tickets or early data.
 *
 * Only the first identity a client offers counts: going on to a second one would tell a guest, who
 * can always complete a handshake with its own key, whether the first one exists.
 */
#ifndef RDV_SE_CARD_TLS_H
#define RDV_SE_CARD_TLS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "schema/wire/client_hello.h"

#define SE_TLS_EXPORT_BYTES 32

struct se_tls_server; /* what sessions of one element share */
struct se_tls;        /* one session */

/*
 * Gives the key of the first identity in a ClientHello; always gives one (a random one for a
 * stranger, see se_accounts_login). Called once per session; the hello is borrowed for the call.
 */
typedef void (*se_tls_key_fn)(void *user, struct rdv_key *out,
                              const struct rdv_client_hello *hello);

enum se_tls_state {
    SE_TLS_HANDSHAKE,
    SE_TLS_OPEN,
    SE_TLS_CLOSED, /* the client has sent close_notify, or we have */
    SE_TLS_FAILED, /* an alert waits in the output */
};

/* Once per process, before anything else here. */
RDV_MUST_USE enum rdv_err se_tls_library_init(void);

RDV_MUST_USE enum rdv_err se_tls_server_new(struct se_tls_server **out);
void se_tls_server_free(struct se_tls_server *server);

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_tls_new(struct se_tls **out, struct se_tls_server *server,
                                     se_tls_key_fn key, void *user);
void se_tls_free(struct se_tls *tls);

enum se_tls_state se_tls_state(const struct se_tls *tls);

/*
 * Takes one whole TLS record (or, when its length is over the limit, its header). What must be sent
 * back is appended to se_tls_output.
 * Returns: RDV_ERR_TLS when the session has failed (the state says so too), RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_tls_feed(struct se_tls *tls, struct rdv_span record);

/* Appends the next record's application data to `out` (room for RDV_TLS_PLAIN_MAX is needed).
 * Returns: RDV_ERR_ABSENT when there is none, RDV_ERR_TLS, RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_tls_read(struct se_tls *tls, struct rdv_buf *out);

/* Sends data as one record. data.n is 1 to RDV_TLS_PLAIN_MAX. Returns: RDV_ERR_TLS, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err se_tls_write(struct se_tls *tls, struct rdv_span data);

/* A value that only the two ends of this session know: the exporter of RFC 8446 section 7.5 with
 * label "rdv acp" and no context. Returns: RDV_ERR_STATE until the session is open. */
RDV_MUST_USE enum rdv_err se_tls_export(const struct se_tls *tls, uint8_t out[SE_TLS_EXPORT_BYTES]);

/* Sends close_notify, once. */
void se_tls_close(struct se_tls *tls);

/* True once open, for a client that has offered RDV_RPC_PROTOCOL (ALPN, RFC 7301): it speaks CBOR.
 * One that has offered none, or only others, speaks lines: TLS-SE has no name for those, and takes
 * no notice of what is offered. */
bool se_tls_is_of_programs(const struct se_tls *tls);

/* Records to send: the caller consumes from it. */
struct rdv_buf *se_tls_output(struct se_tls *tls);

/* What went wrong, for the log: never NULL. */
const char *se_tls_reason(const struct se_tls *tls);

#endif
