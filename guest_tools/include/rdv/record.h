/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a secure element, and signatures of its keys, by a client that speaks RDV_REQUESTS. */
#ifndef RDV_RECORD_H
#define RDV_RECORD_H

#include <rdv/client.h>

#define RDV_CONTENT_MAX (1024 * 1024) /* bytes; a card may be set to take less */
#define RDV_TYPE_MAX 127
#define RDV_ONCE_MAX 32
#define RDV_SIGNATURE_MAX 256 /* bytes: ECDSA in DER takes 72 at most, RSA-2048 all of them */

/*
 * All: wait for the answer; nothing else may be unanswered. Return what the card refuses with
 * (RDV_ERR_DENIED, RDV_ERR_LIMIT, RDV_ERR_FULL, RDV_ERR_READONLY ...) or rdv_client_call does;
 * rdv_client_why tells more.
 */

/* --- posting ---------------------------------------------------------------------------------- */

struct rdv_put_options {
    const char *type; /* a media type, at most RDV_TYPE_MAX bytes; NULL: none */
    /*
     * 1 to RDV_ONCE_MAX bytes that make the post safe to repeat: the same bytes again, with the
     * same record, type and content, get the same answer and change nothing. After RDV_ERR_OUTCOME
     * open another client and post again with them. NULL: none.
     */
    const void *once;
    size_t n_once;
};

/* Fills in bytes that no post had before. */
void rdv_once(uint8_t once[RDV_ONCE_MAX]);

struct rdv_posted {
    uint64_t changed; /* seconds since 1970 */
    uint64_t seq;     /* of its entry in the log: rdv_client_receipt */
};

/*
 * Replaces a record; n 0 clears it. options and out may be NULL.
 * Returns also: RDV_ERR_OUTCOME (the session broke: done or not), RDV_ERR_EXISTS (`once` was used
 * for another post).
 */
RDV_MUST_USE enum rdv_err rdv_client_put(struct rdv_client *c, uint8_t record, const void *content,
                                         size_t n, const struct rdv_put_options *options,
                                         struct rdv_posted *out);

/* --- reading ---------------------------------------------------------------------------------- */

struct rdv_content {
    const uint8_t *bytes; /* valid until the next call on c */
    size_t n;             /* 0: the record is empty, and the rest too */
    char author[65];
    char type[RDV_TYPE_MAX + 1];
    uint64_t changed; /* seconds since 1970 */
};

/* Returns also: RDV_ERR_FORMAT (the answer is not one). */
RDV_MUST_USE enum rdv_err rdv_client_get(struct rdv_client *c, uint8_t record,
                                         struct rdv_content *out);

/* A record that holds something. */
struct rdv_record {
    uint8_t record;
    uint64_t bytes;
    char author[65];
    char type[RDV_TYPE_MAX + 1];
    uint64_t changed;
};

/* The records one may read: rows for rdv_record_read, valid until the next call on c. */
RDV_MUST_USE enum rdv_err rdv_client_list(struct rdv_client *c, struct rdv_items *rows);

/* Reads one. Returns: RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err rdv_record_read(struct rdv_record *out, struct rdv_value row);

/* --- signing ---------------------------------------------------------------------------------- */

/*
 * Signs a digest of at most 32 bytes with a key of the card: ECDSA in DER, or RSA with PKCS #1 v1.5
 * for SHA-256. *n_signature is the room (RDV_SIGNATURE_MAX is enough), then the length.
 * Returns also: RDV_ERR_LIMIT (no room), RDV_ERR_FORMAT (the answer is not one).
 */
RDV_MUST_USE enum rdv_err rdv_client_sign(struct rdv_client *c, uint8_t key, const void *digest,
                                          size_t n, uint8_t *signature, size_t *n_signature);

#endif
