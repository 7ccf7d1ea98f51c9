/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session with a secure element, without I/O: for programs with a loop of their own. The caller
 * carries bytes between it and a connection; client.h does so over TCP, and is what most want.
 *
 * Requests are answered in order, and each exactly once: by the card, or, when the session breaks,
 * with an error that says whether the card may have acted. A session belongs to one thread at a
 * time; two sessions share nothing.
 */
#ifndef RDV_SESSION_H
#define RDV_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdv/err.h>
#include <rdv/uri.h>
#include <rdv/value.h>

#define RDV_REQUESTS_MAX 256 /* unanswered at once */
#define RDV_LINE_BYTES 16382 /* of one line of the text languages */

enum rdv_language {
    RDV_LINES,    /* of TLS-SE, and of `!` words */
    RDV_REQUESTS, /* of docs/protocol.md, Programs: chosen by ALPN "rdv/1" */
};

struct rdv_session;

struct rdv_session_options {
    const char *sen;
    const char *identity;
    const uint8_t *psk; /* RDV_PSK_BYTES, borrowed for the call */
    enum rdv_language language;
    const char *suite; /* NULL: TLS_AES_128_CCM_SHA256 */
};

/* Returns: RDV_ERR_LIMIT (the identity is too long), RDV_ERR_RANGE (no such suite), RDV_ERR_NOMEM,
 * RDV_ERR_TLS. */
RDV_MUST_USE enum rdv_err rdv_session_new(struct rdv_session **out,
                                          const struct rdv_session_options *options);
/* s may be NULL. Without rdv_session_close before, the server is not told. */
void rdv_session_free(struct rdv_session *s);

/* --- the connection's side -------------------------------------------------------------------- */

/* Bytes to send, valid until the next call on s; *bytes may be NULL when there are none. */
size_t rdv_session_to_send(const struct rdv_session *s, const uint8_t **bytes);
/* So many of them were handed to the connection. */
void rdv_session_sent(struct rdv_session *s, size_t n);

/* How many received bytes it takes now. When it is 0, answers must be taken first. */
size_t rdv_session_room(const struct rdv_session *s);
/*
 * Takes bytes, at most that many.
 * Returns: RDV_ERR_AUTH, RDV_ERR_ABSENT (no secure element of that name), RDV_ERR_BUSY,
 * RDV_ERR_VERSION (it does not speak the language), RDV_ERR_FORMAT (not TLS), RDV_ERR_TLS,
 * RDV_ERR_NOMEM: the session is broken then.
 */
RDV_MUST_USE enum rdv_err rdv_session_receive(struct rdv_session *s, const uint8_t *bytes,
                                              size_t n);

/* The connection has ended or failed: so must the session. why is a line of text. */
void rdv_session_break(struct rdv_session *s, enum rdv_err err, const char *why);

/* Says goodbye to the server: there is one last thing to send. No request may follow. */
void rdv_session_close(struct rdv_session *s);

/* --- requests and answers --------------------------------------------------------------------- */

/* True from the end of the handshake, until the session breaks. */
bool rdv_session_is_open(const struct rdv_session *s);

/*
 * Asks with a line, without its end. *request, which may be NULL, is its number.
 * Returns: RDV_ERR_STATE (not open, or another language), RDV_ERR_FORMAT (empty, or a line feed in
 * a command that carries no raw bytes), RDV_ERR_LIMIT (longer than RDV_LINE_BYTES, or too much
 * waits for answers or to be sent: nothing was asked), RDV_ERR_TLS, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_session_say(struct rdv_session *s, const char *line, size_t n,
                                          uint32_t *request);

/*
 * Asks by a method: a command of `!help` without its mark, or "put", "get". params, which may be
 * NULL, end with RDV_END.
 * Returns: RDV_ERR_STATE (not open, or another language), RDV_ERR_RANGE (a name of more than 64
 * bytes, a parameter of a kind that none has), RDV_ERR_LIMIT (a request too long, or too much waits
 * for answers or to be sent: nothing was asked), RDV_ERR_TLS, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_session_call(struct rdv_session *s, const char *method,
                                           const struct rdv_param *params, uint32_t *request);

struct rdv_answer {
    uint32_t request;
    /*
     * RDV_OK, or why it was refused: RDV_ERR_REFUSED of TLS-SE, which tells no reason, or what the
     * card said. When the session broke before the answer came: RDV_ERR_OUTCOME if the card may
     * have changed something, and what broke the session if it cannot have.
     */
    enum rdv_err err;
    /* All of these are valid until the next call on s. */
    const uint8_t *bytes; /* to a line: without the last line end, and the line that closes words */
    size_t n;
    struct rdv_value result;  /* to a method: a map */
    struct rdv_value refusal; /* what it says apart from the words: right, record, limit ... */
    const char *why;          /* "" unless err */
};

/*
 * The next answer.
 * Returns: RDV_ERR_SHORT when more bytes must be received first; and, once every request has its
 * answer, what broke the session.
 */
RDV_MUST_USE enum rdv_err rdv_session_next(struct rdv_session *s, struct rdv_answer *out);

/* Requests without an answer. */
size_t rdv_session_unanswered(const struct rdv_session *s);

/* Why the session broke, in words; "" if it did not. */
const char *rdv_session_why(const struct rdv_session *s);

/* A value that only the two ends of this session know (RFC 8446 section 7.5, label "rdv acp"): 32
 * bytes. Returns: RDV_ERR_STATE until the session is open. */
RDV_MUST_USE enum rdv_err rdv_session_export(const struct rdv_session *s, uint8_t out[32]);

#endif
