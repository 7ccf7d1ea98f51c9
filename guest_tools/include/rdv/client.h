/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secure element's client that waits for its answers: a session (session.h) over TCP, or over
 * whatever the caller has. It belongs to one thread at a time; two clients share nothing. The
 * library prints nothing, logs nothing and never ends the process.
 */
#ifndef RDV_CLIENT_H
#define RDV_CLIENT_H

#include <rdv/session.h>

#define RDV_TIMEOUT_DEFAULT 30000              /* milliseconds */
#define RDV_IDENTITY_DEFAULT "Client_identity" /* of a URI that names none: as published */

/* --- moving bytes ----------------------------------------------------------------------------- */

/* One exchange: some of `out` is sent, or some bytes are received, or both. */
struct rdv_exchange {
    const uint8_t *out;
    size_t n_out; /* may be 0 */
    uint8_t *in;
    size_t n_in; /* room; may be 0 */
    int timeout_ms;
    size_t sent, received; /* the result */
};

/* A connection that somebody else has made. */
struct rdv_transport {
    void *user;
    /* Waits until bytes have moved in one direction at least.
     * Returns: RDV_OK, RDV_ERR_TIMEOUT, RDV_ERR_CLOSED (the other side has ended), RDV_ERR_IO. */
    enum rdv_err (*exchange)(void *user, struct rdv_exchange *x);
    void (*close)(void *user); /* called once, by rdv_client_close; may be NULL */
};

/* --- life ------------------------------------------------------------------------------------- */

struct rdv_client;

struct rdv_client_options {
    enum rdv_language language;
    int timeout_ms;       /* most for the connection, and for each answer; 0: the default */
    const char *psk_file; /* for a URI without a key: 64 hex digits, readable by its owner only */
    /* The same, asked for when there is neither. What it returns but RDV_OK ends the call. */
    enum rdv_err (*psk)(void *user, const struct rdv_uri *where, uint8_t psk[RDV_PSK_BYTES]);
    void *user;
    const struct rdv_transport *transport; /* copied; NULL: TCP to the URI's host */
    const char *suite;                     /* NULL: TLS_AES_128_CCM_SHA256 */
    /* A descriptor, for the life of the client: once it is readable, all waiting over TCP ends as
     * if the server had closed the connection. NULL: there is none. */
    const int *stop;
};

/*
 * Connects and logs in. options may be NULL: text, and the key is in the URI. Record and command of
 * the URI are ignored. On failure the transport is closed.
 * Returns: RDV_ERR_USAGE (no key, no address), RDV_ERR_ABSENT (no such host, or no such secure
 * element), RDV_ERR_CLOSED (nobody listens), RDV_ERR_TIMEOUT, RDV_ERR_IO, RDV_ERR_EXPOSED and
 * others of the key file, and those of rdv_session_receive; the reason is in *why, which may be
 * NULL.
 */
RDV_MUST_USE enum rdv_err rdv_client_open(struct rdv_client **out, const struct rdv_uri *where,
                                          const struct rdv_client_options *options,
                                          struct rdv_why *why);

/* Says goodbye, as far as that takes no waiting, and frees. c may be NULL. */
void rdv_client_close(struct rdv_client *c);

/* Reads a key file: see psk_file. Returns: RDV_ERR_ABSENT, RDV_ERR_EXPOSED, RDV_ERR_FORMAT,
 * RDV_ERR_LIMIT, RDV_ERR_WEAK (all zero), RDV_ERR_IO; the reason is in *why, which may be NULL. */
RDV_MUST_USE enum rdv_err rdv_psk_read(uint8_t psk[RDV_PSK_BYTES], const char *path,
                                       struct rdv_why *why);

/* Why the last call on c failed, in words, valid until the next one; "" if it did not. */
const char *rdv_client_why(const struct rdv_client *c);

/* --- requests ----------------------------------------------------------------------------------
 */

/* Looks, without waiting, whether the server has ended the session. Nothing may be unanswered. */
bool rdv_client_is_open(struct rdv_client *c);

/* The session, to ask several things before waiting. */
struct rdv_session *rdv_client_session(struct rdv_client *c);

/*
 * Waits for the next answer. One that does not come in time breaks the session.
 * Returns: RDV_OK, and what became of the request is in out->err; when nothing is unanswered, what
 * broke the session, or RDV_ERR_STATE.
 */
RDV_MUST_USE enum rdv_err rdv_client_wait(struct rdv_client *c, struct rdv_answer *out);

/* Asks a line and waits. Returns: out->err, or what rdv_session_say does. */
RDV_MUST_USE enum rdv_err rdv_client_say(struct rdv_client *c, const char *line, size_t n,
                                         struct rdv_answer *out);

/*
 * Calls a method and waits. Nothing else may be unanswered. Everything a card can do is done so;
 * docs/protocol.md and `!help` name the methods.
 *
 *   const struct rdv_param sign[] = { RDV_NUMBER("key", 3), RDV_BYTES("data", digest, 32), RDV_END
 * };
 *
 *   err = rdv_client_call(c, "key sign", sign, &answer);
 *
 * Returns: out->err, or what rdv_session_call does.
 */
RDV_MUST_USE enum rdv_err rdv_client_call(struct rdv_client *c, const char *method,
                                          const struct rdv_param *params, struct rdv_answer *out);

#endif
